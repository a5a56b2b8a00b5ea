// Owns explaining a hypothetical request for tokens: every check that the endpoints would make, in order, with the facts compared;
// what decided; and for a denial the smallest changes that would let it through. It calls the functions that the endpoints call
// (grant-terms.ts, judgement.ts, consents.ts, issue-tokens.ts) and decides nothing itself. A real denial is told by the same words:
// denial.ts writes them into the System Log. Not here: what tokens say (explain-tokens.ts).
import { type Application, findClient } from './applications.ts';
import type { Authorization } from './authorization.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import { openQuestions, withoutScopes } from './consents.ts';
import { deniedFacts, type ToldChange, toldTrace } from './denial.ts';
import type { Env } from './env.ts';
import { type ClaimProblem, explainScopes, previewTokens, type ToldScope, type ToldTokens } from './explain-tokens.ts';
import {
  type BeginningGrant,
  type Objection,
  objectionToClient,
  objectionToConsent,
  objectionToGrant,
  objectionToIdToken,
  objectionToResponseTypes,
  objectionToScopes,
  termsOf,
} from './grant-terms.ts';
import { findInlineHook } from './inline-hooks.ts';
import { type Granted, type JudgementStep, judgeAuthorization, judgeRequest, type Refused } from './judgement.ts';
import type { DecidingRule } from './policies/access-policy.ts';
import { applicationSignOn } from './policies/application-sign-on.ts';
import { listScopes } from './scopes.ts';
import { termsChanges, termsSentence } from './told-terms.ts';
import { findUser, isUsable, type User } from './users.ts';

export type Hypothesis = {
  clientId: string;
  grantType: BeginningGrant;
  /** Of a request to the authorization endpoint: `code`, `token`, `id_token`. */
  responseTypes: readonly string[];
  /** Id or login; null: the client acts for itself. */
  user: string | null;
  /** Null: the request names none. */
  scopes: readonly string[] | null;
  prompt: 'none' | 'consent' | null;
  /** How the person would have signed in. */
  amr: readonly string[];
  nonce: string | null;
};

export type ExplainedStep = Omit<JudgementStep, 'condition'> & { condition: string };

export type Explanation = {
  outcome: 'ALLOW' | 'DENY';
  /** As the System Log names it; null when it is allowed. */
  reason: string | null;
  /** The rule that decided, or came nearest. */
  decidedBy: { policyId: string | null; policyName: string | null; ruleId: string | null; ruleName: string | null };
  trace: ExplainedStep[];
  /** The changes of each entry let the request through, together. */
  whatWouldPass: ToldChange[][];
  scopes: ToldScope[];
  /** Scopes for which the person is asked on the way; they are granted when the person agrees. */
  consent: string[];
  tokens: ToldTokens[];
};

type Denied = { reason: string; changes: ToldChange[][] };
type Judged = { judgement: Granted; frontChannel: Granted };

const NOBODY = { policyId: null, policyName: null, ruleId: null, ruleName: null };

/** Whether this request would get tokens from this custom server now, by which rule, and what they would say. */
export async function explainRequest(
  env: Env,
  server: AuthorizationServer,
  hypothesis: Hypothesis,
): Promise<Explanation> {
  const trace: ExplainedStep[] = [];
  const found = await findParties(env, server, hypothesis, trace);
  if ('reason' in found) return denied(trace, found);
  const { application, user } = found;
  const unfit = objectionsOf(application, hypothesis, trace);
  if (unfit) return denied(trace, unfit);
  const judged = await judge(env, { server, application }, user, hypothesis);
  if ('remedies' in judged) return refused(env, trace, judged);
  trace.push(...toldTrace(judged.trace));
  const kept = user && (await signOnOf(env, application, user, hypothesis, trace));
  if (kept) return denied(trace, kept);
  const { judgement } = judged;
  const decided = { trace, rule: judgement.rule };
  const consent = await consentOf(env, { server, application, user }, hypothesis, judgement.scopes, trace);
  if ('reason' in consent) return denied(trace, consent, decided.rule);
  await tellOfHook(env, judgement.rule, trace);
  const agreed = {
    judgement: withoutScopes(judgement, consent.declined),
    frontChannel: withoutScopes(judged.frontChannel, consent.declined),
  };
  const tokens = await tokensOf(env, { server, application, user }, hypothesis, agreed);
  if ('claim' in tokens) return denied(trace, claimProblem(tokens, trace), decided.rule);
  const defaults = hypothesis.scopes === null ? await defaultScopes(env, server) : [];
  return {
    outcome: 'ALLOW',
    reason: null,
    decidedBy: namesOf(judgement.rule),
    trace,
    whatWouldPass: [],
    scopes: explainScopes(judgement, hypothesis.scopes, { defaults, declined: consent.declined }),
    consent: consent.asked,
    tokens,
  };
}

