// Owns the System Log: what an event is, and its writing in the caller's transaction, so that an event exists exactly when what
// it reports does. Not here: its filter language and the route (management/logs.ts).
import { toIso } from '../base/time.ts';
import { newUuid } from '../base/uuid.ts';
import { toJson } from '../storage/schema.ts';
import type { Actor, Env } from './env.ts';

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
    const uuid = newUuid(env.random);
    const actor = entry.actor ?? env.actor ?? SYSTEM;
    const outcome = entry.outcome ?? { result: 'SUCCESS' as const };
    const severity = entry.severity ?? (outcome.result === 'FAILURE' || outcome.result === 'DENY' ? 'WARN' : 'INFO');
    return {
      uuid,
      sequence: nextSequence(env, published),
      published,
      event_type: entry.eventType,
      outcome_result: outcome.result,
      severity,
      actor_id: actor.id,
      event: toJson(describe(env, entry, { actor, outcome, severity, published, uuid })),
    };
  });
  await env.db.insertInto('system_log').values(rows).execute();
}

// Sorts by time, then by order within this process, then by chance between processes.
function nextSequence(env: Env, published: number): string {
  const counter = env.memory.of('system-log-sequence', () => ({ last: 0 }));
  counter.last = (counter.last + 1) % 1_000_000;
  const chance = Buffer.from(env.random(6)).toString('hex');
  return `${String(published).padStart(15, '0')}-${String(counter.last).padStart(6, '0')}-${chance}`;
}

function describe(
  env: Env,
  entry: LogEntry,
  facts: { actor: Actor; outcome: NonNullable<LogEntry['outcome']>; severity: string; published: number; uuid: string },
): Record<string, unknown> {
  const { actor, outcome, severity, published, uuid } = facts;
  const { request } = env;
  return {
    actor: { ...actor, detailEntry: null },
    client: {
      userAgent: { rawUserAgent: request.userAgent, os: 'Unknown', browser: 'UNKNOWN' },
      zone: 'null',
      device: 'Unknown',
      id: null,
      ipAddress: request.ip,
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
      rootSessionId: entry.externalSessionId ?? null,
      externalSessionId: entry.externalSessionId ?? null,
    },
    displayMessage: entry.displayMessage,
    eventType: entry.eventType,
    outcome: { result: outcome.result, reason: outcome.reason ?? null },
    published: toIso(published),
    securityContext: { asNumber: null, asOrg: null, isp: null, domain: null, isProxy: null },
    severity,
    debugContext: { debugData: { requestId: request.id, requestUri: request.path, ...entry.debugData } },
    legacyEventType: null,
    transaction: { type: 'WEB', id: request.id, detail: {} },
    uuid,
    version: '0',
    request: { ipChain: [{ ip: request.ip, geographicalContext: null, version: 'V4', source: null }] },
    target: (entry.target ?? []).map((target) => ({ detailEntry: null, ...target })),
  };
}
