// Owns somebody else's OpenID provider as this server meets it: strict about what it is asked (PKCE, redirect URI, client), and saying
// of a person whatever a test wants said. Not here: a Gatehouse as the provider of another (test/protocol/external-sign-in.test.ts).
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClientKeyPair, newClientKey, sign } from './client-keys.ts';
import { unique } from './guide.ts';
import { s256 } from './oauth.ts';

/** What an ID token says beside the usual; null takes a claim out. */
export type Said = Record<string, unknown>;

export type IssueOptions = {
  header?: object;
  /** Signs in place of the provider. */
  by?: ClientKeyPair;
  /** In place of a signed token. */
  idToken?: (claims: Record<string, unknown>) => string;
  userInfo?: Said | null;
};

export type ExternalProvider = {
  url: string;
  key: ClientKeyPair;
  clientId: string;
  secret: string;
  /** As an administrator enters it. */
  definition(policy?: object, changes?: object): Record<string, unknown>;
  /** The address to which the person comes back from this authorization request, as who is said. */
  answer(authorization: URL, said: Said, options?: IssueOptions): Promise<URL>;
  close(): Promise<void>;
};

type Issued = { authorization: URL; idToken: string; userInfo: Said | null };

export async function startExternalProvider(): Promise<ExternalProvider> {
  const key = await newClientKey('RS256');
  const [clientId, secret] = ['gatehouse-there', 'a secret: of & thirty-two % characters'];
  const codes = new Map<string, Issued>();
  const bearers = new Map<string, Said | null>();
  const server = createServer(async (request, response) => {
    const { status, body } = await reply(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const reply = async (request: IncomingMessage): Promise<{ status: number; body: object }> => {
    if (request.url === '/keys') return { status: 200, body: { keys: [key.publicJwk] } };
    if (request.url === '/userinfo') {
      const said = bearers.get(request.headers.authorization ?? '');
      return said ? { status: 200, body: said } : { status: 401, body: {} };
    }
    const form = new URLSearchParams(await textOf(request));
    const issued = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const wanted = issued?.authorization.searchParams;
    const isRight =
      request.url === '/token' &&
      request.headers.authorization === basicOf(clientId, secret) &&
      wanted?.get('redirect_uri') === form.get('redirect_uri') &&
      wanted?.get('code_challenge') === s256(form.get('code_verifier') ?? '');
    if (!issued || !isRight) return { status: 400, body: { error: 'invalid_grant' } };
    const accessToken = randomBytes(16).toString('hex');
    bearers.set(`Bearer ${accessToken}`, issued.userInfo);
    return { status: 200, body: { access_token: accessToken, token_type: 'Bearer', id_token: issued.idToken } };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const endpoint = (path: string) => ({ url: `${url}/${path}` });
  return {
    url,
    key,
    clientId,
    secret,
    definition: (policy = {}, changes = {}) => ({
      type: 'OIDC',
      name: unique('Partner'),
      protocol: {
        scopes: ['openid', 'email', 'profile'],
        issuer: { url },
        endpoints: {
          authorization: endpoint('authorize'),
          token: endpoint('token'),
          jwks: endpoint('keys'),
          userInfo: endpoint('userinfo'),
        },
        credentials: { client: { client_id: clientId, client_secret: secret } },
      },
      policy,
      ...changes,
    }),
    async answer(authorization, said, { header = {}, by = key, idToken, userInfo = null } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const all = {
        iss: url,
        aud: clientId,
        iat: now,
        exp: now + 300,
        nonce: authorization.searchParams.get('nonce'),
        email_verified: true,
        given_name: 'Grace',
        family_name: 'Hopper',
        ...said,
      };
      const claims = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
      const code = randomBytes(12).toString('hex');
      const token =
        idToken?.(claims) ?? (await sign(by.privateKey, { alg: 'RS256', kid: key.publicJwk.kid, ...header }, claims));
      codes.set(code, { authorization, idToken: token, userInfo: userInfo ?? { sub: said.sub } });
      return callbackOf(authorization, { code });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Where a provider sends the person back to, with these parameters. */
export function callbackOf(authorization: URL, parameters: Record<string, string>): URL {
  const callback = new URL(authorization.searchParams.get('redirect_uri') ?? '');
  const state = authorization.searchParams.get('state') ?? '';
  for (const [name, value] of Object.entries({ state, ...parameters })) callback.searchParams.set(name, value);
  return callback;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** RFC 6749 section 2.3.1. */
function basicOf(id: string, secret: string): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ x: part }).toString().slice(2));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}
