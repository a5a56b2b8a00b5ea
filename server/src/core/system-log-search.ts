// Owns reading the System Log: its filter attributes, its keyword search and its two ways of paging. Not here: the query's
// spelling and the links (management/logs.ts), writing events (system-log.ts).
//
// A bounded query walks a finished stretch; a polling one follows the log's end for ever. Events become visible when their
// transaction commits, so one with an earlier sequence can appear after a later one was read. A polling cursor therefore stops
// at a floor a little in the past and names the events after it that were delivered already.
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Filter } from '../base/filter-expression.ts';
import { DAY, SECOND } from '../base/time.ts';
import type { Env } from './env.ts';
import { type FilterAttribute, type FilterAttributes, filterToSql, parseFilter } from './filter.ts';
import { invalid } from './refusal.ts';
import { completeEvent, type StoredEvent, sequenceAt } from './system-log.ts';

export type LogQuery = {
  /** Epoch milliseconds; null: seven days before `until`. */
  since: number | null;
  /** Epoch milliseconds, included; null: now. */
  until: number | null;
  /** The cursor of the page before this one. */
  after: string | null;
  order: 'ASCENDING' | 'DESCENDING';
  filter: string | null;
  keywords: readonly string[];
  limit: number;
};

export type LogPage = {
  events: Record<string, unknown>[];
  /** The next page's cursor; null at the end of a bounded query. */
  next: string | null;
};

const DEFAULT_STRETCH = 7 * DAY;
const OLDEST_SINCE = 180 * DAY;
/** The longest that a transaction may take from writing its event to its commit, for a poller to miss nothing. */
const COMMIT_TIME = 2 * SECOND;
/** How many delivered events a cursor names at most, since it travels in a URL. */
const MOST_NAMED = 200;
/** Events have up to this many targets that a filter looks at. */
const TARGETS = 4;

type LogRow = { sequence: string } & Parameters<typeof completeEvent>[0];

/** One page of the log. Throws E0000031 for a bad filter, E0000001 for a stretch too old. */
export async function searchLog(env: Env, query: LogQuery): Promise<LogPage> {
  const now = env.now();
  const since = query.since ?? (query.until ?? now) - DEFAULT_STRETCH;
  if (since < now - OLDEST_SINCE) throw invalid("'since': The date must be within the last 180 days");
  const conditions = conditionsOf(query);
  return query.until === null && query.order === 'ASCENDING'
    ? poll(env, query, since, conditions)
    : readStretch(env, query, since, conditions);
}

async function readStretch(
  env: Env,
  { until, after, order, limit }: LogQuery,
  since: number,
  conditions: Expression<SqlBool>[],
): Promise<LogPage> {
  const ascending = order === 'ASCENDING';
  let select = logRows(env, conditions)
    .where('sequence', '>=', sequenceAt(since))
    .where('sequence', '<', sequenceAt((until ?? env.now()) + 1))
    .orderBy('sequence', ascending ? 'asc' : 'desc')
    .limit(limit + 1);
  if (after !== null) select = select.where('sequence', ascending ? '>' : '<', parseCursor(after).floor);
  const rows = await select.execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { events: shown.map(completeEvent), next: rows.length > limit && last ? last.sequence : null };
}

async function poll(env: Env, query: LogQuery, since: number, conditions: Expression<SqlBool>[]): Promise<LogPage> {
  const { floor, named } = query.after === null ? { floor: sequenceAt(since), named: [] } : parseCursor(query.after);
  const most = query.limit + named.length;
  const rows: LogRow[] = await logRows(env, conditions)
    .where('sequence', '>', floor)
    .orderBy('sequence')
    .limit(most)
    .execute();
  const isNamed = (row: LogRow) => named.includes(nameOf(row));
  const fresh = rows.filter((row) => !isNamed(row)).slice(0, query.limit);
  // Above the last row of a full page there may be rows that were not read.
  const readUpTo = rows.length < most ? null : (fresh.at(-1)?.sequence ?? floor);
  const settled = sequenceAt(env.now() - COMMIT_TIME);
  const delivered = rows.filter((row) => isNamed(row) || fresh.includes(row));
  const unread = named.filter((name) => !rows.some((row) => nameOf(row) === name));
  const next = cursorAbove(floor, readUpTo !== null && readUpTo < settled ? readUpTo : settled, delivered, unread);
  return { events: fresh.map(completeEvent), next };
}

/** The cursor that stands at `floor`, or higher when nothing can appear below `reached` any more. */
function cursorAbove(floor: string, reached: string, delivered: LogRow[], unread: string[]): string {
  const lowest = reached > floor ? reached : floor;
  const above = delivered.filter(({ sequence }) => sequence > lowest);
  // Too many to name: the floor rises over the oldest of them.
  const unnamed = above.slice(0, Math.max(0, above.length - MOST_NAMED));
  const names = above.slice(unnamed.length).map(nameOf);
  return [unnamed.at(-1)?.sequence ?? lowest, ...names, ...unread].join('~');
}

