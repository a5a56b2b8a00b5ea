// Owns the second half of an explanation: for a request that is allowed, which scopes come out and why, and the tokens as they would
// be minted, claim by claim. It asks the same functions as minting does. Not here: whether it is allowed (explain.ts).
import { accessTokenPurpose } from './access-tokens.ts';
import type { Authorization } from './authorization.ts';
import { type ClaimForm, type ClaimOutcome, explainClaims } from './claim-values.ts';
import type { Env } from './env.ts';
import { dated, type PreparedToken, prepareTokens } from './issue-tokens.ts';
import type { Granted } from './judgement.ts';
import { activeSigningKey } from './signing-keys.ts';

export type ToldScope = { name: string; granted: boolean; why: string };

export type ToldClaim = { name: string; included: boolean; why: string; value?: unknown };

export type ToldToken = {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
  /** Seconds. */
  lifetime: number;
  /** Those that the server's claims give or could give; the rest of the payload every token has. */
  claims: ToldClaim[];
};

export type ToldTokens = {
  /** Where they come from. */
  endpoint: 'authorize' | 'token';
  scope: string;
  accessToken: ToldToken | null;
  idToken: ToldToken | null;
  refreshToken: boolean;
};

export type ClaimProblem = { claim: string; system: boolean; tooManyGroups: boolean; why: string };

/** What tokens of one answer would say, or the first claim that keeps them from being made. */
export async function previewTokens(
  env: Env,
  endpoint: ToldTokens['endpoint'],
  authorization: Authorization,
  wanted: { accessToken: boolean; idToken: boolean; refreshToken: boolean },
): Promise<ToldTokens | ClaimProblem> {
  const forms: ClaimForm[] = [
    ...(wanted.accessToken ? (['access'] as const) : []),
    ...(wanted.idToken ? [wanted.accessToken ? ('thin' as const) : ('fat' as const)] : []),
  ];
  const outcomes = new Map<ClaimForm, ClaimOutcome[]>();
  for (const form of forms) outcomes.set(form, await explainClaims(env, { ...authorization, form }));
  const problem = [...outcomes.values()]
    .flat()
    .map(problemOf)
    .find((one) => one !== null);
  if (problem) return problem;
  const prepared = await prepareTokens(env, authorization, {
    accessTokenJti: wanted.accessToken ? 'AT.preview' : null,
    idToken: wanted.idToken,
  });
  const told = async (token: PreparedToken | null, claims: ClaimOutcome[], purpose: 'sig' | 'org-access-token') =>
    token && {
      header: await headerOf(env, authorization, purpose),
      payload: dated(env, token),
      lifetime: token.lifetime,
      claims: claims.map((outcome) => toldClaim(outcome)),
    };
  const identity = outcomes.get('thin') ?? outcomes.get('fat') ?? [];
  return {
    endpoint,
    scope: authorization.scopes.join(' '),
    accessToken: await told(prepared.access, outcomes.get('access') ?? [], accessTokenPurpose(authorization.server)),
    idToken: await told(prepared.identity && withoutChance(prepared.identity), identity, 'sig'),
    refreshToken: wanted.refreshToken,
  };
}

/** Each scope that was asked for, or that is a default where none was, and what became of it. */
export function explainScopes(
  { scopes, rule }: Pick<Granted, 'scopes' | 'rule'>,
  asked: readonly string[] | null,
  { defaults, declined }: { defaults: readonly string[]; declined: readonly string[] },
): ToldScope[] {
  const by = rule === null ? 'the server gives it' : `the rule "${rule.ruleName}" permits it`;
  return (asked ?? defaults).map((name) => {
    if (declined.includes(name))
      return { name, granted: false, why: 'The person declined it, which holds until the client sends prompt=consent' };
    if (scopes.includes(name))
      return {
        name,
        granted: true,
        why: `${asked === null ? 'It is a default scope' : 'It was asked for'}, and ${by}`,
      };
    const useless = 'It means a refresh token, which this grant or this application does not get';
    return { name, granted: false, why: name === 'offline_access' ? useless : `The rule does not permit it` };
  });
}

async function headerOf(
  env: Env,
  { server }: Authorization,
  purpose: 'sig' | 'org-access-token',
): Promise<Record<string, unknown>> {
  const { kid, alg } = await activeSigningKey(env, { owner: server.id, purpose });
  return { kid, alg };
}

/** What a token gets by chance is shown as what it is. */
function withoutChance({ claims, lifetime }: PreparedToken): PreparedToken {
  return { claims: { ...claims, jti: 'ID.preview' }, lifetime };
}

function problemOf({ source, facts }: ClaimOutcome): ClaimProblem | null {
  if (!('failure' in facts)) return null;
  const { name, system } = source;
  return { claim: name, system, tooManyGroups: facts.tooManyGroups, why: facts.failure };
}

function toldClaim({ source, facts }: ClaimOutcome): ToldClaim {
  const { name } = source;
  if ('value' in facts) return { name, included: true, why: sourceOf(source), value: facts.value };
  if ('failure' in facts) return { name, included: false, why: facts.failure };
  const why = {
    inactive: 'The claim is INACTIVE',
    scope: `It needs one of the scopes ${source.scopes.join(', ')}`,
    thin: 'It is not always included, and an access token comes with this ID token: it is at userinfo',
    'no-value': `${sourceOf(source)}, which is nothing here`,
  }[facts.absence];
  return { name, included: false, why };
}

function sourceOf({ valueType, value, groupFilterType, scopes }: ClaimOutcome['source']): string {
  const under = scopes.length === 0 ? '' : ` (under the scope ${scopes.join(' or ')})`;
  if (valueType === 'EXPRESSION') return `It is ${value}${under}`;
  if (valueType === 'GROUPS')
    return `It is the groups of which the name ${groupWords(groupFilterType)} ${value}${under}`;
  return `It is the standard claim${under}`;
}

function groupWords(type: ClaimOutcome['source']['groupFilterType']): string {
  const words = { STARTS_WITH: 'starts with', EQUALS: 'equals', CONTAINS: 'contains', REGEX: 'matches' };
  return words[type ?? 'STARTS_WITH'];
}
