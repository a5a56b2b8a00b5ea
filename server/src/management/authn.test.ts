import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE, toIso } from '../base/time.ts';
import { createApiToken } from '../core/api-tokens.ts';
import type { Env } from '../core/env.ts';
import { ensureEveryone } from '../core/groups.ts';
import { findOneTimeToken } from '../core/one-time-tokens.ts';
import { assignRole } from '../core/roles.ts';
import { issueSessionToken, redeemSessionToken } from '../core/session-tokens.ts';
import { findSession, startSession } from '../core/sessions.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { expirePassword } from '../core/user-credentials.ts';
import { createUser, type User } from '../core/users.ts';
import { requestFacts } from '../http/request-facts.ts';
import { mount } from '../http/route.ts';
import { createTestRouter } from '../http/test-router.ts';
import { toJson } from '../storage/schema.ts';
import { managementSurface } from './access.ts';
import { authnRoutes } from './authn.ts';
import { sessionRoutes } from './sessions.ts';

const ORG = 'https://sso.example.com';
const LOGIN = 'ada@example.com';
const PASSWORD = 'Correct-Horse-7';
const NEW = 'Different-Horse-8';
const SSWS = `00${'t'.repeat(40)}`;

let world: TestEnv;
let env: Env;
let ada: User;

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
  await ensureEveryone(env);
  ada = await makeUser(LOGIN);
});
afterEach(() => world.close());

