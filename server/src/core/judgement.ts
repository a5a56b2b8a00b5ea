// Owns the judgement that every grant passes: are the scopes known here, is the person assigned, what does access policy say. It is
// a value with its trace, so that the endpoints, the System Log and explain say one thing. Not here: how a refusal reaches a client
// (oauth2/), consent (consents.ts), and the policies' own decision (policies/access-policy.ts).
import { isAssigned } from './application-assignments.ts';
import { grantedScopes } from './application-grants.ts';
import type { Application } from './applications.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import type { Env } from './env.ts';
import { listGroupIdsOfUser } from './groups.ts';
import {
  accessPoliciesOf,
  type DecidingRule,
  decide,
  type Lifetimes,
  type TraceStep,
} from './policies/access-policy.ts';
import { type PolicyChange, whatWouldPass } from './policies/what-would-pass.ts';
import { listScopes } from './scopes.ts';
import type { User } from './users.ts';

export type Party = { server: AuthorizationServer; application: Application };

export type Plea = {
  /** Null: the client acts for itself. */
  user: User | null;
  /** Asked for; null takes the server's defaults. */
  scopes: readonly string[] | null;
  /** The grant type by which policy judges. */
  policyGrantType: string;
};

export type JudgementStep =
  | TraceStep
  | {
      policyId: null;
      policyName: null;
      ruleId: null;
      ruleName: null;
      condition: 'knownScopes' | 'openid' | 'assignment' | 'apiScopes' | 'defaultScopes' | 'policies';
      passed: boolean;
      explanation: string;
      compared: Readonly<Record<string, unknown>>;
    };

export type Change =
  | PolicyChange
  | { kind: 'name-scopes' }
  | { kind: 'add-scopes-to-server' | 'leave-out-scopes' | 'grant-api-scopes'; scopes: readonly string[] }
  | { kind: 'ask-for-openid' }
  | { kind: 'assign-user'; userId: string };

/** Why not, by the names of the table of OAuth errors. */
export type JudgementReason =
  | 'missing_parameter'
  | 'custom_scopes_not_allowed'
  | 'no_matching_scope'
  | 'openid_scope_required'
  | 'user_not_assigned'
  | 'no_scopes'
  | 'scope_denied'
  | 'no_matching_policy'
  | 'no_scope_allowed'
  | 'no_default_scopes';

export type Granted = {
  allowed: true;
  scopes: string[];
  lifetimes: Lifetimes;
  /** Null: the org server, which has no policies. */
  rule: DecidingRule | null;
  trace: JudgementStep[];
};

export type Refused = {
  allowed: false;
  reason: JudgementReason;
  /** What the reason's text names, such as the scopes that were denied. */
  insert: string;
  trace: JudgementStep[];
  /** Each lets the request through: the smallest that do. */
  remedies: (readonly Change[])[];
};

export type Judgement = Granted | Refused;

/** Scopes of OpenID Connect: asking for one of them is asking who the person is, which takes `openid`. */
const IDENTITY_SCOPES: readonly string[] = ['profile', 'email', 'address', 'phone'];

const ORG_LIFETIMES: Lifetimes = {
  accessTokenMinutes: 60,
  refreshTokenMinutes: 90 * 24 * 60,
  refreshTokenWindowMinutes: 90 * 24 * 60,
};

/** What is granted and for how long, or why nothing is. */
export async function judgeRequest(env: Env, party: Party, plea: Plea): Promise<Judgement> {
  const trace: JudgementStep[] = [];
  const refused =
    (await scopesProblem(env, party.server, plea.scopes, trace)) ?? (await assignmentProblem(env, party, plea, trace));
  if (refused) return refused;
  if (plea.scopes?.length === 0) return refusal('no_scopes', '', trace, [[{ kind: 'name-scopes' }]]);
  const judgement =
    party.server.kind === 'org'
      ? await judgeAtOrg(env, party, plea.scopes ?? [], trace)
      : await judgeByPolicy(env, party, plea, trace);
  if (!judgement.allowed) return judgement;
  return { ...judgement, scopes: withoutUselessOfflineAccess(judgement.scopes, party.application, plea) };
}