async function findParties(
  env: Env,
  server: AuthorizationServer,
  { clientId, grantType, user: named }: Hypothesis,
  trace: ExplainedStep[],
): Promise<{ application: Application; user: User | null } | Denied> {
  const active = server.status === 'ACTIVE';
  trace.push(step('server', active, `The authorization server is ${server.status}`, { status: server.status }));
  if (!active) return denial('invalid_authorization_server', ['activate-server', 'Activate the authorization server']);
  const application = await findClient(env, clientId);
  const status = application?.status ?? null;
  const told = application ? `The application "${application.label}" is ${status}` : `No application is ${clientId}`;
  trace.push(step('client', status === 'ACTIVE', told, { clientId, status }));
  if (!application) return denial('invalid_client_id', ['make-client', 'Use the client ID of an application']);
  if (status !== 'ACTIVE') return denial('invalid_client_id', ['activate-client', 'Activate the application']);
  if (termsOf(grantType).actsFor === 'client') return { application, user: null };
  const user = named === null ? null : await findUser(env, named);
  const usable = user !== null && isUsable(user);
  const who = user ? `The user ${user.login} is ${user.status}` : `There is no user ${named ?? ''}`;
  trace.push(step('user', usable, who, { user: named, status: user?.status ?? null }));
  if (!user) return denial('user_unknown', ['name-user', 'Name a user: this grant acts for a person']);
  if (!usable) return denial('user_not_usable', ['activate-user', `Bring the user to the status ACTIVE`]);
  return { application, user };
}

function objectionsOf(application: Application, hypothesis: Hypothesis, trace: ExplainedStep[]): Denied | null {
  const { grantType, responseTypes, scopes } = hypothesis;
  const { settings, credentials } = application;
  const { grant_types, response_types, application_type } = settings.oauthClient;
  const { token_endpoint_auth_method } = credentials.oauthClient;
  const atAuthorize = termsOf(grantType).consent === 'page';
  const checks: [condition: string, objection: Objection | null, compared: Record<string, unknown>][] = [
    ['grant', objectionToGrant(application, grantType), { grantType, configured: grant_types }],
    [
      'clientType',
      objectionToClient(application, grantType, atAuthorize ? 'authorize' : 'token'),
      { application_type, token_endpoint_auth_method },
    ],
    ...(atAuthorize
      ? [
          [
            'responseTypes',
            objectionToResponseTypes(application, responseTypes),
            { responseTypes, configured: response_types },
          ] satisfies (typeof checks)[number],
        ]
      : []),
    ['idToken', atAuthorize ? objectionToIdToken(responseTypes, scopes) : null, { responseTypes, scopes }],
    ['grantScopes', objectionToScopes(application, grantType, scopes), { grantType, scopes }],
  ];
  for (const [condition, objection, compared] of checks) {
    trace.push(
      step(condition, objection === null, objection ? termsSentence(objection) : 'Nothing speaks against it', compared),
    );
    if (objection) return { reason: objection.reason, changes: termsChanges(objection) };
  }
  return null;
}

