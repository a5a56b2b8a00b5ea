// Passwords that another system hashed: every algorithm signs in, once by its hash and from then on by ours; what makes no sense is
// refused. Contract 4.6.
import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { startHookService } from '../support/hook-service.ts';
import { type ApiError, managementApi, type User } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile({ EGRESS_ALLOW: '127.0.0.1' });
const service = await startHookService();
afterAll(() => service.close());
const api = managementApi(server);
const PASSWORD = 'Correct-horse-7';
const salt = randomBytes(16);

type Imported = User & { credentials: { password?: object; provider: { type: string; name: string } } };

const bcrypt = {
  algorithm: 'BCRYPT',
  workFactor: 6,
  salt: 'vZBvHAmqbzstzwtNApGOku',
  value: '4N/4N/zSpYYMkTzew6b7A19wJslwmqG',
};
const digest = (name: string, ...parts: (string | Buffer)[]) => {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return hash.digest('base64');
};
const pbkdf2 = (digestAlgorithm: string, name: string, keySize: number) => ({
  algorithm: 'PBKDF2',
  digestAlgorithm,
  iterationCount: 4096,
  keySize,
  salt: salt.toString('base64'),
  value: pbkdf2Sync(PASSWORD, salt, 4096, keySize, name).toString('base64'),
});
const salted = { salt: salt.toString('base64') };

const hashes: Record<string, Record<string, unknown>> = {
  bcrypt,
  'SHA-512 after its salt': {
    algorithm: 'SHA-512',
    ...salted,
    saltOrder: 'PREFIX',
    value: digest('sha512', salt, PASSWORD),
  },
  'SHA-512 before its salt': {
    algorithm: 'SHA-512',
    ...salted,
    saltOrder: 'POSTFIX',
    value: digest('sha512', PASSWORD, salt),
  },
  'SHA-256': { algorithm: 'SHA-256', value: digest('sha256', PASSWORD) },
  'SHA-1': { algorithm: 'SHA-1', ...salted, saltOrder: 'POSTFIX', value: digest('sha1', PASSWORD, salt) },
  MD5: { algorithm: 'MD5', ...salted, saltOrder: 'PREFIX', value: digest('md5', salt, PASSWORD) },
  'PBKDF2 with SHA-256': pbkdf2('SHA256_HMAC', 'sha256', 32),
  'PBKDF2 with SHA-512': pbkdf2('SHA512_HMAC', 'sha512', 64),
};

const create = (password: unknown, query = '') => {
  const login = `${unique('p').replaceAll(' ', '')}@example.com`;
  const profile = { login, email: login, firstName: 'Ada', lastName: 'Byron' };
  return api.request<Imported & ApiError>('POST', `/api/v1/users${query}`, { profile, credentials: { password } });
};
const signIn = async (user: User, password: string) =>
  (await api.request('POST', '/api/v1/authn', { username: user.profile.login, password })).status;

test.each(Object.entries(hashes))('a password hashed with %s signs in, and again by our own hash', async (_, hash) => {
  const { status, body } = await create({ hash });
  expect([status, body.status]).toEqual([200, 'ACTIVE']);
  expect(body.credentials).toMatchObject({ password: {}, provider: { type: 'IMPORT', name: 'IMPORT' } });
  expect(await signIn(body, `${PASSWORD}!`)).toBe(401);
  expect((await api.get<Imported>(`/api/v1/users/${body.id}`)).credentials.provider.type).toBe('IMPORT');
  expect(await signIn(body, PASSWORD)).toBe(200);
  expect((await api.get<Imported>(`/api/v1/users/${body.id}`)).credentials.provider).toEqual({
    type: 'OKTA',
    name: 'OKTA',
  });
  expect(await signIn(body, `${PASSWORD}!`)).toBe(401);
  expect(await signIn(body, PASSWORD)).toBe(200);
});

test('a hash replaces a password, and a password a hash', async () => {
  const { body } = await create({ value: 'Another-horse-7' });
  const address = `/api/v1/users/${body.id}`;
  const imported = await api.post<Imported>(address, { credentials: { password: { hash: bcrypt } } });
  expect(imported.credentials.provider.type).toBe('IMPORT');
  expect([await signIn(body, 'Another-horse-7'), await signIn(body, PASSWORD)]).toEqual([401, 200]);
  await api.post(address, { credentials: { password: { hash: bcrypt } } });
  const own = await api.post<Imported>(address, { credentials: { password: { value: 'Third-horse-77' } } });
  expect(own.credentials.provider.type).toBe('OKTA');
  expect([await signIn(body, PASSWORD), await signIn(body, 'Third-horse-77')]).toEqual([401, 200]);
});

test('whoever must change an imported password proves it first', async () => {
  const { body } = await create({ hash: bcrypt }, '?activate=true&nextLogin=changePassword');
  expect(body.status).toBe('PASSWORD_EXPIRED');
});

