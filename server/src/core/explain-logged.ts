// Owns explaining a request that was: what the System Log kept under its id, in the words in which explain.ts tells a request that
// might be. Not here: writing it (denial.ts), searching the log otherwise (system-log-search.ts).
import type { ToldChange } from './denial.ts';
import type { Env } from './env.ts';
import type { ExplainedStep, Explanation } from './explain.ts';
import { notFound } from './refusal.ts';
import { searchLog } from './system-log-search.ts';

export type LoggedExplanation = {
  uuid: string;
  published: string;
  eventType: string;
  displayMessage: string;
  outcome: 'ALLOW' | 'DENY' | 'OTHER';
  reason: string | null;
  decidedBy: Explanation['decidedBy'];
  trace: ExplainedStep[];
  whatWouldPass: ToldChange[][];
  facts: Record<string, unknown>;
};

type StoredEvent = Pick<LoggedExplanation, 'uuid' | 'published' | 'eventType' | 'displayMessage'> & {
  outcome: { result: string; reason: string | null };
  debugContext: { debugData: Record<string, unknown> };
};

const MOST_EVENTS = 20;
const OUTCOMES: Readonly<Record<string, LoggedExplanation['outcome']>> = {
  SUCCESS: 'ALLOW',
  ALLOW: 'ALLOW',
  DENY: 'DENY',
  FAILURE: 'DENY',
};

/** The events of the last seven days under this request id. Throws E0000007 when there are none. */
export async function explainLoggedRequest(
  env: Env,
  requestId: string,
): Promise<{ requestId: string; events: LoggedExplanation[] }> {
  const { events } = await searchLog(env, {
    since: null,
    until: env.now(),
    after: null,
    order: 'ASCENDING',
    filter: `transaction.id eq ${JSON.stringify(requestId)}`,
    keywords: [],
    limit: MOST_EVENTS,
  });
  if (events.length === 0) throw notFound(requestId, 'Request');
  return { requestId, events: events.map((event) => toldEvent(event as unknown as StoredEvent)) };
}

function toldEvent({
  uuid,
  published,
  eventType,
  displayMessage,
  outcome,
  debugContext,
}: StoredEvent): LoggedExplanation {
  const { trace, whatWouldPass, policyId, policyName, ruleId, ruleName, ...facts } = debugContext.debugData;
  return {
    uuid,
    published,
    eventType,
    displayMessage,
    outcome: OUTCOMES[outcome.result] ?? 'OTHER',
    reason: outcome.reason,
    decidedBy: {
      policyId: textOrNull(policyId),
      policyName: textOrNull(policyName),
      ruleId: textOrNull(ruleId),
      ruleName: textOrNull(ruleName),
    },
    trace: Array.isArray(trace) ? trace : [],
    whatWouldPass: Array.isArray(whatWouldPass) ? whatWouldPass : [],
    facts,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
