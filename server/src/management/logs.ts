// Owns GET /api/v1/logs: the System Log, searched in a stretch of time or followed by polling.
// Not here: what a filter may name and how the pages join (core/system-log-search.ts).
import { z } from 'zod';
import { fromIso } from '../base/time.ts';
import { invalid } from '../core/refusal.ts';
import { type LogQuery, searchLog } from '../core/system-log-search.ts';
import { linkTo, openCursor, sealCursor } from '../http/paging.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { logEvent, logQuery } from './logs.schema.ts';

const LIST = 'logs';
const DEFAULT_LIMIT = 100;
const MOST = 1000;
const MOST_KEYWORDS = 10;
const KEYWORD_LENGTH = 40;

type Query = z.output<typeof logQuery>;

export const logRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/logs',
    operationId: 'listLogEvents',
    summary: 'List System Log events',
    tags: ['SystemLog'],
    access: 'okta.logs.read',
    query: logQuery,
    responses: { 200: z.array(logEvent) },
    async handle({ env, query, request }) {
      const wanted = readQuery(query, query.after ? openCursor(env, query.after, LIST) : null);
      const { events, next } = await searchLog(env, wanted);
      const response = json(events);
      response.headers.append('link', linkTo(env, request, 'self', wanted.limit, null));
      // The cursor holds the place: `since` beside it would say it twice.
      if (next !== null)
        response.headers.append(
          'link',
          linkTo(env, request, 'next', wanted.limit, sealCursor(env, next, LIST), ['since']),
        );
      return response;
    },
  }),
];

function readQuery(query: Query, after: string | null): LogQuery {
  if (query.after && query.since) throw invalid("'after': The parameter cannot be used together with 'since'");
  const [since, until] = [readTime('since', query.since), readTime('until', query.until)];
  if (since !== null && until !== null && since > until) throw invalid("'until': The date must not be before 'since'");
  return {
    since,
    until,
    after,
    order: readOrder(query.sortOrder),
    filter: query.filter || null,
    keywords: readKeywords(query.q),
    limit: readLimit(query.limit),
  };
}

function readTime(name: 'since' | 'until', text: string | undefined): number | null {
  if (!text) return null;
  const time = fromIso(text);
  if (time === null) throw invalid(`'${name}': The date format in your query is not recognized`);
  return time;
}

function readOrder(text: string | undefined): LogQuery['order'] {
  const order = (text || 'ASCENDING').toUpperCase();
  if (order !== 'ASCENDING' && order !== 'DESCENDING')
    throw invalid("'sortOrder': The order must be ASCENDING or DESCENDING");
  return order;
}

function readLimit(text: string | undefined): number {
  if (!text) return DEFAULT_LIMIT;
  const limit = Number(text);
  if (!/^\d{1,9}$/.test(text) || limit > MOST)
    throw invalid(`'limit': The limit must be a whole number from 0 to ${MOST}`);
  return limit;
}

function readKeywords(text: string | undefined): string[] {
  const words = (text ?? '').split(/\s+/).filter((word) => word !== '');
  if (words.length > MOST_KEYWORDS || words.some((word) => word.length > KEYWORD_LENGTH))
    throw invalid(`'q': At most ${MOST_KEYWORDS} keywords of at most ${KEYWORD_LENGTH} characters each`);
  return words;
}
