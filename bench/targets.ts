// Owns making both servers ready to be measured: started on the same core, a person signed in, addressed in one way.

import type { ChildProcess } from 'node:child_process';
import type { Target } from './flows.ts';
import { type GatehouseSettings, gatehouseSettings, prepare, REDIRECT_URI } from './gatehouse.ts';
import { type Client, createClient } from './load.ts';
import { freePort, SERVER_CORE, startNode, stop } from './processes.ts';

export type Running = { target: Target; pid: number; stop(): Promise<void> };

/** Gatehouse, and what opens its management API. */
export type RunningGatehouse = Running & { settings: GatehouseSettings };

/** `cores`: on which it runs. */
export async function startGatehouse(connections: number, cores = SERVER_CORE): Promise<RunningGatehouse> {
  const settings = gatehouseSettings(await freePort());
  const main = new URL('../server/src/main.ts', import.meta.url).pathname;
  const { child } = await startNode(main, `${settings.url}/health`, settings.env, cores);
  const prepared = await prepare(settings);
  const base = `${prepared.issuerPath}/v1`;
  const client = createClient(settings.url, connections);
  const target: Target = {
    name: 'gatehouse',
    client,
    paths: {
      discovery: `${prepared.issuerPath}/.well-known/openid-configuration`,
      keys: `${base}/keys`,
      authorize: `${base}/authorize`,
      token: `${base}/token`,
      userinfo: `${base}/userinfo`,
      introspect: `${base}/introspect`,
    },
    extra: {},
    extraForUserinfo: {},
    service: prepared.service,
    browserId: prepared.browserId,
    redirectUri: REDIRECT_URI,
    cookie: await sessionCookie(settings, prepared.login),
  };
  return { target, settings, pid: child.pid ?? 0, stop: () => end(client, child) };
}

async function end(client: Client, child: ChildProcess): Promise<void> {
  client.close();
  await stop(child);
}

// A session token of the authentication API is worth a session at one of this server's own addresses.
async function sessionCookie({ url, password }: GatehouseSettings, username: string): Promise<string> {
  const authn = await fetch(`${url}/api/v1/authn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { sessionToken } = (await authn.json()) as { sessionToken: string };
  const query = new URLSearchParams({ token: sessionToken, redirectUrl: `${url}/` });
  const answer = await fetch(`${url}/login/sessionCookieRedirect?${query}`, { redirect: 'manual' });
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

export async function startPeer(connections: number): Promise<Running> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = new URL('./peer.ts', import.meta.url).pathname;
  const { child } = await startNode(file, `${url}/.well-known/openid-configuration`, {
    PORT: String(port),
  });
  const client = createClient(url, connections);
  const resource = { resource: 'urn:bench:api' };
  const target: Target = {
    name: 'oidc-provider',
    client,
    paths: {
      discovery: '/.well-known/openid-configuration',
      keys: '/jwks',
      authorize: '/auth',
      token: '/token',
      userinfo: '/me',
      introspect: '/token/introspection',
    },
    extra: resource,
    extraForUserinfo: {},
    service: { id: 'service', secret: 'service-secret-service-secret-service' },
    browserId: 'browser',
    redirectUri: REDIRECT_URI,
    cookie: await peerSession(url),
  };
  return { target, pid: child.pid ?? 0, stop: () => end(client, child) };
}

// Walks the peer's sign-in once, by redirects alone, and keeps the cookies.
async function peerSession(url: string): Promise<string> {
  const jar = new Map<string, string>();
  const query = new URLSearchParams({
    client_id: 'browser',
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'abc',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  let next = `${url}/auth?${query}`;
  for (let hop = 0; !next.startsWith(REDIRECT_URI); hop++) {
    if (hop > 10) throw new Error(`The peer redirects without end: ${next}`);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`The peer did not redirect: ${answer.status} ${await answer.text()}`);
    next = new URL(location, next).href;
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}