async function judge(
  env: Env,
  party: { server: AuthorizationServer; application: Application },
  user: User | null,
  { grantType, responseTypes, scopes }: Hypothesis,
): Promise<(Judged & { trace: JudgementStep[] }) | Refused> {
  const atAuthorize = termsOf(grantType).consent === 'page';
  if (!atAuthorize) {
    const judgement = await judgeRequest(env, party, { user, scopes, policyGrantType: grantType });
    return judgement.allowed ? { judgement, frontChannel: judgement, trace: judgement.trace } : judgement;
  }
  const judgement = await judgeAuthorization(env, party, { user, scopes, responseTypes: new Set(responseTypes) });
  if (!judgement.allowed) return judgement;
  return { judgement, frontChannel: judgement.frontChannel, trace: judgement.trace };
}

/** The application's own sign-on policy, where somebody signs in for the request. */
async function signOnOf(
  env: Env,
  application: Application,
  user: User,
  { grantType, amr }: Hypothesis,
  trace: ExplainedStep[],
): Promise<Denied | null> {
  if (termsOf(grantType).scopes !== undefined) return null;
  const { access, needsFactor, rule } = await applicationSignOn(env, application, user);
  const lacksFactor = needsFactor && !amr.includes('mfa');
  const lets = {
    ALLOW: lacksFactor ? 'wants a further factor, for which the person is asked' : 'lets the person in',
    DENY: 'lets the person not in',
    UNREACHABLE: 'wants a proof that this server cannot take, so it lets nobody in',
  }[access];
  // Where there is a page, the factor is asked for on the way.
  const passed = access === 'ALLOW' && (!lacksFactor || termsOf(grantType).consent === 'page');
  const by =
    rule === null ? 'No sign-on policy of the application' : `The rule "${rule.ruleName}" of its sign-on policy`;
  trace.push({ ...step('signOnPolicy', passed, `${by} ${lets}`, { access, needsFactor, amr }), ...rule });
  return passed
    ? null
    : denial('application_sign_on_denied', [
        'change-sign-on-policy',
        'Change the sign-on policy of the application, or assign another',
      ]);
}

async function consentOf(
  env: Env,
  party: { server: AuthorizationServer; application: Application; user: User | null },
  { grantType, prompt }: Hypothesis,
  granted: readonly string[],
  trace: ExplainedStep[],
): Promise<{ asked: string[]; declined: string[] } | Denied> {
  const { user, application } = party;
  const compared = { consentMethod: application.settings.oauthClient.consent_method, scopes: granted, prompt };
  const { consent } = termsOf(grantType);
  if (consent !== 'page' || !user) {
    const objection = await objectionToConsent(env, party, grantType, granted);
    const told = objection ? termsSentence(objection) : 'No consent is missing';
    trace.push(step('consent', objection === null, told, compared));
    return objection ? { reason: objection.reason, changes: termsChanges(objection) } : { asked: [], declined: [] };
  }
  const { asking, declined } = await openQuestions(env, { ...party, user }, granted, prompt === 'consent');
  const passed = asking.length === 0 || prompt !== 'none';
  const told = asking.length === 0 ? 'No consent is missing' : `The person is asked to agree to ${asking.join(', ')}`;
  const before = declined.length === 0 ? '' : `; the person declined ${declined.join(', ')} before`;
  trace.push(step('consent', passed, told + before, compared));
  if (passed && declined.length > 0 && granted.every((scope) => declined.includes(scope)))
    return denial('consent_refused', ['ask-anew', 'Send prompt=consent, so that the person is asked again']);
  if (passed) return { asked: asking, declined };
  return {
    reason: 'consent_required',
    changes: termsChanges({ reason: 'consent_required', insert: asking.join(', ') }),
  };
}

async function tellOfHook(env: Env, rule: DecidingRule | null, trace: ExplainedStep[]): Promise<void> {
  if (rule === null || rule.inlineHookId === null) return;
  const hook = await findInlineHook(env, rule.inlineHookId);
  const name = hook ? `"${hook.name}"` : rule.inlineHookId;
  const told =
    hook?.status === 'ACTIVE'
      ? `The inline hook ${name} is called before tokens are issued and may change them; it was not called here`
      : `The inline hook ${name} is not active: tokens are issued without it`;
  const { policyId, policyName, ruleId, ruleName } = rule;
  const compared = { inlineHookId: rule.inlineHookId, status: hook?.status ?? null };
  const names = { policyId, policyName, ruleId, ruleName };
  trace.push({ ...step('inlineHook', true, told, compared), ...names } as ExplainedStep);
}