type Answer = { status: number; headers: Headers; body: Record<string, unknown> };

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const app = createTestRouter();
  mount(app, [...authnRoutes, ...sessionRoutes], managementSurface);
  const request = new Request(`${ORG}/api/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const facts = requestFacts(env.config, request, '203.0.113.7', env.random);
  const response = await app.fetch(request, { ...env, request: facts });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

const authn = (body: object) => call('POST', '/authn', body);
const outcome = ({ status, body }: Answer) => [status, body.errorCode, body.errorCauses];

async function makeUser(login: string): Promise<User> {
  const profile = { login, email: login, firstName: 'Ada', lastName: 'Lovelace' };
  return createUser(env, { profile, password: PASSWORD });
}

async function asAdministrator(): Promise<Record<string, string>> {
  const admin = await makeUser('admin@example.com');
  await assignRole(env, { userId: admin.id, type: 'SUPER_ADMIN' });
  await createApiToken(env, { name: 'test', userId: admin.id, value: SSWS });
  return { authorization: `SSWS ${SSWS}` };
}

describe('POST /authn', () => {
  it('answers a session token of five minutes, good once', async () => {
    const { status, body } = await authn({ username: LOGIN, password: PASSWORD, relayState: '/myapp' });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['expiresAt', 'status', 'relayState', 'sessionToken', '_embedded', '_links']);
    expect(body).toMatchObject({
      status: 'SUCCESS',
      relayState: '/myapp',
      expiresAt: toIso(env.now() + 5 * MINUTE),
      _embedded: { user: { id: ada.id, profile: { login: LOGIN, firstName: 'Ada', lastName: 'Lovelace' } } },
      _links: { cancel: { href: `${ORG}/api/v1/authn/cancel`, hints: { allow: ['POST'] } } },
    });
    const token = String(body.sessionToken);
    expect(await redeemSessionToken(env, token)).toMatchObject({ userId: ada.id, amr: ['pwd'] });
    expect(await redeemSessionToken(env, token)).toBeNull();
  });

  it('sets no cookie', async () => {
    const { headers } = await authn({ username: LOGIN, password: PASSWORD });
    expect(headers.getSetCookie()).toEqual([]);
  });

  it('refuses a wrong password, an unknown name and every shut account alike', async () => {
    const shut = ['LOCKED_OUT', 'SUSPENDED', 'DEPROVISIONED', 'STAGED', 'PROVISIONED', 'RECOVERY'];
    for (const status of shut) {
      const { id } = await makeUser(`${status.toLowerCase()}@example.com`);
      await env.db.updateTable('users').set({ status }).where('id', '=', id).execute();
    }
    const names = ['nobody@example.com', ...shut.map((status) => `${status.toLowerCase()}@example.com`)];
    expect(outcome(await authn({ username: LOGIN, password: 'wrong' }))).toEqual([401, 'E0000004', []]);
    for (const username of names)
      expect(outcome(await authn({ username, password: PASSWORD })), username).toEqual([401, 'E0000004', []]);
  });

  it.each([{}, { username: LOGIN }, { password: PASSWORD }, { username: '', password: '' }, { username: null }])(
    'asks for both: %j',
    async (body) => {
      const answer = await authn(body);
      expect([answer.status, answer.body.errorCode]).toEqual([400, 'E0000001']);
    },
  );

  it('is limited by address as the page is', async () => {
    for (let i = 0; i < 60; i++) await authn({ username: `n${i}@example.com`, password: 'x' });
    expect(outcome(await authn({ username: LOGIN, password: PASSWORD }))).toEqual([429, 'E0000047', []]);
  });

  it('logs neither password nor token', async () => {
    const { body } = await authn({ username: LOGIN, password: PASSWORD });
    await authn({ username: LOGIN, password: 'my-secret-typo' });
    const events = await env.db.selectFrom('system_log').selectAll().execute();
    const written = JSON.stringify([world.logged, events]);
    for (const secret of [PASSWORD, 'my-secret-typo', String(body.sessionToken)]) expect(written).not.toContain(secret);
  });
});

describe('an expired password', () => {
  const expired = async () => {
    await expirePassword(env, ada.id, { temporary: false });
    return (await authn({ username: LOGIN, password: PASSWORD, relayState: 'r' })).body;
  };
  const change = (stateToken: unknown, oldPassword: string, newPassword: string) =>
    call('POST', '/authn/credentials/change_password', { stateToken, oldPassword, newPassword });

  it('is a state with a way on', async () => {
    const body = await expired();
    expect(body).toMatchObject({
      status: 'PASSWORD_EXPIRED',
      relayState: 'r',
      _embedded: { user: { id: ada.id }, policy: { complexity: { minLength: 8 } } },
      _links: { next: { name: 'changePassword', href: `${ORG}/api/v1/authn/credentials/change_password` } },
    });
    expect(body.sessionToken).toBeUndefined();
    expect((await authn({ stateToken: body.stateToken })).body).toEqual(body);
  });

  it('is changed with the old one as proof, which finishes the sign-in', async () => {
    const { stateToken } = await expired();
    const { status, body } = await change(stateToken, PASSWORD, NEW);
    expect([status, body.status, body.relayState]).toEqual([200, 'SUCCESS', 'r']);
    expect((await authn({ username: LOGIN, password: NEW })).body.status).toBe('SUCCESS');
    expect((await change(stateToken, NEW, 'Third-Horse-9')).body.errorCode).toBe('E0000011');
  });

  it('is not changed without the old one, nor to a weak one, and the state stays', async () => {
    const { stateToken } = await expired();
    expect((await change(stateToken, 'wrong', NEW)).body.errorCode).toBe('E0000014');
    expect((await change(stateToken, PASSWORD, 'weak')).body.errorCode).toBe('E0000080');
    expect((await change(stateToken, PASSWORD, NEW)).status).toBe(200);
  });

  it('the state ends when it is cancelled', async () => {
    const { stateToken } = await expired();
    expect(await call('POST', '/authn/cancel', { stateToken })).toMatchObject({
      status: 200,
      body: { relayState: 'r' },
    });
    for (const path of ['/authn', '/authn/cancel'])
      expect(outcome(await call('POST', path, { stateToken }))).toEqual([401, 'E0000011', []]);
  });

  it('the state ends after five minutes', async () => {
    const { stateToken } = await expired();
    world.advance(5 * MINUTE);
    expect(outcome(await change(stateToken, PASSWORD, NEW))).toEqual([401, 'E0000011', []]);
  });

  it('a session token is not a state, nor a state a session token', async () => {
    const { stateToken } = await expired();
    expect(await redeemSessionToken(env, String(stateToken))).toBeNull();
    const { token } = await issueSessionToken(env, ada, { amr: ['pwd'], authenticatedAt: env.now() });
    expect((await authn({ stateToken: token })).body.errorCode).toBe('E0000011');
  });
});

describe('POST /authn/recovery/password', () => {
  it('answers anybody the same for known and unknown names', async () => {
    const answers = [];
    for (const username of [LOGIN, 'nobody@example.com'])
      answers.push(outcome(await call('POST', '/authn/recovery/password', { username, factorType: 'EMAIL' })));
    expect(answers[0]).toEqual([403, 'E0000034', []]);
    expect(answers[1]).toEqual(answers[0]);
  });

  it('gives a recovery token to a caller that manages users', async () => {
    const headers = await asAdministrator();
    const { status, body } = await call('POST', '/authn/recovery/password', { username: LOGIN }, headers);
    expect([status, body.status]).toEqual([200, 'RECOVERY']);
    expect(await findOneTimeToken(env, 'recovery', String(body.recoveryToken))).toMatchObject({ user_id: ada.id });
    const wrong = { authorization: `SSWS 00${'x'.repeat(40)}` };
    expect((await call('POST', '/authn/recovery/password', { username: LOGIN }, wrong)).status).toBe(401);
  });
});

describe('/sessions/me', () => {
  const signedIn = async () => {
    const { session, token } = await startSession(env, { userId: ada.id, amr: ['pwd'], authenticatedAt: env.now() });
    return { session, token, cookie: `idx=${token}` };
  };

  it('shows the session of the cookie', async () => {
    const { session, cookie } = await signedIn();
    const { status, body } = await call('GET', '/sessions/me', undefined, { cookie });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(
      'id login userId createdAt expiresAt status lastPasswordVerification lastFactorVerification amr idp mfaActive _links'.split(
        ' ',
      ),
    );
    expect(body).toMatchObject({
      id: session.id,
      login: LOGIN,
      userId: ada.id,
      status: 'ACTIVE',
      amr: ['pwd'],
      mfaActive: false,
      expiresAt: toIso(env.now() + 120 * MINUTE),
      _links: {
        self: { href: `${ORG}/api/v1/sessions/me` },
        refresh: { href: `${ORG}/api/v1/sessions/me/lifecycle/refresh` },
        user: { href: `${ORG}/api/v1/users/me` },
      },
    });
  });

  it.each(['', 'idx=', 'idx=nonsense', 'sid=nonsense'])('is E0000007 without a session (%j)', async (cookie) => {
    for (const [method, path] of [
      ['GET', '/sessions/me'],
      ['DELETE', '/sessions/me'],
      ['POST', '/sessions/me/lifecycle/refresh'],
    ] as const)
      expect(outcome(await call(method, path, undefined, { cookie }))).toEqual([404, 'E0000007', []]);
  });

  it('to ask about it is not to use it, a refresh is', async () => {
    const { cookie } = await signedIn();
    world.advance(60 * MINUTE);
    const asked = await call('GET', '/sessions/me', undefined, { cookie });
    expect(asked.body.expiresAt).toBe(toIso(env.now() + 60 * MINUTE));
    const refreshed = await call('POST', '/sessions/me/lifecycle/refresh', undefined, { cookie });
    expect(refreshed.body.expiresAt).toBe(toIso(env.now() + 120 * MINUTE));
  });

  it('answers without a body when that is preferred', async () => {
    const { cookie } = await signedIn();
    expect((await call('GET', '/sessions/me', undefined, { cookie, prefer: 'return=minimal' })).status).toBe(204);
  });

  it('ends and clears the cookie', async () => {
    const { token, cookie } = await signedIn();
    const { status, headers } = await call('DELETE', '/sessions/me', undefined, { cookie });
    expect([status, headers.getSetCookie()[0]]).toEqual([204, expect.stringMatching(/^idx=; .*Max-Age=0$/)]);
    expect(await findSession(env, token)).toBeNull();
  });

  it('is changed from no page but those of this server and of trusted origins', async () => {
    const { token, cookie } = await signedIn();
    await trust('https://app.example', 'CORS');
    await trust('https://redirect.example', 'REDIRECT');
    const foreign = ['https://evil.example', 'https://redirect.example', 'null', 'http://sso.example.com'];
    for (const origin of foreign)
      for (const [method, path] of [
        ['DELETE', '/sessions/me'],
        ['POST', '/sessions/me/lifecycle/refresh'],
      ] as const)
        expect(outcome(await call(method, path, undefined, { cookie, origin })), origin).toEqual([403, 'E0000006', []]);
    const hidden = { cookie, 'sec-fetch-site': 'cross-site' };
    expect((await call('DELETE', '/sessions/me', undefined, hidden)).status).toBe(403);
    expect(await findSession(env, token)).not.toBeNull();
    const trusted = { cookie, origin: 'https://app.example' };
    expect((await call('POST', '/sessions/me/lifecycle/refresh', undefined, trusted)).status).toBe(200);
    expect((await call('DELETE', '/sessions/me', undefined, trusted)).status).toBe(204);
  });
});

describe('/sessions by an administrator', () => {
  it('are made of a session token, read, refreshed and ended', async () => {
    const headers = await asAdministrator();
    const { token } = await issueSessionToken(env, ada, { amr: ['pwd'], authenticatedAt: env.now() });
    const made = await call('POST', '/sessions', { sessionToken: token }, headers);
    expect([made.status, made.body.userId]).toEqual([200, ada.id]);
    const path = `/sessions/${made.body.id}`;
    expect((await call('GET', path, undefined, headers)).body).toEqual(made.body);
    expect(made.body).toMatchObject({ _links: { user: { href: `${ORG}/api/v1/users/${ada.id}` } } });
    world.advance(MINUTE);
    const refreshed = await call('POST', `${path}/lifecycle/refresh`, undefined, headers);
    expect(refreshed.body.expiresAt).toBe(toIso(env.now() + 120 * MINUTE));
    expect((await call('DELETE', path, undefined, headers)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await call(method, path, undefined, headers)).status).toBe(404);
    expect(outcome(await call('POST', '/sessions', { sessionToken: token }, headers))).toEqual([401, 'E0000004', []]);
  });

  it('are nobody else’s to see, by cookie or without', async () => {
    const { session, token } = await startSession(env, { userId: ada.id, amr: ['pwd'], authenticatedAt: env.now() });
    for (const headers of [{}, { cookie: `idx=${token}` }]) {
      for (const method of ['GET', 'DELETE'])
        expect(outcome(await call(method, `/sessions/${session.id}`, undefined, headers))).toEqual([
          401,
          'E0000011',
          [],
        ]);
    }
  });
});

async function trust(origin: string, type: string): Promise<void> {
  await env.db
    .insertInto('trusted_origins')
    .values({
      id: `tos${type}`,
      name: origin,
      origin,
      scopes: toJson([{ type }]),
      status: 'ACTIVE',
      created: env.now(),
      created_by: 'x',
      last_updated: env.now(),
      last_updated_by: 'x',
    })
    .execute();
}
