// Owns setting Gatehouse up for a benchmark: one authorization server with a policy, a service, a browser application, a person;
// all through the management API. Storage is the embedded database in a fresh folder, durable as always.
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const REDIRECT_URI = 'https://bench.example/callback';

export type GatehouseSettings = { env: Record<string, string>; url: string; apiToken: string; password: string };

export function gatehouseSettings(port: number): GatehouseSettings {
  const url = `http://127.0.0.1:${port}`;
  const apiToken = `00${randomBytes(20).toString('hex')}`;
  const password = `Bench-${randomBytes(9).toString('base64url')}-7`;
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const env = {
    GATEHOUSE_URL: url,
    PORT: String(port),
    DATABASE_URL: `sqlite:${folder}/gatehouse.db`,
    GATEHOUSE_ADMIN_LOGIN: 'admin@example.com',
    GATEHOUSE_ADMIN_PASSWORD: password,
    GATEHOUSE_API_TOKEN: apiToken,
    LOG_LEVEL: 'error',
  };
  return { env, url, apiToken, password };
}

/** An application that acts for itself. */
export type Service = { id: string; secret: string };

export type Prepared = {
  issuerPath: string;
  service: Service;
  browserId: string;
  login: string;
};

/** Calls the management API and returns what it answers; throws when that is a refusal. */
export function managementApi({ url, apiToken }: Pick<GatehouseSettings, 'url' | 'apiToken'>) {
  return async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `SSWS ${apiToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
}

export async function prepare({ url, apiToken, password }: GatehouseSettings): Promise<Prepared> {
  const call = managementApi({ url, apiToken });
  const everyone = (await call('GET', '/groups?q=Everyone'))[0];
  const login = 'person@example.com';
  await call('POST', '/users', {
    profile: { login, email: login, firstName: 'Bench', lastName: 'Person' },
    credentials: { password: { value: password } },
  });
  const browser = await call('POST', '/apps', {
    name: 'oidc_client',
    label: 'Bench browser',
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'none' } },
    settings: {
      oauthClient: {
        application_type: 'browser',
        redirect_uris: [REDIRECT_URI],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        refresh_token: { rotation_type: 'ROTATE', leeway: 0 },
      },
    },
  });
  await call('PUT', `/apps/${browser.id}/groups/${everyone.id}`, {});
  const service = await call('POST', '/apps', {
    name: 'oidc_client',
    label: 'Bench service',
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'client_secret_basic' } },
    settings: {
      oauthClient: { application_type: 'service', grant_types: ['client_credentials'], response_types: ['token'] },
    },
  });
  const server = await call('POST', '/authorizationServers', {
    name: 'Bench',
    description: 'Bench',
    audiences: ['api://bench'],
  });
  await call('POST', `/authorizationServers/${server.id}/scopes`, { name: 'read', default: true });
  const policy = await call('POST', `/authorizationServers/${server.id}/policies`, {
    type: 'OAUTH_AUTHORIZATION_POLICY',
    name: 'Bench',
    description: 'Bench',
    priority: 1,
    conditions: { clients: { include: ['ALL_CLIENTS'] } },
  });
  await call('POST', `/authorizationServers/${server.id}/policies/${policy.id}/rules`, {
    type: 'RESOURCE_ACCESS',
    name: 'Bench',
    priority: 1,
    conditions: {
      people: { groups: { include: ['EVERYONE'] } },
      grantTypes: { include: ['authorization_code', 'client_credentials'] },
      scopes: { include: ['*'] },
    },
    actions: {
      token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10080 },
    },
  });
  const { client_id: id, client_secret: secret } = service.credentials.oauthClient;
  return { issuerPath: `/oauth2/${server.id}`, service: { id, secret }, browserId: browser.id, login };
}
