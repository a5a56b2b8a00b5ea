// Owns the few kinds of answer that handlers give. Not here: pages (page.ts) and errors.
import { answerOf } from './answer.ts';

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return answerOf(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

export function noContent(): Response {
  return empty(204);
}

/** A status that says it all, with headers. */
export function empty(status: number, headers: Record<string, string> = {}): Response {
  return answerOf(null, { status, headers });
}

/** 302 to a place that the caller has proven to be allowed, or to a path of this server. */
export function redirect(location: string, headers: Record<string, string> = {}): Response {
  return empty(302, { location, ...headers });
}