async function tokensOf(
  env: Env,
  party: { server: AuthorizationServer; application: Application; user: User | null },
  hypothesis: Hypothesis,
  { judgement, frontChannel }: Judged,
): Promise<ToldTokens[] | ClaimProblem> {
  const { grantType, responseTypes, nonce } = hypothesis;
  const authentication = party.user ? authenticationOf(env, hypothesis) : null;
  const from = ({ scopes, lifetimes, rule }: Granted): Authorization => ({
    ...party,
    scopes,
    lifetimes,
    rule,
    authentication,
    nonce,
  });
  const atAuthorize = termsOf(grantType).consent === 'page';
  const answers: ToldTokens[] = [];
  if (atAuthorize && (responseTypes.includes('token') || responseTypes.includes('id_token'))) {
    const scopes = frontChannel.scopes.filter((scope) => scope !== 'offline_access');
    const wanted = {
      accessToken: responseTypes.includes('token'),
      idToken: responseTypes.includes('id_token'),
      refreshToken: false,
    };
    const told = await previewTokens(env, 'authorize', from({ ...frontChannel, scopes }), wanted);
    if ('claim' in told) return told;
    answers.push(told);
  }
  if (!atAuthorize || responseTypes.includes('code')) {
    const { scopes } = judgement;
    const wanted = {
      accessToken: true,
      idToken: party.user !== null && scopes.includes('openid'),
      refreshToken: party.user !== null && scopes.includes('offline_access'),
    };
    const told = await previewTokens(env, 'token', from(judgement), wanted);
    if ('claim' in told) return told;
    answers.push(told);
  }
  return answers;
}

/** Where nobody signs in for this request, tokens do not say how somebody did. */
function authenticationOf(env: Env, { grantType, amr }: Hypothesis): Authorization['authentication'] {
  if (termsOf(grantType).scopes !== undefined) return null;
  return { sessionId: null, authenticatedAt: env.now(), amr: [...amr] };
}

async function defaultScopes(env: Env, server: AuthorizationServer): Promise<string[]> {
  return (await listScopes(env, server)).filter((scope) => scope.default).map(({ name }) => name);
}

async function refused(env: Env, trace: ExplainedStep[], judgement: Refused): Promise<Explanation> {
  const { trace: told, whatWouldPass, ...decidedBy } = await deniedFacts(env, judgement);
  const changes = { reason: judgement.reason, changes: whatWouldPass };
  return { ...denied([...trace, ...told], changes), decidedBy };
}

function denied(trace: ExplainedStep[], { reason, changes }: Denied, rule: DecidingRule | null = null): Explanation {
  return {
    outcome: 'DENY',
    reason,
    decidedBy: namesOf(rule),
    trace,
    whatWouldPass: changes,
    scopes: [],
    consent: [],
    tokens: [],
  };
}

function claimProblem({ claim, system, tooManyGroups, why }: ClaimProblem, trace: ExplainedStep[]): Denied {
  trace.push(step('claims', false, `The claim "${claim}" cannot be evaluated: ${why}`, { claim }));
  const reason = system ? 'system_claim_evaluation_failure' : 'user_claim_evaluation_failure';
  return denial(
    tooManyGroups ? 'too_many_groups' : reason,
    ['correct-claim', `Correct the value of the claim "${claim}"`],
    ['deactivate-claim', `Disable the claim "${claim}"`],
  );
}

function denial(reason: string, ...options: [kind: string, description: string][]): Denied {
  return { reason, changes: options.map(([kind, description]) => [{ kind, description }]) };
}

function namesOf(rule: DecidingRule | null): Explanation['decidedBy'] {
  if (!rule) return NOBODY;
  const { policyId, policyName, ruleId, ruleName } = rule;
  return { policyId, policyName, ruleId, ruleName };
}

function step(
  condition: string,
  passed: boolean,
  explanation: string,
  compared: Readonly<Record<string, unknown>>,
): ExplainedStep {
  return { ...NOBODY, condition, passed, explanation, compared };
}
