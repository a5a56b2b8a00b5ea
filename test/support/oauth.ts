// Owns the requests of an OAuth client that knows nothing but the protocol, each member open to being wrong on purpose.
// Not here: a foreign library that does them right (test/protocol/foreign-client.test.ts).
import { createHash, randomBytes } from 'node:crypto';
import type { Answer } from './management-api.ts';
import type { Person, UserAgent, Visit } from './user-agent.ts';

/** What a client is configured with. */
export type OAuthClient = {
  /** As in tokens: `{org}` or `{org}/oauth2/{id}`. */
  issuer: string;
  clientId: string;
  redirectUri: string;
  scope: string;
};

export type Parameters = Record<string, string | null>;

export type TokenAnswer = {
  token_type: string;
  expires_in: number;
  access_token: string;
  scope: string;
  refresh_token: string;
  id_token: string;
};
export type OAuthError = { error: string; error_description: string };

export type Pkce = { verifier: string; challenge: string };

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: s256(verifier) };
}

export function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** at_hash and c_hash of OIDC Core: the left half of SHA-256. */
export function leftHalfHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}

/** `{org}/oauth2/v1` for the org's own server, `{org}/oauth2/{id}/v1` for a custom one. */
export function endpointsOf(issuer: string): string {
  return issuer.includes('/oauth2/') ? `${issuer}/v1` : `${issuer}/oauth2/v1`;
}

/** The parameters of a right authorize request; a null among the changes takes one out. */
export function authorizeParameters(client: OAuthClient, pkce: Pkce, changes: Parameters = {}): URLSearchParams {
  return withChanges(
    {
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      response_type: 'code',
      scope: client.scope,
      state: randomBytes(12).toString('hex'),
      nonce: randomBytes(12).toString('hex'),
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    },
    changes,
  );
}

export function authorizeUrl(client: OAuthClient, pkce: Pkce, changes: Parameters = {}): string {
  return `${endpointsOf(client.issuer)}/authorize?${authorizeParameters(client, pkce, changes)}`;
}

export function withChanges(parameters: Parameters, changes: Parameters): URLSearchParams {
  const all = Object.entries({ ...parameters, ...changes });
  return new URLSearchParams(all.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/** Goes through authorize, signing in where asked, and returns the code that the callback receives. */
export async function codeFor(
  agent: UserAgent,
  client: OAuthClient,
  person: Person,
  changes: Parameters = {},
): Promise<{ code: string; verifier: string; callback: URL }> {
  const pkce = newPkce();
  const visit = await agent.signIn(authorizeUrl(client, pkce, changes), person);
  const callback = mustLeave(visit);
  const code = callback.searchParams.get('code');
  if (code === null) throw new Error(`The callback got no code: ${callback}`);
  return { code, verifier: pkce.verifier, callback };
}

export function mustLeave(visit: Visit): URL {
  if (visit.left) return visit.left;
  throw new Error(`Gatehouse kept the user at ${visit.url} (${visit.status}): ${visit.html.slice(0, 2000)}`);
}

export async function postForm<T>(
  url: string,
  form: Parameters | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const body = form instanceof URLSearchParams ? form : withChanges(form, {});
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
  const text = await response.text();
  const isJson = /^application\/json\b/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
}

export function basic(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

/** Redeems a code as a public client does. */
export function redeem(
  client: OAuthClient,
  grant: { code: string; verifier: string },
  changes: Parameters = {},
): Promise<Answer<TokenAnswer & OAuthError>> {
  const form = {
    grant_type: 'authorization_code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    code: grant.code,
    code_verifier: grant.verifier,
  };
  return postForm(`${endpointsOf(client.issuer)}/token`, withChanges(form, changes));
}

/** Refreshes as a public client does. */
export function refresh(
  client: OAuthClient,
  refreshToken: string,
  changes: Parameters = {},
): Promise<Answer<TokenAnswer & OAuthError>> {
  const form = { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: refreshToken };
  return postForm(`${endpointsOf(client.issuer)}/token`, withChanges(form, changes));
}

/** The whole code flow of a public client. */
export async function tokensFor(
  agent: UserAgent,
  client: OAuthClient,
  person: Person,
  changes: Parameters = {},
): Promise<TokenAnswer> {
  const answer = await redeem(client, await codeFor(agent, client, person, changes));
  if (answer.status !== 200) throw new Error(`The code was not redeemed: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export function introspect(
  client: OAuthClient,
  token: string,
  changes: Parameters = {},
): Promise<Answer<{ active: boolean } & Record<string, unknown>>> {
  return postForm(
    `${endpointsOf(client.issuer)}/introspect`,
    withChanges({ token, client_id: client.clientId }, changes),
  );
}

export function revoke(client: OAuthClient, token: string, changes: Parameters = {}): Promise<Answer<string>> {
  return postForm(`${endpointsOf(client.issuer)}/revoke`, withChanges({ token, client_id: client.clientId }, changes));
}

export async function userinfo(
  client: OAuthClient,
  accessToken: string | null,
): Promise<Answer<Record<string, unknown>>> {
  const headers: Record<string, string> = accessToken === null ? {} : { authorization: `Bearer ${accessToken}` };
  const response = await fetch(`${endpointsOf(client.issuer)}/userinfo`, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}
