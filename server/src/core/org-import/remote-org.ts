// Owns asking another org over its management API: one GET at a time, page after page, no faster than it allows. The token goes to
// the origin that was named and nowhere else, whatever a Link header says. Not here: what is asked (read-org.ts).
import { MINUTE, SECOND } from '../../base/time.ts';
import { EgressError, guardedFetch } from '../egress.ts';
import type { Env } from '../env.ts';

export type Json = Record<string, unknown>;

export type RemoteOrg = {
  /** Null: the org does not have it, or does not show it to this token. */
  get(path: string): Promise<Json | null>;
  /** All pages. Null as above. */
  list(path: string): Promise<Json[] | null>;
};

/** The other org cannot be read; the message says why, for the person who runs the import. */
export class RemoteOrgError extends Error {
  override name = 'RemoteOrgError';
}

type Options = {
  /** Its origin. */
  from: string;
  token: string;
  wait(milliseconds: number): Promise<void>;
  note(text: string): void;
};

const TIMEOUT = 30 * SECOND;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_ATTEMPTS = 10;
/** Answers to a question for what an org does not have, or a token may not see. */
const ABSENT = [400, 403, 404, 405, 410, 501];

export function openRemoteOrg(env: Env, options: Options): RemoteOrg {
  const origin = originOf(options.from);
  const ask = (path: string) => request(env, new URL(path, origin), options);
  return {
    async get(path) {
      const answer = await ask(path);
      return answer === null ? null : (answer.body as Json);
    },
    async list(path) {
      const items: Json[] = [];
      let next: string | null = path;
      while (next !== null) {
        const answer: Answer | null = await ask(next);
        if (answer === null) {
          if (next === path) return null;
          throw new RemoteOrgError(`${origin}${path}: A page of the list is missing`);
        }
        if (!Array.isArray(answer.body)) throw new RemoteOrgError(`${origin}${path}: The answer is not a list`);
        items.push(...(answer.body as Json[]));
        next = nextOf(answer.link, origin);
      }
      return items;
    },
  };
}

function originOf(from: string): string {
  const url = URL.parse(from);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new RemoteOrgError('--from is the URL of an org, such as https://example.okta.com');
  return url.origin;
}

type Answer = { body: unknown; link: string };

async function request(env: Env, url: URL, { token, wait, note }: Options): Promise<Answer | null> {
  for (let attempt = 1; ; attempt++) {
    const { status, text, headers = {} } = await fetched(env, url, token);
    if (status === 200) return { body: parsed(text, url), link: [headers.link ?? ''].flat().join(', ') };
    if (ABSENT.includes(status)) return null;
    if (status === 401) throw new RemoteOrgError(`${url.origin} does not accept the token`);
    if ((status !== 429 && status < 500) || attempt === MOST_ATTEMPTS)
      throw new RemoteOrgError(`${url.origin}${url.pathname} answers ${status}`);
    const pause = status === 429 ? untilReset(env, headers['x-rate-limit-reset']) : attempt * SECOND;
    if (status === 429) note(`${url.origin} asks to wait: going on in ${Math.ceil(pause / SECOND)} s\n`);
    await wait(pause);
  }
}

async function fetched(env: Env, url: URL, token: string) {
  const scheme = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? 'Bearer' : 'SSWS';
  try {
    return await guardedFetch(env, url.href, {
      headers: { accept: 'application/json', authorization: `${scheme} ${token}`, 'user-agent': 'gatehouse-import' },
      timeout: TIMEOUT,
      maxBytes: MOST_BYTES,
    });
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    throw new RemoteOrgError(
      `${url.origin} cannot be reached: ${error.message}. A private address must be listed in EGRESS_ALLOW`,
    );
  }
}

function parsed(text: string, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RemoteOrgError(`${url.origin}${url.pathname}: The answer is not JSON`);
  }
}

/** The header tells the second at which asking is allowed again. */
function untilReset(env: Env, header: string | string[] | undefined): number {
  const reset = Number([header].flat()[0]) * SECOND - env.now();
  return Number.isFinite(reset) ? Math.min(Math.max(reset, SECOND), 2 * MINUTE) : 10 * SECOND;
}

function nextOf(link: string, origin: string): string | null {
  const next = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link)?.[1];
  if (next === undefined) return null;
  const url = URL.parse(next, origin);
  if (!url || url.origin !== origin) throw new RemoteOrgError(`The next page of a list is not at ${origin}`);
  return `${url.pathname}${url.search}`;
}
