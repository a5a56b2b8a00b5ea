// Owns lists that are one member of an object, with the link to the next page among its `_links`, as the paths under /api/v1/iam
// have them. Not here: lists that are the whole answer (http/paging.ts).
import { z } from 'zod';
import type { Env } from '../core/env.ts';
import { linkTo, type Page, readPage, sealCursor } from '../http/paging.ts';
import { json } from '../http/reply.ts';

const LIMITS = { default: 100, most: 200 };

export const links = z.record(z.string(), z.unknown());

export const embeddedPageQuery = z.object({ after: z.string().optional(), limit: z.string().optional() });

/** One row more than is shown, so that there is a next page exactly when there are more rows. */
export function readEmbeddedPage(
  env: Env,
  query: z.output<typeof embeddedPageQuery>,
  list: string,
): { page: Page; fetch: Page } {
  const page = readPage(env, query, list, LIMITS);
  return { page, fetch: { ...page, limit: page.limit + 1 } };
}

export function embeddedPage<R>(
  env: Env,
  request: Request,
  { list, member, page, rows, more }: { list: string; member: string; page: Page; rows: readonly R[]; more?: object },
  keyOf: (row: R) => string,
  show: (row: R) => unknown,
): Response {
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const next =
    rows.length > page.limit && last !== undefined
      ? { next: { href: addressIn(linkTo(env, request, 'next', page.limit, sealCursor(env, keyOf(last), list))) } }
      : {};
  return json({ [member]: shown.map(show), _links: { ...more, ...next } });
}

function addressIn(link: string): string {
  return link.slice(1, link.indexOf('>'));
}
