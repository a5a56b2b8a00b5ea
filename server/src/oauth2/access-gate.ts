// Owns the judgement that every grant passes: are the scopes known here, is the person assigned, what does access policy say.
// One function for /authorize and /token; a refusal carries the policy and rule that decided into the System Log.
import { clientActor } from '../core/actors.ts';
import { isAssigned } from '../core/application-assignments.ts';
import { grantedScopes } from '../core/application-grants.ts';
import type { Application } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import { type Env, transact } from '../core/env.ts';
import { listGroupIdsOfUser } from '../core/groups.ts';
import { evaluateAccessPolicy, type Lifetimes } from '../core/policies/access-policy.ts';
import { listScopes } from '../core/scopes.ts';
import { record } from '../core/system-log.ts';
import type { User } from '../core/users.ts';
import { type OAuthError, oauthError } from './oauth-error.ts';
import { oauthEventType, userTarget } from './token-events.ts';

type Party = { server: AuthorizationServer; application: Application };
type Plea = { user: User | null; scopes: readonly string[] | null; policyGrantType: string };

export type Judgement = { scopes: string[]; lifetimes: Lifetimes };

/** Scopes of OpenID Connect: asking for one of them is asking who the person is, which takes `openid`. */
const IDENTITY_SCOPES: readonly string[] = ['profile', 'email', 'address', 'phone'];

/** What is granted and for how long. Throws the OAuthError that says why nothing is. */
export async function judge(env: Env, party: Party, plea: Plea): Promise<Judgement> {
  const { server, application } = party;
  const scopes = await checkScopes(env, server, plea.scopes);
  if (plea.user && !application.settings.implicitAssignment && !(await isAssigned(env, application, plea.user.id)))
    throw oauthError('user_not_assigned', '', { userId: plea.user.id });
  if (scopes !== null && scopes.length === 0) throw oauthError('no_scopes');
  const judgement =
    server.kind === 'org' ? await judgeAtOrg(env, party, scopes ?? []) : await judgeByPolicy(env, party, plea, scopes);
  return { ...judgement, scopes: withoutUselessOfflineAccess(judgement.scopes, application, plea) };
}

/** The scopes asked for, if all are the server's and go together; null for none asked, which the org server refuses. */
export async function checkScopes(
  env: Env,
  server: AuthorizationServer,
  asked: readonly string[] | null,
): Promise<string[] | null> {
  if (asked === null) {
    if (server.kind === 'org') throw oauthError('missing_parameter', 'scope');
    return null;
  }
  const names = new Set((await listScopes(env, server)).map(({ name }) => name));
  const unknown = asked.filter((scope) => !names.has(scope));
  if (unknown.length > 0)
    throw oauthError(server.kind === 'org' ? 'custom_scopes_not_allowed' : 'no_matching_scope', '', { unknown });
  if (!asked.includes('openid') && asked.some((scope) => IDENTITY_SCOPES.includes(scope)))
    throw oauthError('openid_scope_required');
  return [...asked];
}

// The org server has no policies: its lifetimes are fixed, and okta.* scopes are those granted to the application.
async function judgeAtOrg(env: Env, { application }: Party, scopes: string[]): Promise<Judgement> {
  const api = scopes.filter((scope) => scope.startsWith('okta.'));
  if (api.length > 0) {
    const granted = await grantedScopes(env, application.id);
    const denied = api.filter((scope) => !granted.includes(scope));
    if (denied.length > 0)
      throw oauthError('scope_denied', denied.join(', '), { check: 'Okta API Scopes of the application' });
  }
  return { scopes, lifetimes: ORG_LIFETIMES };
}

const ORG_LIFETIMES: Lifetimes = {
  accessTokenMinutes: 60,
  refreshTokenMinutes: 90 * 24 * 60,
  refreshTokenWindowMinutes: 90 * 24 * 60,
};

async function judgeByPolicy(
  env: Env,
  { server, application }: Party,
  plea: Plea,
  scopes: string[] | null,
): Promise<Judgement> {
  const { user, policyGrantType: grantType } = plea;
  const groupIds = user ? await listGroupIdsOfUser(env, user.id) : [];
  const decision = await evaluateAccessPolicy(env, { server, application, user, groupIds, grantType, scopes });
  if (decision.allowed) return { scopes: decision.scopes, lifetimes: decision.lifetimes };
  throw oauthError(decision.reason, decision.deniedScopes.join(', '), { trace: decision.trace });
}

// offline_access means a refresh token, which only comes out of a code or a refresh, for applications that have the grant.
function withoutUselessOfflineAccess(scopes: string[], application: Application, { policyGrantType }: Plea): string[] {
  const useful =
    policyGrantType !== 'implicit' && application.settings.oauthClient.grant_types.includes('refresh_token');
  return useful ? scopes : scopes.filter((scope) => scope !== 'offline_access');
}

/** Writes the event of a refusal, after its transaction was undone. */
export async function recordDenial(
  env: Env,
  { server, application }: Party,
  denial: {
    at: 'authorize' | 'token';
    grantType: string;
    proof: { user: User | null; scopes: readonly string[] | null } | null;
    error: OAuthError;
  },
): Promise<void> {
  const { grantType, proof, error } = denial;
  await transact(env, (env) =>
    record(env, {
      eventType: oauthEventType(server, denial.at === 'authorize' ? 'authorize' : 'token.grant'),
      displayMessage: error.description,
      outcome: { result: error.error === 'access_denied' ? 'DENY' : 'FAILURE', reason: error.errorName },
      actor: clientActor(application),
      target: proof?.user ? [userTarget(proof.user)] : [],
      debugData: {
        grantType,
        requestedScopes: proof?.scopes?.join(',') ?? null,
        authorizationServerId: server.id,
        ...error.facts,
      },
    }),
  );
}