/**
 * As judgeRequest, for a request to the authorization endpoint. Beside a code, what comes through the browser is implicit and judged
 * as that: by its own rule, with that rule's lifetimes.
 */
export async function judgeAuthorization(
  env: Env,
  party: Party,
  plea: Omit<Plea, 'policyGrantType'> & { responseTypes: ReadonlySet<string> },
): Promise<(Granted & { frontChannel: Granted }) | Refused> {
  const [policyGrantType = 'implicit', beside] = authorizationGrantTypes(plea.responseTypes);
  const judgement = await judgeRequest(env, party, { ...plea, policyGrantType });
  if (!judgement.allowed) return judgement;
  if (beside === undefined) return { ...judgement, frontChannel: judgement };
  const scopes = judgement.scopes.filter((scope) => scope !== 'offline_access');
  const frontChannel = await judgeRequest(env, party, { ...plea, scopes, policyGrantType: beside });
  const trace = [...judgement.trace, ...frontChannel.trace];
  return frontChannel.allowed ? { ...judgement, trace, frontChannel } : { ...frontChannel, trace };
}

/** The grant types by which policy judges these response types; the first is the one that a code or refresh token keeps. */
export function authorizationGrantTypes(responseTypes: ReadonlySet<string>): string[] {
  const tokens = responseTypes.has('token') || responseTypes.has('id_token');
  return [...(responseTypes.has('code') ? ['authorization_code'] : []), ...(tokens ? ['implicit'] : [])];
}

/** What one part of the judgement says by itself; null: nothing against it. */
export type JudgedPart = { refused: Refused | null; trace: JudgementStep[] };

/** As judgeRequest, but no part waits for another: for whoever wants to know all that is wrong, not the first of it. */
export async function judgeParts(
  env: Env,
  party: Party,
  plea: Plea,
): Promise<{ scopes: JudgedPart; assignment: JudgedPart; access: Judgement }> {
  const part = async (judge: (trace: JudgementStep[]) => Promise<Refused | null>): Promise<JudgedPart> => {
    const trace: JudgementStep[] = [];
    return { refused: await judge(trace), trace };
  };
  return {
    scopes: await part((trace) => scopesProblem(env, party.server, plea.scopes, trace)),
    assignment: await part((trace) => assignmentProblem(env, party, plea, trace)),
    access:
      party.server.kind === 'org'
        ? await judgeAtOrg(env, party, plea.scopes ?? [], [])
        : await judgeByPolicy(env, party, plea, []),
  };
}

/** As judgeRequest, for the scopes alone: null when all are the server's and go together. */
export async function judgeScopes(
  env: Env,
  server: AuthorizationServer,
  asked: readonly string[] | null,
): Promise<Refused | null> {
  return scopesProblem(env, server, asked, []);
}

async function scopesProblem(
  env: Env,
  server: AuthorizationServer,
  asked: readonly string[] | null,
  trace: JudgementStep[],
): Promise<Refused | null> {
  if (asked === null) {
    // The org server has no defaults.
    return server.kind === 'org' ? refusal('missing_parameter', 'scope', trace, [[{ kind: 'name-scopes' }]]) : null;
  }
  const names = new Set((await listScopes(env, server)).map(({ name }) => name));
  const unknown = asked.filter((scope) => !names.has(scope));
  trace.push(
    step(
      'knownScopes',
      unknown.length === 0,
      unknown.length === 0 ? 'The server has all scopes' : `The server has no scope ${unknown.join(', ')}`,
      { scopes: asked, unknown },
    ),
  );
  if (unknown.length > 0) {
    const leaveOut: Change = { kind: 'leave-out-scopes', scopes: unknown };
    return server.kind === 'org'
      ? refusal('custom_scopes_not_allowed', '', trace, [[leaveOut]])
      : refusal('no_matching_scope', '', trace, [[{ kind: 'add-scopes-to-server', scopes: unknown }], [leaveOut]]);
  }
  const identity = asked.filter((scope) => IDENTITY_SCOPES.includes(scope));
  if (identity.length === 0 || asked.includes('openid')) return null;
  trace.push(step('openid', false, `${identity.join(', ')} needs the scope openid`, { scopes: asked }));
  const options: Change[][] = [[{ kind: 'ask-for-openid' }], [{ kind: 'leave-out-scopes', scopes: identity }]];
  return refusal('openid_scope_required', '', trace, options);
}

