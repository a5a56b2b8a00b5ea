import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeKeyPair } from '../base/key-pair.ts';
import { DAY } from '../base/time.ts';
import { makeCertificate } from '../base/x509.ts';
import { createApplicationCsr, listApplicationCsrs, publishApplicationCsr } from './application-csrs.ts';
import { cloneApplicationKey, generateApplicationKey, listApplicationKeys } from './application-keys.ts';
import {
  type ApplicationInput,
  createApplication,
  deleteApplication,
  replaceApplication,
  setApplicationStatus,
} from './change-applications.ts';
import type { Env } from './env.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
let env: Env;

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
});
afterEach(() => world.close());

const saml: ApplicationInput = {
  label: 'Saml',
  signOnMode: 'SAML_2_0',
  settings: { signOn: { ssoAcsUrl: 'https://sp.example.com/acs', audience: 'sp' } },
};
const make = async () => (await createApplication(env, saml, 'ACTIVE')).application.id;

describe('a key of an application', () => {
  it('has a certificate for as many years as were asked', async () => {
    const id = await make();
    const key = await generateApplicationKey(env, id, 3);
    const [text] = key.jwk.x5c as string[];
    const certificate = new X509Certificate(Buffer.from(text ?? '', 'base64'));
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBeGreaterThan(3 * 365 * DAY - 1);
    expect(certificate.publicKey.export({ format: 'jwk' })).toMatchObject({ n: key.jwk.n });
    expect(key.sealed_private_jwk).not.toContain('"d"');
  });

  it('may be chosen for its own application, and for one that it was given to', async () => {
    const [id, other] = [await make(), await make()];
    const { kid } = await generateApplicationKey(env, id, 2);
    const choose = (one: string) => replaceApplication(env, one, { ...saml, signingKid: kid });
    expect((await choose(id)).application.credentials).toMatchObject({ signing: { kid } });
    expect((await replaceApplication(env, id, saml)).application.credentials).toMatchObject({ signing: { kid } });
    await expect(choose(other)).rejects.toThrow('no such key');
    await cloneApplicationKey(env, id, kid, other);
    expect((await choose(other)).application.credentials).toMatchObject({ signing: { kid } });
    await expect(cloneApplicationKey(env, id, kid, other)).rejects.toThrow('has this key already');
  });

  it('is never said to sign ID tokens', async () => {
    const oidc: ApplicationInput = {
      label: 'App',
      signOnMode: 'OPENID_CONNECT',
      oauthClient: { settings: { redirect_uris: ['https://app.example.com/cb'] }, credentials: {} },
    };
    const { id } = (await createApplication(env, oidc, 'ACTIVE')).application;
    const { kid } = await generateApplicationKey(env, id, 2);
    await expect(replaceApplication(env, id, { ...oidc, signingKid: kid })).rejects.toThrow('ID tokens are signed');
    await replaceApplication(env, id, { ...oidc, signingKid: 'a-key-of-the-org-server' });
  });

  it('goes with its application', async () => {
    const id = await make();
    await generateApplicationKey(env, id, 2);
    await createApplicationCsr(env, id, {}, []);
    await setApplicationStatus(env, id, 'INACTIVE');
    await deleteApplication(env, id);
    for (const table of ['application_keys', 'application_csrs'] as const)
      expect(await env.db.selectFrom(table).selectAll().execute()).toEqual([]);
  });
});

describe('a request for a certificate', () => {
  const authority = makeKeyPair('RS256');
  const answer = async (publicJwk: object, notAfter = env.now() + DAY) =>
    makeCertificate({
      publicJwk: publicJwk as never,
      subject: { commonName: 'app' },
      issuer: { commonName: 'Authority' },
      issuerPrivateJwk: (await authority).privateJwk,
      serial: Buffer.from([1]),
      notBefore: env.now() - DAY,
      notAfter,
    });

  it('becomes a key when an authority has answered it', async () => {
    const id = await make();
    const request = await createApplicationCsr(env, id, { commonName: 'app' }, ['app.example.com']);
    const key = await publishApplicationCsr(env, id, request.id, await answer(request.public_jwk));
    expect(key.jwk).toMatchObject({ kty: 'RSA', n: request.public_jwk.n });
    expect(await listApplicationCsrs(env, id)).toEqual([]);
    expect((await listApplicationKeys(env, id)).map(({ kid }) => kid)).toEqual([key.kid]);
  });

  it('is not answered by a certificate of another key, one that is over, or what is none', async () => {
    const id = await make();
    const request = await createApplicationCsr(env, id, {}, []);
    const refused: [Uint8Array, string][] = [
      [await answer((await authority).publicJwk), 'another key'],
      [await answer(request.public_jwk, env.now() - 1), 'not valid'],
      [Buffer.from('nothing'), 'not valid'],
    ];
    for (const [certificate, why] of refused)
      await expect(publishApplicationCsr(env, id, request.id, certificate)).rejects.toThrow(why);
    expect(await listApplicationCsrs(env, id)).toHaveLength(1);
    expect(await listApplicationKeys(env, id)).toEqual([]);
  });

  it('belongs to its application', async () => {
    const [id, other] = [await make(), await make()];
    const request = await createApplicationCsr(env, id, {}, []);
    await expect(publishApplicationCsr(env, other, request.id, await answer(request.public_jwk))).rejects.toThrow(
      'E0000007',
    );
  });
});
