// The unmodified @okta/okta-sdk-nodejs as a service application: it signs that it is itself and always sends a DPoP proof, which an
// application without that setting must not notice (contract 6.9).

import sdk from '@okta/okta-sdk-nodejs';
import { exportJWK, exportPKCS8 } from 'jose';
import { describe, expect, test } from 'vitest';
import { type DpopKey, proof } from '../support/dpop.ts';
import { unique } from '../support/guide.ts';
import { type LogEvent, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';
import { makeService, type Service, serviceToken } from '../support/service.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const scopes = ['okta.groups.manage', 'okta.users.read'];

function clientOf(service: Service, privateKey: string | object, extra: object = {}) {
  return new sdk.Client({
    orgUrl: server.url,
    authorizationMode: 'PrivateKey',
    clientId: service.clientId,
    scopes,
    privateKey: privateKey as string,
    ...extra,
  });
}

describe.each([
  ['Bearer', {}],
  ['DPoP', { dpop_bound_access_tokens: true }],
])('a service whose tokens are %s tokens', (kind, settings) => {
  test('makes, finds, changes and deletes by the SDK, within its scopes and roles', async () => {
    const service = await makeService(api, server, { scopes, role: 'USER_ADMIN', settings });
    const jwk = { ...(await exportJWK(service.key.privateKey)), kid: service.key.publicJwk.kid };
    const okta = clientOf(service, jwk);
    const name = unique('Made by a service');
    const group = await okta.groupApi.createGroup({ group: { profile: { name, description: 'x' } } });
    const groupId = String(group.id);
    const found: string[] = [];
    await (await okta.groupApi.listGroups({ q: name })).each((one) => void found.push(String(one?.id)));
    expect(found).toEqual([groupId]);
    await okta.groupApi.replaceGroup({ groupId, group: { profile: { name, description: 'y' } } });
    expect((await okta.groupApi.getGroup({ groupId })).profile?.description).toBe('y');
    await okta.groupApi.deleteGroup({ groupId });
    await expect(okta.groupApi.getGroup({ groupId })).rejects.toMatchObject({ status: 404, errorCode: 'E0000007' });
    await expect(okta.applicationApi.listApplications().then((list) => list.next())).rejects.toMatchObject({
      status: 403,
    });

    const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${groupId}"`)}`);
    expect(events.length).toBeGreaterThan(1);
    for (const { actor } of events) expect(actor.id).toBe(service.clientId);
    const tokens = await api.get<LogEvent[]>(
      `/api/v1/logs?filter=${encodeURIComponent(`actor.id eq "${service.clientId}"`)}`,
    );
    expect(tokens.map(({ eventType }) => eventType)).toContain('app.oauth2.token.grant.access_token');
    expect(server.output(), kind).not.toContain('eyJ');
  });

  test('may bring its key as PEM, without a kid', async () => {
    const service = await makeService(api, server, { scopes, role: 'READ_ONLY_ADMIN', settings });
    const okta = clientOf(service, await exportPKCS8(service.key.privateKey));
    const first = await (await okta.userApi.listUsers({ limit: 1 })).next();
    expect(first.value?.id).toMatch(/^00u/);
  });
});

test('a service without the role, or with another key, gets nowhere', async () => {
  const powerless = await makeService(api, server, { scopes });
  const jwk = await exportJWK(powerless.key.privateKey);
  await expect(
    clientOf(powerless, jwk).groupApi.createGroup({ group: { profile: { name: 'x' } } }),
  ).rejects.toMatchObject({
    status: 403,
    errorCode: 'E0000006',
  });
  const other = await makeService(api, server, { scopes, role: 'USER_ADMIN' });
  await expect(clientOf(other, jwk).groupApi.createGroup({ group: { profile: { name: 'x' } } })).rejects.toBeTruthy();
});

describe('an access token that is bound to a key, at the management API', async () => {
  const service = await makeService(api, server, {
    scopes,
    role: 'USER_ADMIN',
    settings: { dpop_bound_access_tokens: true },
  });
  const { kid: _kid, use: _use, alg: _alg, ...publicJwk } = service.key.publicJwk;
  const key: DpopKey = {
    privateKey: service.key.privateKey,
    publicJwk: publicJwk as DpopKey['publicJwk'],
    alg: 'RS256',
    thumbprint: '',
  };
  const url = `${server.url}/api/v1/groups`;
  const tokenUrl = `${server.url}/oauth2/v1/token`;
  const asked = await serviceToken(server, service, scopes.join(' '), { dpop: await proof(key, { url: tokenUrl }) });
  const nonce = asked.headers.get('dpop-nonce') ?? '';
  const { body } = await serviceToken(server, service, scopes.join(' '), {
    dpop: await proof(key, { url: tokenUrl, nonce }),
  });
  const token = body.access_token;

  const call = async (headers: Record<string, string>) => {
    const response = await fetch(url, { headers });
    const answer = (await response.json()) as { errorCode?: string };
    return {
      status: response.status,
      errorCode: answer.errorCode,
      challenge: response.headers.get('www-authenticate'),
    };
  };

  test('opens with a proof, once each', async () => {
    const dpop = await proof(key, { url, method: 'GET', token });
    const headers = { authorization: `DPoP ${token}`, dpop };
    expect((await call(headers)).status).toBe(200);
    expect(await call(headers)).toMatchObject({
      status: 401,
      errorCode: 'E0000011',
      challenge: expect.stringContaining('The DPoP proof JWT has already been used.'),
    });
  });

  test('opens nothing as a Bearer token, without a proof, or with the proof of another request', async () => {
    const elsewhere = { url: `${server.url}/api/v1/users`, method: 'GET', token };
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: `Bearer ${token}`, dpop: await proof(key, { url, method: 'GET', token }) },
      { authorization: `DPoP ${token}` },
      { authorization: `DPoP ${token}`, dpop: await proof(key, elsewhere) },
      { authorization: `DPoP ${token}`, dpop: await proof(key, { url, method: 'GET' }) },
    ])
      expect(await call(headers)).toMatchObject({
        status: 401,
        errorCode: 'E0000011',
        challenge: expect.stringMatching(/^DPoP algs="RS256 /),
      });
  });
});
