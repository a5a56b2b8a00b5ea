// Owns answers in the form that costs least: as much of the web's Response as this server and its tests use, over a list of header
// lines that node:http takes as it is. The web's own costs more than most of what a request asks for. Pages and files may still be
// answered by that. Not here: the kinds of answer (reply.ts) and writing one to the connection (listener.ts).

/** A field value as RFC 9110 section 5.5 has it; node:http would refuse another too, but when nobody can answer any more. */
const UNFIT = /[^\t\x20-\x7e\x80-\xff]/;

/** Header lines; names are told apart without regard to case. */
class HeaderLines {
  /** Names in lower case and values, one after the other. */
  readonly lines: string[] = [];

  constructor(given: Readonly<Record<string, string>>) {
    for (const name in given) this.append(name, given[name] ?? '');
  }

  append(name: string, value: string): void {
    if (UNFIT.test(value)) throw new TypeError(`A value of ${name} has a character that no header can have`);
    this.lines.push(name.toLowerCase(), value);
  }

  set(name: string, value: string): void {
    this.delete(name);
    this.append(name, value);
  }

  /** Null where there is none; lines of one name are joined. */
  get(name: string): string | null {
    const values = this.#valuesOf(name);
    return values.length === 0 ? null : values.join(', ');
  }

  has(name: string): boolean {
    return this.#indexOf(name.toLowerCase()) !== -1;
  }

  delete(name: string): void {
    const wanted = name.toLowerCase();
    for (let at = this.#indexOf(wanted); at !== -1; at = this.#indexOf(wanted)) this.lines.splice(at, 2);
  }

  getSetCookie(): string[] {
    return this.#valuesOf('set-cookie');
  }

  #valuesOf(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.lines.filter((_, at) => at % 2 === 1 && this.lines[at - 1] === wanted);
  }

  #indexOf(wanted: string): number {
    for (let at = 0; at < this.lines.length; at += 2) if (this.lines[at] === wanted) return at;
    return -1;
  }
}

class Answer {
  readonly status: number;
  readonly headers: HeaderLines;
  readonly content: string | null;

  constructor(status: number, headers: HeaderLines, content: string | null) {
    this.status = status;
    this.headers = headers;
    this.content = content;
  }

  async text(): Promise<string> {
    return this.content ?? '';
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.content ?? '');
  }
}

// So that `instanceof Response` is true of it.
Object.setPrototypeOf(Answer.prototype, Response.prototype);

/** An answer of this content; null: none. It is a Response for whoever makes and reads answers in this server, and nowhere else. */
export function answerOf(
  content: string | null,
  { status, headers }: { status: number; headers: Readonly<Record<string, string>> },
): Response {
  return new Answer(status, new HeaderLines(headers), content) as unknown as Response;
}

/** What to write of an answer that answerOf made; null for another. */
export function writtenForm(response: Response): { lines: string[]; content: string | null } | null {
  const answer: unknown = response;
  return answer instanceof Answer ? { lines: answer.headers.lines, content: answer.content } : null;
}
