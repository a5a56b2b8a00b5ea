// Owns what is measured, in the same words for both servers: each flow is a function that makes its requests once and throws when
// an answer is not the right one.
import { createHash, randomBytes } from 'node:crypto';
import type { Service } from './gatehouse.ts';
import type { Answer, Client } from './load.ts';

export type Target = {
  name: string;
  client: Client;
  /** Paths of the endpoints. */
  paths: Record<'discovery' | 'keys' | 'authorize' | 'token' | 'userinfo' | 'introspect', string>;
  /** Further parameters of authorize and token requests (the peer names its resource). */
  extra: Record<string, string>;
  /** As extra, for a sign-in whose access token is to be shown to userinfo and introspection. */
  extraForUserinfo: Record<string, string>;
  service: Service;
  browserId: string;
  redirectUri: string;
  cookie: string;
};

export type Tokens = { access_token: string; refresh_token?: string; id_token?: string };

/** As many requests are under way at a time. */
export const WORKERS = 10;

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

export async function get(target: Target, path: string): Promise<void> {
  expect(await target.client.send('GET', path), 200, path);
}

/** Authorize (the person has a session) and exchange the code, with PKCE. */
export async function codeFlow(
  target: Target,
  extra: Record<string, string>,
  scope = 'openid profile email',
): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: target.browserId,
    redirect_uri: target.redirectUri,
    response_type: 'code',
    scope,
    state: 'abcdefgh12345678',
    nonce: 'abcdefgh12345678',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  });
  const answer = await target.client.send('GET', `${target.paths.authorize}?${query}`, {
    headers: { cookie: target.cookie },
  });
  const code = new URL(String(answer.headers.location), target.redirectUri).searchParams.get('code');
  if (code === null)
    throw new Error(`${target.name}: no code: ${answer.status} ${answer.headers.location} ${answer.body}`);
  return tokenRequest(target, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: target.redirectUri,
    client_id: target.browserId,
    code_verifier: verifier,
    ...extra,
  });
}

export async function clientCredentials(target: Target): Promise<Tokens> {
  const { id, secret } = target.service;
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  return tokenRequest(target, { grant_type: 'client_credentials', scope: 'read', ...target.extra }, { authorization });
}

export async function refresh(target: Target, refreshToken: string): Promise<Tokens> {
  return tokenRequest(target, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: target.browserId,
    ...target.extra,
  });
}

async function tokenRequest(
  target: Target,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Tokens> {
  const body = new URLSearchParams(parameters).toString();
  const answer = await target.client.send('POST', target.paths.token, { headers: { ...FORM, ...headers }, body });
  expect(answer, 200, `token of ${target.name}`);
  return JSON.parse(answer.body);
}

export async function userinfo(target: Target, accessToken: string): Promise<void> {
  const headers = { authorization: `Bearer ${accessToken}` };
  expect(await target.client.send('GET', target.paths.userinfo, { headers }), 200, `userinfo of ${target.name}`);
}

export async function introspect(target: Target, accessToken: string): Promise<void> {
  const body = new URLSearchParams({ token: accessToken, client_id: target.browserId }).toString();
  const answer = await target.client.send('POST', target.paths.introspect, { headers: FORM, body });
  expect(answer, 200, `introspection of ${target.name}`);
  if (!answer.body.includes('"active":true')) throw new Error(`${target.name}: the token is not active`);
}

function expect(answer: Answer, status: number, what: string): void {
  if (answer.status !== status) throw new Error(`${what}: ${answer.status} ${answer.body.slice(0, 300)}`);
}

/** `prepare` makes ready what the measured requests need, and returns what makes one of them. */
export type Flow = { name: string; prepare(target: Target): Promise<() => Promise<void>> };

export const flows: readonly Flow[] = [
  { name: 'discovery', prepare: async (target) => () => get(target, target.paths.discovery) },
  { name: 'keys', prepare: async (target) => () => get(target, target.paths.keys) },
  {
    name: 'userinfo',
    prepare: async (target) => {
      const { access_token } = await codeFlow(target, target.extraForUserinfo);
      return () => userinfo(target, access_token);
    },
  },
  {
    name: 'introspection',
    prepare: async (target) => {
      const { access_token } = await codeFlow(target, target.extraForUserinfo);
      return () => introspect(target, access_token);
    },
  },
  {
    name: 'client_credentials',
    prepare: async (target) => async () => {
      await clientCredentials(target);
    },
  },
  {
    name: 'code flow with PKCE',
    prepare: async (target) => async () => {
      await codeFlow(target, target.extra);
    },
  },
  {
    name: 'refresh with rotation',
    prepare: async (target) => {
      const chains = await Promise.all(
        Array.from({ length: WORKERS }, () => codeFlow(target, target.extra, 'openid profile email offline_access')),
      );
      return async () => {
        const tokens = chains.pop();
        if (!tokens?.refresh_token) throw new Error(`${target.name}: no refresh token`);
        chains.unshift(await refresh(target, tokens.refresh_token));
      };
    },
  },
];
