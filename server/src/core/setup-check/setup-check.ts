// Owns Check setup: the whole chain from an application to its tokens, for one person and one request, every link judged though an
// earlier one failed. The engine judges (explain.ts, judgement.ts and what they ask); the lines put what it says into words and name
// the guide's step and the setting. Not here: the lines (application-, server-, person- and token-lines.ts).
import type { Application } from '../applications.ts';
import {
  type AuthorizationServer,
  findAuthorizationServer,
  listAuthorizationServers,
  orgAuthorizationServer,
} from '../authorization-servers.ts';
import type { Env } from '../env.ts';
import { type Explanation, explainRequest } from '../explain.ts';
import { type BeginningGrant, grantTerms, termsOf, usualResponseTypes } from '../grant-terms.ts';
import { judgeParts } from '../judgement.ts';
import { serversWithPolicyFor } from '../policies/policies.ts';
import { invalid } from '../refusal.ts';
import type { User } from '../users.ts';
import { applicationLines } from './application-lines.ts';
import { personLines } from './person-lines.ts';
import { serverLines } from './server-lines.ts';
import type { Finding, SettingPlace, SetupFacts, SetupLine, SetupQuestion } from './setup-line.ts';
import { tokenLines } from './token-lines.ts';

export type ToldLine = Omit<Finding, 'place'> & {
  id: string;
  title: string;
  step: { number: number; title: string } | null;
  place: SettingPlace;
};

export type SetupReport = {
  /** Whether this very request would be answered with tokens. */
  outcome: Explanation['outcome'];
  reason: string | null;
  whatWouldPass: Explanation['whatWouldPass'];
  lines: ToldLine[];
};

/** In the order in which a sign-in meets them. */
const chain: readonly SetupLine[] = [...applicationLines, ...serverLines, ...personLines, ...tokenLines];

const steps: Readonly<Record<number, string>> = {
  3: 'Configure the app',
  4: 'Add an authorization server',
  5: 'Fix the Issuer URL',
  6: 'Create a default scope',
  7: 'Add an access policy and a rule',
  8: 'Client ID, consent and sign-on',
};

export async function checkSetup(
  env: Env,
  party: { application: Application; server: AuthorizationServer; user: User | null },
  question: SetupQuestion,
): Promise<SetupReport> {
  const { application, server } = party;
  const { grantType, scopes } = question;
  const actsFor = termsOf(grantType).actsFor;
  if (actsFor === 'person' && !party.user) throw invalid('userId', 'userId: Choose whose sign-in is to be checked');
  const user = actsFor === 'person' ? party.user : null;
  const parts = await judgeParts(env, { server, application }, { user, scopes, policyGrantType: grantType });
  const explanation = await explainRequest(env, server, {
    clientId: application.client_id,
    grantType,
    responseTypes: usualResponseTypes(grantType, scopes),
    user: user?.id ?? null,
    scopes,
    prompt: null,
    amr: ['pwd'],
    nonce: null,
  });
  const facts: SetupFacts = { ...question, application, server, user, parts, explanation };
  const lines: ToldLine[] = [];
  for (const line of chain) {
    const finding = await line.judge(env, facts);
    if (finding) lines.push(toldLine(line, finding));
  }
  if (explanation.outcome === 'DENY' && lines.every(({ result }) => result !== 'FAILURE'))
    lines.push(rest(explanation));
  const { outcome, reason, whatWouldPass } = explanation;
  return { outcome, reason, whatWouldPass, lines };
}

/** The server that an application most likely signs in with: one that has a policy for it, or else says its Client ID in tokens. */
export async function usualServer(env: Env, { client_id: clientId }: Application): Promise<AuthorizationServer> {
  const [named] = await serversWithPolicyFor(env, clientId);
  const byPolicy = named === undefined ? null : await findAuthorizationServer(env, named);
  if (byPolicy) return byPolicy;
  const [byAudience] = await listAuthorizationServers(env, { q: clientId, after: null, limit: 1 });
  return byAudience ?? (await findAuthorizationServer(env, 'default')) ?? orgAuthorizationServer(env);
}

/** The grant by which the application begins: the authorization code where it is for people, whether it is ticked or not. */
export function usualGrant({ settings }: Application): BeginningGrant {
  const { application_type, grant_types } = settings.oauthClient;
  if (application_type !== 'service') return 'authorization_code';
  const known = grant_types.find((grant): grant is BeginningGrant => grant in grantTerms);
  return known ?? 'client_credentials';
}

/** What applications ask for that show who somebody is: with a refresh token where they may have one. */
export function usualScopes({ settings }: Application, grantType: BeginningGrant): string[] | null {
  if (termsOf(grantType).actsFor === 'client' || termsOf(grantType).scopes !== undefined) return null;
  const renews = settings.oauthClient.grant_types.includes('refresh_token') && grantType !== 'implicit';
  return ['openid', 'profile', 'email', ...(renews ? ['offline_access'] : [])];
}

function toldLine({ id, title, step, place }: SetupLine, { place: other, ...finding }: Finding): ToldLine {
  const named = step === null ? null : { number: step, title: steps[step] ?? '' };
  return { id, title, ...finding, step: named, place: other ?? place };
}

/** The engine refuses for something that no line looks at: it is told in the engine's own words. */
function rest({ trace, whatWouldPass }: Explanation): ToldLine {
  return {
    id: 'request',
    title: 'The request',
    result: 'FAILURE',
    says: trace.findLast(({ passed }) => !passed)?.explanation ?? 'It is refused',
    fix: whatWouldPass[0]?.map(({ description }) => description).join(', and ') ?? null,
    step: null,
    place: 'application-general',
  };
}
