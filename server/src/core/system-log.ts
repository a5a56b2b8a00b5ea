// Owns the System Log: what an event is, and its writing in the caller's transaction, so that an event exists exactly when what
// it reports does. Not here: its filter language and the route (management/logs.ts).
import type { Insertable } from 'kysely';
import { toIso } from '../base/time.ts';
import { newUuid } from '../base/uuid.ts';
import { type Prepared, prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import { type Row, type Tables, tables } from '../storage/tables.ts';
import type { Actor, Env } from './env.ts';
import { enqueueEvents } from './event-outbox.ts';

export type LogTarget = {
  id: string;
  type: string;
  alternateId: string;
  displayName: string;
  detailEntry?: Record<string, unknown> | null;
};

export type LogEntry = {
  /** A name of Okta's catalogue, such as `user.session.start`. */
  eventType: string;
  displayMessage: string;
  outcome?: { result: 'SUCCESS' | 'FAILURE' | 'SKIPPED' | 'ALLOW' | 'DENY' | 'CHALLENGE' | 'UNKNOWN'; reason?: string };
  severity?: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** Who did it; by default the caller of the management API, or the system itself. */
  actor?: Actor;
  target?: LogTarget[];
  /** Facts for the reader: never a token, a code, a password or a secret. */
  debugData?: Record<string, unknown>;
  externalSessionId?: string;
};

const SYSTEM: Actor = {
  id: 'system',
  type: 'SystemPrincipal',
  alternateId: 'system@gatehouse',
  displayName: 'Gatehouse',
};

/** Writes events, in order. Call it with the env of the transaction that does what they report. */
export async function record(env: Env, ...entries: LogEntry[]): Promise<void> {
  const published = env.now();
  const rows = entries.map((entry) => {
    const actor = entry.actor ?? env.actor ?? SYSTEM;
    const outcome = entry.outcome ?? { result: 'SUCCESS' as const };
    const severity = entry.severity ?? (outcome.result === 'FAILURE' || outcome.result === 'DENY' ? 'WARN' : 'INFO');
    return {
      uuid: newUuid(env.random),
      sequence: nextSequence(env, published),
      published,
      event_type: entry.eventType,
      outcome_result: outcome.result,
      severity,
      actor_id: actor.id,
      event: describe(env, entry, actor, outcome.reason),
    };
  });
  const written = rows.map((row, index) => numbered({ ...row, event: toJson(row.event) }, index));
  await insertEvents(rows.length)(env.db, Object.assign({}, ...written));
  await enqueueEvents(
    env,
    rows.map((row) => ({ eventType: row.event_type, event: () => completeEvent(row) })),
  );
}

type NewRow = Insertable<Tables['system_log']>;

// One statement for each number of events that come together: which is a handful.
const inserts = new Map<number, Prepared<Record<string, string | number | null>, unknown>>();

function insertEvents(count: number): Prepared<Record<string, string | number | null>, unknown> {
  const known = inserts.get(count);
  if (known) return known;
  const made = prepared((db, values: Record<string, string | number | null>) =>
    db.insertInto('system_log').values(
      Array.from({ length: count }, (_, index) => {
        const columns = COLUMNS.map((column) => [column, values[`${column}${index}`]]);
        return Object.fromEntries(columns) as NewRow;
      }),
    ),
  );
  inserts.set(count, made);
  return made;
}

const COLUMNS = Object.keys(tables.system_log.columns) as (keyof NewRow)[];

function numbered(row: NewRow, index: number): Record<string, string | number | null> {
  return Object.fromEntries(COLUMNS.map((column) => [`${column}${index}`, row[column] ?? null]));
}

/** Sorts before every event of this moment and after all earlier ones. */
export function sequenceAt(milliseconds: number): string {
  return String(milliseconds).padStart(15, '0');
}

// Sorts by time, then by order within this process, then by chance between processes.
function nextSequence(env: Env, published: number): string {
  const counter = env.memory.of('system-log-sequence', () => ({ last: 0 }));
  counter.last = (counter.last + 1) % 1_000_000;
  const chance = Buffer.from(env.random(6)).toString('hex');
  return `${sequenceAt(published)}-${String(counter.last).padStart(6, '0')}-${chance}`;
}

/** What is stored of an event: what varies. completeEvent adds the rest when it is read. */
export type StoredEvent = {
  eventType: string;
  displayMessage: string;
  actor: Actor;
  outcome?: { reason: string };
  client: { userAgent: { rawUserAgent: string }; ipAddress: string };
  authenticationContext?: { externalSessionId: string };
  debugContext: { debugData: Record<string, unknown> };
  transaction: { id: string };
  target: LogTarget[];
};

function describe({ request }: Env, entry: LogEntry, actor: Actor, reason: string | undefined): StoredEvent {
  return {
    eventType: entry.eventType,
    displayMessage: entry.displayMessage,
    actor,
    ...(reason === undefined ? {} : { outcome: { reason } }),
    client: { userAgent: { rawUserAgent: request.userAgent }, ipAddress: request.ip },
    ...(entry.externalSessionId === undefined
      ? {}
      : { authenticationContext: { externalSessionId: entry.externalSessionId } }),
    debugContext: { debugData: { requestId: request.id, requestUri: request.path, ...entry.debugData } },
    transaction: { id: request.id },
    target: entry.target ?? [],
  };
}

type EventRow = Pick<Row<'system_log'>, 'uuid' | 'published' | 'severity' | 'outcome_result'> & { event: StoredEvent };

/** The event as the API shows it (LogEvent of the management API), member for member. */
export function completeEvent({ uuid, published, severity, outcome_result, event }: EventRow): Record<string, unknown> {
  const sessionId = event.authenticationContext?.externalSessionId ?? null;
  const { ipAddress } = event.client;
  return {
    actor: { ...event.actor, detailEntry: null },
    client: {
      userAgent: { ...event.client.userAgent, os: 'Unknown', browser: 'UNKNOWN' },
      zone: 'null',
      device: 'Unknown',
      id: null,
      ipAddress,
      geographicalContext: null,
    },
    device: null,
    authenticationContext: {
      authenticationProvider: null,
      credentialProvider: null,
      credentialType: null,
      issuer: null,
      interface: null,
      authenticationStep: 0,
      rootSessionId: sessionId,
      externalSessionId: sessionId,
    },
    displayMessage: event.displayMessage,
    eventType: event.eventType,
    outcome: { result: outcome_result, reason: event.outcome?.reason ?? null },
    published: toIso(published),
    securityContext: { asNumber: null, asOrg: null, isp: null, domain: null, isProxy: null },
    severity,
    debugContext: event.debugContext,
    legacyEventType: null,
    transaction: { type: 'WEB', id: event.transaction.id, detail: {} },
    uuid,
    version: '0',
    request: { ipChain: [{ ip: ipAddress, geographicalContext: null, version: 'V4', source: null }] },
    target: event.target.map((target) => ({ detailEntry: null, ...target })),
  };
}