function parseCursor(cursor: string): { floor: string; named: string[] } {
  const [floor = '', ...named] = cursor.split('~');
  return { floor, named };
}

function nameOf({ uuid }: LogRow): string {
  return uuid.slice(0, 8);
}

function logRows(env: Env, conditions: Expression<SqlBool>[]) {
  return env.db
    .selectFrom('system_log')
    .select(['sequence', 'uuid', 'published', 'severity', 'outcome_result', 'event'])
    .$narrowType<{ event: StoredEvent }>()
    .where((eb) => eb.and(conditions));
}

function conditionsOf({ filter, keywords }: LogQuery): Expression<SqlBool>[] {
  const words = keywords.map((word) => contains(sql`cast(${sql.ref('event')} as text)`, word));
  if (filter === null) return words;
  const parsed = parseFilter(filter);
  return [filterToSql(parsed, { ...attributes, ...debugAttributesOf(parsed) }), ...words];
}

/** What an event tells for the reader's eyes has no fixed members: a filter may name any. */
function debugAttributesOf(filter: Filter): FilterAttributes {
  if (filter.kind !== 'test') return Object.assign({}, ...filter.parts.map(debugAttributesOf));
  const member = /^debugContext\.debugData\.(\w{1,64})$/.exec(filter.attribute)?.[1];
  return member ? { [filter.attribute]: memberAttribute(['debugContext', 'debugData', member]) } : {};
}

function contains(text: RawBuilder<unknown>, word: string): Expression<SqlBool> {
  const given = sql`lower(cast(${word} as text))`;
  return sql<SqlBool>`replace(lower(${text}), ${given}, '') <> lower(${text})`;
}

const operators = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'pr', 'sw', 'co', 'ew'] as const;

const columns: FilterAttributes = {
  uuid: { column: sql.ref('uuid'), kind: 'exact', operators },
  eventType: { column: sql.ref('event_type'), kind: 'exact', operators },
  severity: { column: sql.ref('severity'), kind: 'exact', operators },
  'outcome.result': { column: sql.ref('outcome_result'), kind: 'exact', operators },
  'actor.id': { column: sql.ref('actor_id'), kind: 'exact', operators },
};

/** Members of the event that have no column of their own. */
const members = [
  'actor.type',
  'actor.alternateId',
  'actor.displayName',
  'authenticationContext.externalSessionId',
  'client.ipAddress',
  'client.userAgent.rawUserAgent',
  'displayMessage',
  'outcome.reason',
  'transaction.id',
];

/** What every event says alike is added when it is read, and compared as if it were stored. */
const constants: Readonly<Record<string, string | null>> = {
  'client.device': 'Unknown',
  'client.id': null,
  'client.userAgent.browser': 'UNKNOWN',
  'client.userAgent.os': 'Unknown',
  'client.zone': 'null',
  legacyEventType: null,
  'transaction.type': 'WEB',
  version: '0',
};

const targetMembers = ['id', 'type', 'alternateId', 'displayName'];

const attributes: FilterAttributes = {
  ...columns,
  ...Object.fromEntries(members.map((path) => [path, memberAttribute(path.split('.'))])),
  ...Object.fromEntries(
    Object.entries(constants).map(([path, value]) => [
      path,
      { column: sql`cast(${sql.lit(value)} as text)`, kind: 'text' as const, operators },
    ]),
  ),
  'authenticationContext.rootSessionId': memberAttribute(['authenticationContext', 'externalSessionId']),
  ...Object.fromEntries(targetMembers.map((name) => [`target.${name}`, targetAttribute(name)])),
};

function memberAttribute(path: string[]): FilterAttribute {
  return { column: memberOf(path), kind: 'text', operators };
}

/** True when any of the targets passes the test. */
function targetAttribute(name: string): FilterAttribute {
  return {
    operators: operators.filter((operator) => operator !== 'ne'),
    compile: (operator, value) => {
      const perTarget = Array.from({ length: TARGETS }, (_, index) => {
        const column = memberOf(['target', index, name]);
        return filterToSql(
          { kind: 'test', attribute: name, operator, value },
          { [name]: { column, kind: 'text', operators } },
        );
      });
      return sql<SqlBool>`(${sql.join(perTarget, sql` or `)})`;
    },
  };
}

/** The text of a member, spelled alike for both databases; null when it is not there. */
function memberOf(path: (string | number)[]): RawBuilder<unknown> {
  const steps = path.map((step, index) => sql`${sql.raw(index === path.length - 1 ? '->>' : '->')} ${sql.lit(step)}`);
  return sql`(${sql.ref('event')} ${sql.join(steps, sql` `)})`;
}
