// Owns how a judgement reaches a client: granted, or thrown as the error that its reason has; and the System Log event of a refusal,
// which names the rule that decided. Not here: the judgement itself (core/judgement.ts).
import { MINUTE } from '../base/time.ts';
import { clientActor } from '../core/actors.ts';
import type { Application } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import { deniedFacts } from '../core/denial.ts';
import { type Env, transact } from '../core/env.ts';
import {
  type Granted,
  judgeAuthorization,
  judgeRequest,
  judgeScopes,
  type Party,
  type Plea,
  type Refused,
} from '../core/judgement.ts';
import type { DecidingRule } from '../core/policies/access-policy.ts';
import { type ApplicationSignOn, applicationSignOn, recordSignOnDenial } from '../core/policies/application-sign-on.ts';
import { record } from '../core/system-log.ts';
import type { User } from '../core/users.ts';
import { type OAuthError, oauthError } from './oauth-error.ts';
import { oauthEventType, userTarget } from './token-events.ts';

/** Characters of what a stranger wrote that the log keeps. */
const LONGEST_TOLD = 500;
/** Refusals on pages that the log keeps in a minute. */
const MOST_ON_PAGES = 100;

/** Throws when the application's own sign-on policy lets this person in by no proof. What else it wants is the caller's to see to. */
export async function requireSignOn(
  env: Env,
  application: Application,
  user: User,
  identityProviderId?: string,
): Promise<ApplicationSignOn> {
  const signOn = await applicationSignOn(env, application, user, identityProviderId);
  if (signOn.access === 'ALLOW') return signOn;
  await recordSignOnDenial(env, application, user, signOn);
  throw oauthError('application_sign_on_denied');
}

export type Judgement = Pick<Granted, 'scopes' | 'lifetimes' | 'rule'>;

/** What is granted and for how long. Throws the OAuthError that says why nothing is. */
export async function judge(env: Env, party: Party, plea: Plea): Promise<Judgement> {
  const judgement = await judgeRequest(env, party, plea);
  if (!judgement.allowed) throw await refusalOf(env, judgement);
  return essence(judgement);
}

/** The same at the authorization endpoint: `judgement` of the code, or of what there is without one, `frontChannel` of tokens. */
export async function judgeAtAuthorize(
  env: Env,
  party: Party,
  plea: Omit<Plea, 'policyGrantType'> & { responseTypes: ReadonlySet<string> },
): Promise<{ judgement: Judgement; frontChannel: Judgement }> {
  const judgement = await judgeAuthorization(env, party, plea);
  if (!judgement.allowed) throw await refusalOf(env, judgement);
  return { judgement: essence(judgement), frontChannel: essence(judgement.frontChannel) };
}

function essence({ scopes, lifetimes, rule }: Granted): Judgement {
  return { scopes, lifetimes, rule };
}

/** Throws unless the scopes asked for are all the server's and go together. */
export async function checkScopes(
  env: Env,
  server: AuthorizationServer,
  asked: readonly string[] | null,
): Promise<void> {
  const refused = await judgeScopes(env, server, asked);
  if (refused) throw await refusalOf(env, refused);
}

async function refusalOf(env: Env, refused: Refused): Promise<OAuthError> {
  return oauthError(refused.reason, refused.insert, await deniedFacts(env, refused));
}

/** What is known of a refused request; more of it the later it was refused. */
export type Denial = {
  at: 'authorize' | 'token';
  /** Null when the request was refused before that was clear. */
  grantType: string | null;
  proof: { user: User | null; scopes: readonly string[] | null } | null;
  /** The rule that had allowed what was refused for another reason afterwards. */
  rule: DecidingRule | null;
  error: OAuthError;
};

/** Writes the event of a refusal, after its transaction was undone. */
export async function recordDenial(env: Env, { server, application }: Party, denial: Denial): Promise<void> {
  const { grantType, proof, rule, error } = denial;
  await transact(env, (env) =>
    record(env, {
      eventType: oauthEventType(server, denial.at === 'authorize' ? 'authorize' : 'token.grant'),
      displayMessage: error.description,
      outcome: outcomeOf(error),
      actor: clientActor(application),
      target: proof?.user ? [userTarget(proof.user)] : [],
      debugData: {
        grantType,
        clientId: application.client_id,
        requestedScopes: proof?.scopes?.join(',') ?? null,
        authorizationServerId: server.id,
        ...(rule ? namesOf(rule) : {}),
        ...error.facts,
      },
    }),
  );
}

/**
 * The same for a request to the authorization endpoint that is refused on a page, since it names no client that could be told. Anybody
 * can cause these, so only so many a minute are kept.
 */
export async function recordRefusedOnPage(
  env: Env,
  server: AuthorizationServer,
  given: ReadonlyMap<string, string>,
  error: OAuthError,
): Promise<void> {
  if (!hasRoom(env)) return;
  const clientId = given.get('client_id')?.slice(0, LONGEST_TOLD) ?? 'unknown';
  const told = { clientId, redirectUri: given.get('redirect_uri')?.slice(0, LONGEST_TOLD) ?? null };
  await transact(env, (env) =>
    record(env, {
      eventType: oauthEventType(server, 'authorize'),
      displayMessage: error.description,
      outcome: outcomeOf(error),
      actor: { id: clientId, type: 'PublicClientApp', alternateId: clientId, displayName: 'unknown' },
      debugData: { ...told, authorizationServerId: server.id, ...error.facts },
    }),
  );
}

function hasRoom(env: Env): boolean {
  const kept = env.memory.of('refused-on-page', () => ({ minute: 0, count: 0 }));
  const minute = Math.floor(env.now() / MINUTE);
  if (kept.minute !== minute) Object.assign(kept, { minute, count: 0 });
  kept.count++;
  return kept.count <= MOST_ON_PAGES;
}

function outcomeOf({ error, errorName }: OAuthError) {
  return { result: error === 'access_denied' ? ('DENY' as const) : ('FAILURE' as const), reason: errorName };
}

function namesOf({ policyId, policyName, ruleId, ruleName }: DecidingRule) {
  return { policyId, policyName, ruleId, ruleName };
}
