// Owns how a judgement reaches a client: granted, or thrown as the error that its reason has; and the System Log event of a refusal,
// which names the rule that decided. Not here: the judgement itself (core/judgement.ts).
import { clientActor } from '../core/actors.ts';
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
import { record } from '../core/system-log.ts';
import type { User } from '../core/users.ts';
import { type OAuthError, oauthError } from './oauth-error.ts';
import { oauthEventType, userTarget } from './token-events.ts';

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
