// While the keys of an authorization server rotate, every token that it gives can be verified by whoever cached the keys (OIDC Core
// 10.1.1), and a token says which algorithm its server chose.
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { byClientCredentials, CLIENT_CREDENTIALS, makeGrantClient } from '../support/grants.ts';
import { managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const client = await makeGrantClient(server, [CLIENT_CREDENTIALS]);
const keys = `/api/v1/authorizationServers/${client.authorizationServer.id}/credentials`;

type ServerAnswer = { id: string; issuer: string; credentials: { signing: { alg?: string } } };

const cachingVerifier = () => createRemoteJWKSet(new URL(`${client.issuer}/v1/keys`));
const token = async () => (await byClientCredentials(client)).body.access_token;

describe('keys', () => {
  it('that rotate several times a second break no verifier that caches them', async () => {
    const verifiers = [cachingVerifier(), cachingVerifier(), cachingVerifier()];
    for (const known of verifiers) await jwtVerify(await token(), known);
    let rotating = true;
    const signers = new Set<string | undefined>();
    const load = verifiers.map(async (known) => {
      while (rotating) {
        const jwt = await token();
        signers.add(decodeProtectedHeader(jwt).kid);
        await jwtVerify(jwt, known, { issuer: client.issuer, audience: client.audience });
      }
    });
    const rotations = (async () => {
      for (let n = 0; n < 6; n++) {
        await api.post(`${keys}/lifecycle/keyRotate`, { use: 'sig' });
        for (let m = 0; m < 4; m++) await token();
      }
    })();
    await rotations.finally(() => {
      rotating = false;
    });
    await Promise.all(load);
    expect(signers.size).toBe(2);
  });

  it('that are revoked take what they signed with them, and another signs at once', async () => {
    const jwt = await token();
    const { kid } = decodeProtectedHeader(jwt);
    await api.post(`${keys}/keys/${kid}/lifecycle/revoke`);
    await expect(jwtVerify(jwt, cachingVerifier())).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    const fresh = await token();
    expect(decodeProtectedHeader(fresh).kid).not.toBe(kid);
    await jwtVerify(fresh, cachingVerifier());
    expect((await api.request('POST', `${keys}/keys/${kid}/lifecycle/revoke`)).status).toBe(404);
  });
});

describe('the algorithm', () => {
  it.each(['ES256', 'EdDSA'])('%s is chosen for a server, and told by discovery and the keys', async (alg) => {
    const said = { name: `Signs by ${alg}`, description: 'One', audiences: ['api://one'] };
    const credentials = { signing: { alg } };
    const made = await api.post<ServerAnswer>('/api/v1/authorizationServers', { ...said, credentials });
    expect(made.credentials.signing.alg).toBe(alg);
    const url = `/api/v1/authorizationServers/${made.id}`;
    const published = await api.get<{ alg: string; kty: string }[]>(`${url}/credentials/keys`);
    expect(published.map((key) => key.alg)).toEqual([alg, alg]);
    const discovery = await fetch(`${made.issuer}/.well-known/openid-configuration`);
    expect(await discovery.json()).toMatchObject({ id_token_signing_alg_values_supported: [alg] });
    expect(await api.put(url, said)).toMatchObject({ credentials: { signing: { alg } } });
    const wrong = { ...said, name: 'Wrong', credentials: { signing: { alg: 'HS256' } } };
    expect((await api.request('POST', '/api/v1/authorizationServers', wrong)).status).toBe(400);
  });
});
