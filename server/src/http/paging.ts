// Owns paged lists: the limit and cursor that come in, the Link header that goes out (RFC 8288, rel self and next).
// Not here: the query itself. A cursor is signed, so a client can neither forge one nor carry it to another list.
import { z } from 'zod';
import type { Env } from '../core/env.ts';
import { Refusal } from '../core/refusal.ts';
import { json } from './reply.ts';

export type Page = { limit: number; after: string | null };

/** Query fields of a paged list; extend it with the list's own. */
export const pagingQuery = z.object({ limit: z.string().optional(), after: z.string().optional() });

/** Reads limit and cursor. `limit` missing or -1: the default; above the most: the most. Throws E0000029 when malformed. */
export function readPage(
  env: Env,
  query: { limit?: string | undefined; after?: string | undefined },
  list: string,
  limits: { default: number; most: number },
): Page {
  return { limit: readLimit(query.limit, limits), after: query.after ? openCursor(env, query.after, list) : null };
}

function readLimit(given: string | undefined, limits: { default: number; most: number }): number {
  if (given === undefined || given === '' || given === '-1') return limits.default;
  if (!/^\d{1,9}$/.test(given) || Number(given) < 1) throw new Refusal('E0000029');
  return Math.min(Number(given), limits.most);
}

/**
 * The answer of a paged list. Fetch `limit + 1` rows: the extra one says that a next page exists and is not shown.
 * `keyOf` gives the value that the next page begins after.
 */
export function pageOf<R>(
  env: Env,
  request: Request,
  list: string,
  page: Page,
  rows: readonly R[],
  keyOf: (row: R) => string,
  show: (row: R) => unknown,
): Response {
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const links = [linkTo(env, request, 'self', page.limit, null)];
  if (rows.length > page.limit && last !== undefined)
    links.push(linkTo(env, request, 'next', page.limit, sealCursor(env, keyOf(last), list)));
  const response = json(shown.map(show));
  for (const link of links) response.headers.append('link', link);
  return response;
}

/** One Link value: this request's own address with another limit and cursor, and without the query fields of `without`. */
export function linkTo(
  env: Env,
  request: Request,
  rel: 'self' | 'next',
  limit: number,
  after: string | null,
  without: readonly string[] = [],
): string {
  const url = new URL(request.url);
  const query = new URLSearchParams(url.search);
  for (const name of without) query.delete(name);
  if (after !== null) query.set('after', after);
  query.set('limit', String(limit));
  return `<${env.request.origin}${url.pathname}?${query}>; rel="${rel}"`;
}

/** A key of one list as a cursor that only this list accepts. */
export function sealCursor(env: Env, key: string, list: string): string {
  const text = Buffer.from(key, 'utf8').toString('base64url');
  return `${text}.${env.sealer.mac(text, `cursor:${list}`).slice(0, 16)}`;
}

/** The key in a cursor of this list. Throws E0000029 when it is another list's, or forged. */
export function openCursor(env: Env, cursor: string, list: string): string {
  const [text = '', mac = ''] = cursor.split('.');
  if (env.sealer.mac(text, `cursor:${list}`).slice(0, 16) !== mac) throw new Refusal('E0000029');
  return Buffer.from(text, 'base64url').toString('utf8');
}
