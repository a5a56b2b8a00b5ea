// Owns asking the server to explain a request for tokens, and what really happens to the same request.
import { decodeJwt } from 'jose';
import type { Guide } from './guide.ts';
import { authorizeUrl, mustLeave, newPkce, redeem } from './oauth.ts';
import type { TestServer } from './server.ts';
import { newUserAgent, type Person } from './user-agent.ts';

export type Step = {
  condition: string;
  passed: boolean;
  explanation: string;
  compared: Record<string, unknown>;
  policyId: string | null;
  ruleId: string | null;
};
export type Token = {
  payload: Record<string, unknown>;
  lifetime: number;
  claims: { name: string; included: boolean; why: string; value?: unknown }[];
};
export type Explanation = {
  outcome: 'ALLOW' | 'DENY';
  reason: string | null;
  decidedBy: Record<'policyId' | 'policyName' | 'ruleId' | 'ruleName', string | null>;
  trace: Step[];
  whatWouldPass: { kind: string; description: string }[][];
  scopes: { name: string; granted: boolean; why: string }[];
  consent: string[];
  tokens: {
    endpoint: string;
    scope: string;
    accessToken: Token | null;
    idToken: Token | null;
    refreshToken: boolean;
  }[];
};

export const explainPath = ({ authorizationServer }: Pick<Guide, 'authorizationServer'>) =>
  `/api/v1/authorizationServers/${authorizationServer.id}/explain`;

export function explain(
  guide: Pick<Guide, 'api' | 'authorizationServer' | 'clientId'>,
  request: object,
): Promise<Explanation> {
  return guide.api.post(explainPath(guide), { clientId: guide.clientId, grantType: 'authorization_code', ...request });
}

export async function setRule(guide: Guide, conditions: object): Promise<void> {
  const { api, authorizationServer, policy, rule } = guide;
  const path = `/api/v1/authorizationServers/${authorizationServer.id}/policies/${policy.id}/rules/${rule.id}`;
  const before = await api.get<{ conditions: object }>(path);
  await api.put(path, { ...before, conditions: { ...before.conditions, ...conditions } });
}

/** What really happens when this person asks for this in a browser. */
export async function really(server: TestServer, guide: Guide, person: Person, scope: string) {
  const pkce = newPkce();
  const callback = mustLeave(await newUserAgent(server).signIn(authorizeUrl(guide, pkce, { scope }), person));
  const code = callback.searchParams.get('code');
  if (code === null) return { error: callback.searchParams.get('error') };
  const { body } = await redeem(guide, { code, verifier: pkce.verifier });
  return { scope: body.scope, access: decodeJwt(body.access_token), id: decodeJwt(body.id_token) };
}