async function assignmentProblem(
  env: Env,
  { application }: Party,
  { user }: Plea,
  trace: JudgementStep[],
): Promise<Refused | null> {
  if (!user) return null;
  const assigned = await isAssigned(env, application, user.id);
  const explanation = assigned ? 'The user is assigned to the application' : 'Neither the user nor a group is assigned';
  const compared = { userId: user.id, implicitAssignment: application.settings.implicitAssignment };
  trace.push(step('assignment', assigned, explanation, compared));
  return assigned ? null : refusal('user_not_assigned', '', trace, [[{ kind: 'assign-user', userId: user.id }]]);
}

// The org server has no policies: its lifetimes are fixed, and okta.* scopes are those granted to the application.
async function judgeAtOrg(
  env: Env,
  { application }: Party,
  scopes: readonly string[],
  trace: JudgementStep[],
): Promise<Judgement> {
  const api = scopes.filter((scope) => scope.startsWith('okta.'));
  const granted = api.length > 0 ? await grantedScopes(env, application.id) : [];
  const denied = api.filter((scope) => !granted.includes(scope));
  if (api.length > 0) {
    const explanation =
      denied.length === 0
        ? 'The application was granted these scopes of the management API'
        : `The application was not granted ${denied.join(', ')} (its Okta API Scopes)`;
    trace.push(step('apiScopes', denied.length === 0, explanation, { scopes: api, granted }));
  }
  if (denied.length > 0)
    return refusal('scope_denied', denied.join(', '), trace, [
      [{ kind: 'grant-api-scopes', scopes: denied }],
      [{ kind: 'leave-out-scopes', scopes: denied }],
    ]);
  return { allowed: true, scopes: [...scopes], lifetimes: ORG_LIFETIMES, rule: null, trace };
}

async function judgeByPolicy(
  env: Env,
  { server, application }: Party,
  { user, scopes, policyGrantType }: Plea,
  trace: JudgementStep[],
): Promise<Judgement> {
  const { policies, defaultScopes } = await accessPoliciesOf(env, server, { withDefaults: scopes === null });
  const request = {
    clientId: application.client_id,
    userId: user?.id ?? null,
    groupIds: user ? await listGroupIdsOfUser(env, user.id) : [],
    grantType: policyGrantType,
    scopes,
    defaultScopes,
  };
  const decision = decide(policies, request);
  trace.push(...decision.trace);
  if (!decision.allowed && decision.reason === 'no_default_scopes')
    trace.push(step('defaultScopes', false, 'No scope is asked for, and the server has no default scope', { scopes }));
  else if (policies.length === 0) trace.push(step('policies', false, 'The server has no access policy', {}));
  if (decision.allowed) return { ...decision, trace };
  return refusal(decision.reason, decision.deniedScopes.join(', '), trace, whatWouldPass(policies, request));
}

// offline_access means a refresh token, which only comes out of a code or a refresh, for applications that have the grant.
function withoutUselessOfflineAccess(scopes: string[], application: Application, { policyGrantType }: Plea): string[] {
  const useful =
    policyGrantType !== 'implicit' && application.settings.oauthClient.grant_types.includes('refresh_token');
  return useful ? scopes : scopes.filter((scope) => scope !== 'offline_access');
}

function step(
  condition: Exclude<JudgementStep['condition'], TraceStep['condition']>,
  passed: boolean,
  explanation: string,
  compared: Readonly<Record<string, unknown>>,
): JudgementStep {
  const nobody = { policyId: null, policyName: null, ruleId: null, ruleName: null };
  return { ...nobody, condition, passed, explanation, compared };
}

function refusal(
  reason: JudgementReason,
  insert: string,
  trace: JudgementStep[],
  remedies: (readonly Change[])[],
): Refused {
  return { allowed: false, reason, insert, trace, remedies };
}
