// Owns how a refusal is told to an administrator: the rule that decided, every step with what was compared, and what would let the
// request through, in sentences. The System Log and explain tell the same. Not here: the judgement (judgement.ts).
import type { Env } from './env.ts';
import type { Change, JudgementStep, Refused } from './judgement.ts';
import { changeSentence, type PolicyChange } from './policies/what-would-pass.ts';

export type ToldChange = { kind: string; description: string };

type Told = {
  /** Of the rule that came nearest, or the policy where no rule came into question; null where policy was not reached. */
  policyId: string | null;
  policyName: string | null;
  ruleId: string | null;
  ruleName: string | null;
  trace: JudgementStep[];
  /** The changes of each entry let the request through, together. */
  whatWouldPass: ToldChange[][];
};

const MOST_STEPS = 100;
const MOST_LISTED = 20;

export async function deniedFacts(env: Env, { trace, remedies }: Refused): Promise<Told> {
  const names = await groupNames(env, remedies);
  return {
    ...nearest(trace, remedies),
    trace: toldTrace(trace),
    whatWouldPass: remedies.map((changes) => changes.map((change) => toldChange(change, names))),
  };
}

/** The steps as they are shown and kept: long lists are cut, and of very many steps the last stay. */
export function toldTrace(trace: readonly JudgementStep[]): JudgementStep[] {
  return trace.slice(-MOST_STEPS).map((step) => ({ ...step, compared: cut(step.compared) }) as JudgementStep);
}

function nearest(
  trace: readonly JudgementStep[],
  remedies: readonly (readonly Change[])[],
): Omit<Told, 'trace' | 'whatWouldPass'> {
  const named =
    remedies[0]?.find((change) => 'ruleId' in change) ?? remedies[0]?.find((change) => 'policyId' in change);
  const last = trace.at(-1);
  const { policyId = null, policyName = null } = named && 'policyId' in named ? named : (last ?? {});
  const { ruleId = null, ruleName = null } = named ? ('ruleId' in named ? named : {}) : (last ?? {});
  return { policyId, policyName, ruleId, ruleName };
}

function toldChange(change: Change, names: ReadonlyMap<string, string>): ToldChange {
  return { kind: change.kind, description: sentence(change, names) };
}

function sentence(change: Change, names: ReadonlyMap<string, string>): string {
  switch (change.kind) {
    case 'add-scopes-to-server':
      return `Add the scopes ${change.scopes.join(', ')} to the authorization server`;
    case 'leave-out-scopes':
      return `Leave the scopes ${change.scopes.join(', ')} out of the request`;
    case 'grant-api-scopes':
      return `Grant ${change.scopes.join(', ')} in the application's Okta API Scopes`;
    case 'ask-for-openid':
      return 'Ask for the scope openid too';
    case 'assign-user':
      return `Assign the user ${change.userId}, or a group of theirs, to the application`;
    default:
      return changeSentence(change, (id) => names.get(id) ?? id);
  }
}

/** How the groups are called that the changes name. */
async function groupNames(env: Env, remedies: readonly (readonly Change[])[]): Promise<ReadonlyMap<string, string>> {
  const ids = remedies.flat().flatMap(groupsOf);
  if (ids.length === 0) return new Map();
  const rows = await env.db.selectFrom('groups').select(['id', 'name']).where('id', 'in', ids.slice(0, 100)).execute();
  return new Map(rows.map(({ id, name }) => [id, `"${name}" (${id})`]));
}

function groupsOf(change: Change | PolicyChange): readonly string[] {
  if (change.kind === 'join-group') return change.groupIds;
  return change.kind === 'stop-excluding' ? change.groups : [];
}

function cut(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cutMember(member)]));
}

function cutMember(value: unknown): unknown {
  if (Array.isArray(value))
    return value.length <= MOST_LISTED
      ? value
      : [...value.slice(0, MOST_LISTED), `and ${value.length - MOST_LISTED} more`];
  return typeof value === 'object' && value !== null ? cut(value as Record<string, unknown>) : value;
}
