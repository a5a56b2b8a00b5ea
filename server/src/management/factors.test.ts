import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE } from '../base/time.ts';
import { totpCode } from '../base/totp.ts';
import { ensureAuthenticators } from '../core/authenticators.ts';
import { ensureDefaultPolicies } from '../core/policies/default-policies.ts';
import { createOrgPolicy } from '../core/policies/org-policies.ts';
import { unlockUser } from '../core/user-lifecycle.ts';
import { createUser, everyoneGroupId, getUser, type User } from '../core/users.ts';
import { factorRoutes } from './factors.ts';
import { orgFactorRoutes } from './org-factors.ts';
import { type Answer, createTestApi, linkNames, ORG, refused, type TestApi } from './test-api.ts';
import { userLifecycleRoutes } from './user-lifecycle.ts';

let api: TestApi;
let ada: User;

beforeEach(async () => {
  api = await createTestApi([...factorRoutes, ...orgFactorRoutes, ...userLifecycleRoutes]);
  await ensureDefaultPolicies(api.world.env);
  await ensureAuthenticators(api.world.env);
  const profile = { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };
  ada = await createUser(api.world.env, { profile, password: 'Correct-Horse-7' });
});
afterEach(() => api.world.close());

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/users/${ada.id}/factors${path}`, body);
const enrol = (provider = 'GOOGLE') => call('POST', '', { factorType: 'token:software:totp', provider });

type Activation = { sharedSecret: string; _links: { qrcode: { href: string } } };
const activationOf = ({ body }: Answer) => (body._embedded as { activation: Activation }).activation;
const codeOf = (secret: string, steps = 0) => totpCode(secret, Math.floor(api.world.env.now() / 30_000) + steps);
const wrongCode = (secret: string) => String((Number(codeOf(secret)) + 1) % 1_000_000).padStart(6, '0');

/** An active factor of codes, and its secret. The code of the next step is not used yet. */
async function enrolled(provider = 'GOOGLE'): Promise<{ id: string; secret: string }> {
  const answer = await enrol(provider);
  const id = String(answer.body.id);
  const secret = activationOf(answer).sharedSecret;
  const activated = await call('POST', `/${id}/lifecycle/activate`, { passCode: codeOf(secret) });
  expect([activated.status, activated.body.status]).toEqual([200, 'ACTIVE']);
  api.world.advance(MINUTE);
  return { id, secret };
}

const WRONG = [403, 'E0000068', 'Invalid Passcode/Answer', expect.anything()];
const REPLAYED = [403, 'E0000082', expect.any(String), []];
const LOCKED = [403, 'E0000069', 'User Locked', []];
const NOT_ALLOWED = [
  400,
  'E0000001',
  'Api validation failed: factorEnrollRequest',
  [{ errorSummary: 'Factor not allowed for the user based on the Multifactor policy.' }],
];

describe('a factor of codes', () => {
  it('is enrolled with a secret that is shown once, sealed at rest, and waits for its first code', async () => {
    for (const [provider, prefix] of [
      ['OKTA', 'ost'],
      ['GOOGLE', 'uft'],
    ] as const) {
      const answer = await enrol(provider);
      const { id } = answer.body;
      expect(answer).toMatchObject({
        status: 200,
        body: {
          id: expect.stringMatching(`^${prefix}`),
          factorType: 'token:software:totp',
          provider,
          vendorName: provider,
          status: 'PENDING_ACTIVATION',
          profile: { credentialId: ada.login },
          _embedded: { activation: { timeStep: 30, encoding: 'base32', keyLength: 6 } },
        },
      });
      expect(linkNames(answer.body)).toEqual(['activate', 'self', 'user']);
      const { sharedSecret } = activationOf(answer);
      expect(sharedSecret).toMatch(/^[A-Z2-7]{32}$/);
      const later = await call('GET', `/${id}`);
      expect(JSON.stringify(later.body)).not.toContain(sharedSecret);
      const rows = await api.world.env.db.selectFrom('factors').selectAll().execute();
      expect(JSON.stringify(rows)).not.toContain(sharedSecret);
    }
    expect((await call('GET', '')).body.map(({ provider }) => provider)).toEqual(['OKTA', 'GOOGLE']);
  });

  it('shows its QR code to the holder of the link until it is active', async () => {
    const answer = await enrol();
    const path = activationOf(answer)._links.qrcode.href.slice(`${ORG}/api/v1`.length);
    const response = await api.call('GET', path);
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'image/png',
      'no-store',
    ]);
    expect((await api.call('GET', `${path.slice(0, -1)}x`)).status).toBe(404);
    const activated = { passCode: codeOf(activationOf(answer).sharedSecret) };
    await call('POST', `/${answer.body.id}/lifecycle/activate`, activated);
    expect((await api.call('GET', path)).status).toBe(404);
  });

  it('is activated by its code alone, and once', async () => {
    const answer = await enrol();
    const { sharedSecret } = activationOf(answer);
    const activate = (passCode: string) => call('POST', `/${answer.body.id}/lifecycle/activate`, { passCode });
    expect(refused(await activate(wrongCode(sharedSecret)))).toEqual(WRONG);
    expect((await activate(codeOf(sharedSecret))).body.status).toBe('ACTIVE');
    expect((await activate(codeOf(sharedSecret, 1))).status).toBe(400);
    // The code that activated it proves nothing more.
    const verify = await call('POST', `/${answer.body.id}/verify`, { passCode: codeOf(sharedSecret) });
    expect(refused(verify)).toEqual(REPLAYED);
  });

  it('proves with a code once, however many ask at a time, and never with an older one', async () => {
    const { id, secret } = await enrolled();
    const verify = (passCode: string) => call('POST', `/${id}/verify`, { passCode });
    const answers = await Promise.all(Array.from({ length: 5 }, () => verify(codeOf(secret))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403]);
    expect(answers.find(({ status }) => status === 200)?.body).toEqual({ factorResult: 'SUCCESS' });
    expect(refused(await verify(codeOf(secret, -1)))).toEqual(REPLAYED);
    expect((await verify(codeOf(secret, 1))).status).toBe(200);
  });

  it('shuts the account after as many wrong codes as passwords may be wrong, guesses at once included', async () => {
    const { id, secret } = await enrolled();
    const verify = (passCode: string) => call('POST', `/${id}/verify`, { passCode });
    await Promise.all(Array.from({ length: 12 }, () => verify(wrongCode(secret))));
    expect(refused(await verify(codeOf(secret)))).toEqual(LOCKED);
    expect((await getUser(api.world.env, ada.id)).status).toBe('LOCKED_OUT');
    await unlockUser(api.world.env, ada.id);
    expect((await verify(codeOf(secret))).status).toBe(200);
  });

  it('makes guesses pause where accounts never lock', async () => {
    const groupId = await everyoneGroupId(api.world.env);
    const input = {
      name: 'Never locks',
      description: null,
      priority: undefined,
      conditions: { people: { groups: { include: [groupId] } } },
      settings: { password: { lockout: { maxAttempts: 0 } } },
    };
    await createOrgPolicy(api.world.env, 'PASSWORD', input, 'ACTIVE');
    const { id, secret } = await enrolled();
    const verify = (passCode: string) => call('POST', `/${id}/verify`, { passCode });
    for (let guess = 0; guess < 10; guess++) expect(refused(await verify(wrongCode(secret)))).toEqual(WRONG);
    expect(refused(await verify(codeOf(secret)))).toEqual(LOCKED);
    expect((await getUser(api.world.env, ada.id)).status).toBe('ACTIVE');
    api.world.advance(5 * MINUTE);
    expect((await verify(codeOf(secret))).status).toBe(200);
  });

  it('replaces one that was never activated, and not one that was', async () => {
    const first = activationOf(await enrol()).sharedSecret;
    const { secret } = await enrolled();
    expect(secret).not.toBe(first);
    expect(refused(await enrol())).toEqual([
      400,
      'E0000001',
      'Api validation failed: factorEnrollRequest',
      [{ errorSummary: 'A factor of this type is already set up.' }],
    ]);
    expect((await call('GET', '')).body).toHaveLength(1);
  });

  it('of another person is not found', async () => {
    const { id } = await enrolled();
    const profile = { login: 'bob@example.com', email: 'bob@example.com', firstName: 'Bob', lastName: 'B' };
    const bob = await createUser(api.world.env, { profile });
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/verify'],
      ['DELETE', ''],
    ] as const) {
      const body = method === 'POST' ? { passCode: '000000' } : undefined;
      expect((await api.call(method, `/users/${bob.id}/factors/${id}${path}`, body)).status).toBe(404);
    }
  });

  it('goes with a deletion, and all go with a reset; both are events', async () => {
    const { id } = await enrolled();
    expect((await call('DELETE', `/${id}`)).status).toBe(204);
    await enrolled();
    expect((await api.call('POST', `/users/${ada.id}/lifecycle/reset_factors`)).status).toBe(200);
    expect((await call('GET', '')).body).toEqual([]);
    const events = await api.world.env.db.selectFrom('system_log').select('event_type').execute();
    for (const type of ['user.mfa.factor.activate', 'user.mfa.factor.deactivate', 'user.mfa.factor.reset_all'])
      expect(events.map(({ event_type }) => event_type)).toContain(type);
  });
});

describe('a security question', () => {
  const question = { factorType: 'question', provider: 'OKTA' };
  const profile = { question: 'disliked_food', answer: 'Mayonnaise' };

  it('is for recovery until the org turns it on as a factor', async () => {
    expect(refused(await call('POST', '', { ...question, profile }))).toEqual(NOT_ALLOWED);
    expect((await api.call('GET', '/org/factors/okta_question')).body.status).toBe('INACTIVE');
    expect((await api.call('POST', '/org/factors/okta_question/lifecycle/activate')).body.status).toBe('ACTIVE');
    expect((await call('POST', '', { ...question, profile })).status).toBe(200);
  });

  it('is active at once, its answer hashed, and proves by the answer in any case', async () => {
    await api.call('POST', '/org/factors/okta_question/lifecycle/activate');
    const { body } = await call('POST', '', { ...question, profile });
    expect(body).toMatchObject({
      status: 'ACTIVE',
      profile: { question: 'disliked_food', questionText: 'What is the food you least liked as a child?' },
    });
    expect(linkNames(body)).toEqual(['questions', 'verify', 'self', 'user']);
    const rows = await api.world.env.db.selectFrom('factors').selectAll().execute();
    expect(JSON.stringify(rows).toLowerCase()).not.toContain('mayonnaise');
    const verify = (answer: string) => call('POST', `/${body.id}/verify`, { answer });
    expect((await verify(' MAYONNAISE ')).body).toEqual({ factorResult: 'SUCCESS' });
    expect(refused(await verify('mustard'))).toEqual(WRONG);
  });

  it('has twenty to choose from, and an answer of four characters at least', async () => {
    await api.call('POST', '/org/factors/okta_question/lifecycle/activate');
    expect((await call('GET', '/questions')).body).toHaveLength(20);
    for (const wrong of [
      { question: 'shoe_size', answer: 'forty-two' },
      { question: 'disliked_food', answer: 'egg' },
    ])
      expect((await call('POST', '', { ...question, profile: wrong })).status).toBe(400);
  });
});

describe('what may be enrolled', () => {
  const namesOf = ({ body }: Answer) => body.map(({ factorType, provider }) => `${factorType} ${provider}`);

  it('is what the org has turned on', async () => {
    expect(namesOf(await call('GET', '/catalog'))).toEqual(['token:software:totp OKTA', 'token:software:totp GOOGLE']);
    await api.call('POST', '/org/factors/google_otp/lifecycle/deactivate');
    expect(namesOf(await call('GET', '/catalog'))).toEqual(['token:software:totp OKTA']);
    expect(refused(await enrol('GOOGLE'))).toEqual(NOT_ALLOWED);
  });

  it('is nothing that would have to be sent by means that this server has not', async () => {
    for (const factorType of ['sms', 'call', 'push', 'email', 'token', 'webauthn', 'made-up'])
      expect(refused(await call('POST', '', { factorType, provider: 'OKTA', profile: {} }))).toEqual(NOT_ALLOWED);
    expect((await call('GET', '')).body).toEqual([]);
  });
});
