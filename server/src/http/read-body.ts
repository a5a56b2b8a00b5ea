// Owns reading a request's body within a limit, as JSON or as a form. Not here: what the fields mean.
import { Refusal } from '../core/refusal.ts';
import { formWithoutNullCharacters, isStorable } from './null-character.ts';

const JSON_LIMIT_BYTES = 1_048_576;
const FORM_LIMIT_BYTES = 131_072;

/** The body is larger than this server reads. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/** Parsed JSON; undefined for an empty body. Throws E0000003 for malformed JSON, E0000021 for another media type. */
export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request, JSON_LIMIT_BYTES);
  if (text.trim() === '') return undefined;
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\b/i.test(type)) throw new Refusal('E0000021');
  const value = parsed(text);
  // Only an escape can bring in what no database column holds.
  if (value === undefined || (text.includes('\\u') && !isStorable(value))) throw new Refusal('E0000003');
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The parameters of an `application/x-www-form-urlencoded` body; null when the body is of another type. */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return null;
  return new URLSearchParams(formWithoutNullCharacters(await readText(request, FORM_LIMIT_BYTES)));
}

/** The body as it is. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  refuseAnnounced(request, limit);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  if (request.body)
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > limit) throw new BodyTooLarge();
      parts.push(chunk);
    }
  return new Uint8Array(Buffer.concat(parts));
}

/** Whether the body's length is announced, and within the limit. */
function refuseAnnounced(request: Request, limit: number): boolean {
  const announced = request.headers.get('content-length');
  if (announced !== null && Number(announced) > limit) throw new BodyTooLarge();
  return announced !== null;
}

async function readText(request: Request, limit: number): Promise<string> {
  if (refuseAnnounced(request, limit)) return request.text();
  if (!request.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > limit) throw new BodyTooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