test('twenty sign-ins at once find one person, whose hash is ours afterwards', async () => {
  const { body } = await create({ hash: hashes['SHA-256'] });
  const statuses = await Promise.all(Array.from({ length: 20 }, () => signIn(body, PASSWORD)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect((await api.get<Imported>(`/api/v1/users/${body.id}`)).credentials.provider.type).toBe('OKTA');
});

test('hashes that nothing could be compared with are refused, and so are hooks of another kind', async () => {
  const wrong: Record<string, unknown>[] = [
    { hash: { algorithm: 'CRYPT', value: 'x' } },
    { hash: { algorithm: 'constructor', value: 'x' } },
    { hash: { ...bcrypt, workFactor: 31 } },
    { hash: { ...bcrypt, workFactor: 10.5 } },
    { hash: { ...bcrypt, salt: 'short' } },
    { hash: { ...bcrypt, value: `${bcrypt.value}$` } },
    { hash: { ...hashes['SHA-256'], value: 'YQ==' } },
    { hash: { ...hashes['SHA-1'], saltOrder: 'BOTH' } },
    { hash: { ...hashes['SHA-1'], salt: 'not base64!' } },
    { hash: { ...pbkdf2('SHA256_HMAC', 'sha256', 32), iterationCount: 1 } },
    { hash: { ...pbkdf2('SHA256_HMAC', 'sha256', 32), iterationCount: 1e9 } },
    { hash: { ...pbkdf2('SHA256_HMAC', 'sha256', 32), digestAlgorithm: 'MD5_HMAC' } },
    { hash: bcrypt, value: PASSWORD },
    { hook: { type: 'other' } },
    { hook: { type: 'default' }, value: PASSWORD },
    { hook: { type: 'default' }, hash: bcrypt },
  ];
  for (const password of wrong) {
    const { status, body } = await create(password);
    const [cause] = body.errorCauses ?? [];
    expect([status, body.errorSummary], JSON.stringify(password)).toEqual([400, 'Api validation failed: password']);
    expect(cause?.errorSummary).toMatch(/^password/);
  }
});

test('the System Log says once that a password was taken over', async () => {
  const { body } = await create({ hash: hashes.MD5 });
  for (const _ of [1, 2]) await signIn(body, PASSWORD);
  const filter = `target.id eq "${body.id}" and eventType eq "user.import.password"`;
  expect(await api.get(`/api/v1/logs?filter=${encodeURIComponent(filter)}`)).toHaveLength(1);
});

test('neither a hash nor a password is in the log or in an answer', async () => {
  const { body } = await create({ hash: bcrypt });
  await signIn(body, PASSWORD);
  for (const secret of [bcrypt.value, PASSWORD]) {
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(server.output()).not.toContain(secret);
  }
});

describe('a password that another system keeps', () => {
  const vouch = (credential: string) => ({
    body: { commands: [{ type: 'com.okta.action.update', value: { credential } }] },
  });
  const hookBody = () => ({
    name: unique('Passwords'),
    type: 'com.okta.user.credential.password.import',
    version: '1.0.0',
    channel: {
      type: 'HTTP',
      version: '1.0.0',
      config: {
        uri: service.url,
        method: 'POST',
        headers: [],
        authScheme: { type: 'HEADER', key: 'Authorization', value: 'of-the-hook' },
      },
    },
  });

  test('is asked for once, then it is ours', async () => {
    const hook = await api.post<{ id: string }>('/api/v1/inlineHooks', hookBody());
    const { body } = await create({ hook: { type: 'default' } });
    expect([body.status, body.credentials.provider]).toEqual(['ACTIVE', { type: 'IMPORT', name: 'IMPORT' }]);
    service.answer(vouch('UNVERIFIED'));
    expect(await signIn(body, PASSWORD)).toBe(401);
    for (const reply of [
      { status: 500 },
      { body: {} },
      { body: { ...vouch('VERIFIED').body, error: { errorSummary: 'x' } } },
    ]) {
      service.answer(reply);
      expect(await signIn(body, PASSWORD), JSON.stringify(reply)).toBe(401);
    }
    service.answer(vouch('VERIFIED'));
    const before = service.received.length;
    expect(await signIn(body, PASSWORD)).toBe(200);
    const told = service.received[before];
    expect(told?.headers.authorization).toBe('of-the-hook');
    expect(JSON.parse(told?.body ?? '')).toMatchObject({
      eventType: 'com.okta.user.credential.password.import',
      data: {
        context: { credential: { username: body.profile.login, password: PASSWORD } },
        action: { credential: 'UNVERIFIED' },
      },
    });
    expect((await api.get<Imported>(`/api/v1/users/${body.id}`)).credentials.provider.type).toBe('OKTA');
    const asked = service.received.length;
    service.answer(vouch('VERIFIED'));
    expect(await signIn(body, PASSWORD)).toBe(200);
    expect(await signIn(body, 'Another-horse-8')).toBe(401);
    expect(service.received.length).toBe(asked);
    await api.post(`/api/v1/inlineHooks/${hook.id}/lifecycle/deactivate`);
    await api.delete(`/api/v1/inlineHooks/${hook.id}`);
  });

  test('is right for nobody while no hook is active, and not asked for an account that is shut', async () => {
    const { body } = await create({ hook: { type: 'default' } });
    const hook = await api.post<{ id: string }>('/api/v1/inlineHooks', hookBody());
    await api.post(`/api/v1/inlineHooks/${hook.id}/lifecycle/deactivate`);
    service.answer(vouch('VERIFIED'));
    const asked = service.received.length;
    expect(await signIn(body, PASSWORD)).toBe(401);
    await api.post(`/api/v1/inlineHooks/${hook.id}/lifecycle/activate`);
    await api.post(`/api/v1/users/${body.id}/lifecycle/suspend`);
    expect(await signIn(body, PASSWORD)).toBe(401);
    await api.post(`/api/v1/users/${body.id}/lifecycle/unsuspend`);
    for (let guess = 0; guess < 12; guess++) {
      service.answer(vouch('UNVERIFIED'));
      await signIn(body, `Wrong-horse-${guess}`);
    }
    const beforeLock = service.received.length;
    expect(beforeLock - asked).toBeLessThanOrEqual(10);
    service.answer(vouch('VERIFIED'));
    expect(await signIn(body, PASSWORD)).toBe(401);
    expect(service.received.length).toBe(beforeLock);
    await api.post(`/api/v1/inlineHooks/${hook.id}/lifecycle/deactivate`);
    await api.delete(`/api/v1/inlineHooks/${hook.id}`);
  });
});
