import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUser } from '../core/users.ts';
import { createTestApi, linkNames, ORG, refused, type TestApi } from './test-api.ts';
import { userCredentialRoutes } from './user-credentials.ts';
import { userLifecycleRoutes } from './user-lifecycle.ts';
import { userRoutes } from './users.ts';

const PASSWORD = 'Correct-Horse-1';
const profile = { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi([...userRoutes, ...userLifecycleRoutes, ...userCredentialRoutes]);
});

afterEach(() => api.world.close());

const call: TestApi['call'] = (...request) => api.call(...request);

async function makeAda(query = '', credentials: object = { password: { value: PASSWORD } }): Promise<string> {
  const { status, body } = await call('POST', `/users${query}`, { profile, credentials });
  expect(status).toBe(200);
  return String(body.id);
}

describe('a user', () => {
  test('looks as clients know it, member by member', async () => {
    const { status, body } = await call('POST', '/users', { profile, credentials: { password: { value: PASSWORD } } });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual([
      'id',
      'status',
      'created',
      'activated',
      'statusChanged',
      'lastLogin',
      'lastUpdated',
      'passwordChanged',
      'realmId',
      'type',
      'profile',
      'credentials',
      '_links',
    ]);
    expect(Object.keys(body.profile ?? {})).toEqual([
      'firstName',
      'lastName',
      'mobilePhone',
      'secondEmail',
      'login',
      'email',
    ]);
    expect(body).toMatchObject({
      status: 'ACTIVE',
      lastLogin: null,
      created: '2026-11-24T10:00:00.000Z',
      profile: { mobilePhone: null, secondEmail: null },
    });
    expect(body.credentials).toEqual({ password: {}, provider: { type: 'OKTA', name: 'OKTA' } });
    expect(body._links).toMatchObject({
      self: { href: `${ORG}/api/v1/users/${body.id}` },
      suspend: { href: `${ORG}/api/v1/users/${body.id}/lifecycle/suspend`, method: 'POST' },
      changePassword: { href: `${ORG}/api/v1/users/${body.id}/credentials/change_password`, method: 'POST' },
    });
    expect(await call('GET', `/users/${body.id}`)).toMatchObject({ status: 200, body });
  });

  test('with an empty password has none', async () => {
    const id = await makeAda('?activate=false', { password: {} });
    const { body } = await call('GET', `/users/${id}`);
    expect(body).toMatchObject({ status: 'STAGED', activated: null, statusChanged: null, passwordChanged: null });
    expect(body.credentials).toEqual({ provider: { type: 'OKTA', name: 'OKTA' } });
    expect(linkNames(body)).toEqual(['schema', 'activate', 'self', 'resetFactors', 'type']);
  });

  test('offers the links of its status', async () => {
    const provisioned = await makeAda('', {});
    expect(linkNames((await call('GET', `/users/${provisioned}`)).body)).toEqual([
      'suspend',
      'schema',
      'resetPassword',
      'reactivate',
      'self',
      'resetFactors',
      'type',
      'deactivate',
    ]);
    await call('DELETE', `/users/${provisioned}`);
    const { body } = await call('GET', `/users/${provisioned}`);
    expect(linkNames(body)).toEqual(['schema', 'activate', 'self', 'resetFactors', 'type', 'delete']);
    expect(body._links).toMatchObject({ delete: { method: 'DELETE' } });
  });

  test('is shown without credentials or their links when asked', async () => {
    const id = await makeAda();
    const type = 'application/json; okta-response="omitCredentials, omitCredentialsLinks"';
    const { body } = await call('GET', `/users/${id}`, undefined, type);
    expect(body.credentials).toBeUndefined();
    expect(linkNames(body)).toEqual(['suspend', 'schema', 'self', 'type', 'deactivate']);
  });

  test('is found by login, short name and `me`; has an entity tag that changes with it', async () => {
    const id = await makeAda();
    for (const name of ['ada%40example.com', 'ADA@example.com', 'ada'])
      expect((await call('GET', `/users/${name}`)).body.id).toBe(id);
    expect((await call('GET', '/users/me')).body.id).toBe(api.admin.id);
    const before = (await call('GET', `/users/${id}`)).headers.get('etag');
    api.world.advance(1);
    await call('POST', `/users/${id}`, { profile: { title: 'Countess' } });
    expect(before).toMatch(/^W\/"[\w-]+"$/);
    expect((await call('GET', `/users/${id}`)).headers.get('etag')).not.toBe(before);
    expect(refused(await call('GET', '/users/nobody'))).toEqual([
      404,
      'E0000007',
      'Not found: Resource not found: nobody (User)',
      [],
    ]);
  });

  test.each<[string, object, unknown[]]>([
    [
      'an unknown attribute',
      { profile: { ...profile, x: 1 } },
      ['newUser', "Property name 'x' is not defined in profile"],
    ],
    ['no profile', {}, ['profile', 'profile: The field cannot be left blank']],
    [
      'a password that is too simple',
      { profile, credentials: { password: { value: 'secret' } } },
      ['password', expect.stringMatching(/^password: .*at least 8 characters/)],
    ],
    [
      'a hash that is none',
      { profile, credentials: { password: { hash: { algorithm: 'MD5', value: 'x' } } } },
      ['password', 'password.hash.value: The field must be 16 bytes in base64'],
    ],
    [
      'half a recovery question',
      { profile, credentials: { recovery_question: { question: 'Why?' } } },
      ['recovery_question', 'answer: The field cannot be left blank'],
    ],
  ])('with %s is refused', async (_, body, [subject, cause]) => {
    expect(refused(await call('POST', '/users', body))).toEqual([
      400,
      'E0000001',
      `Api validation failed: ${subject}`,
      [{ errorSummary: cause }],
    ]);
  });

  test('changes in part by POST, as a whole by PUT; credentials alone leave the profile', async () => {
    const id = await makeAda();
    await call('POST', `/users/${id}`, { profile: { title: 'Countess' } });
    const only = await call('PUT', `/users/${id}`, { credentials: { password: { value: 'Other-Horse-2' } } });
    expect(only).toMatchObject({ status: 200, body: { profile: { ...profile, title: 'Countess' } } });
    const whole = await call('PUT', `/users/${id}`, { profile });
    expect(whole.body.profile).toEqual({ ...profile, mobilePhone: null, secondEmail: null });
    expect((await call('PUT', `/users/${id}`, {})).status).toBe(400);
  });

  test('is deactivated by the first DELETE, gone after the second', async () => {
    const id = await makeAda();
    expect((await call('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await call('GET', `/users/${id}`)).body.status).toBe('DEPROVISIONED');
    expect((await call('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await call('GET', `/users/${id}`)).status).toBe(404);
  });
});

describe('a list of users', () => {
  test('has pages that are linked to one another, without missing or doubling anybody', async () => {
    for (let i = 0; i < 6; i++) {
      api.world.advance(1);
      await createUser(api.world.env, { profile: { ...profile, login: `user${i}@example.com` } });
    }
    const seen: unknown[] = [];
    let path: string | undefined = '/users?limit=3';
    while (path !== undefined) {
      const { body, headers } = await call('GET', path);
      for (const one of body) {
        seen.push(one.id);
        expect(linkNames(one)).toEqual(['self']);
      }
      const link = headers.get('link') ?? '';
      expect(link).toContain('rel="self"');
      path = /<https:\/\/sso\.example\.com\/api\/v1([^>]+)>; rel="next"/.exec(link)?.[1];
    }
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
  });

  test('takes a search, and says what is wrong with one', async () => {
    const id = await makeAda();
    const found = await call('GET', '/users?search=profile.email+sw+%22ADA%22&sortOrder=0&limit=200');
    expect(found.body.map((one) => one.id)).toEqual([id]);
    expect(found.headers.get('link')).not.toContain('next');
    expect(refused(await call('GET', '/users?search=profile.email'))).toEqual([
      400,
      'E0000031',
      'Invalid search criteria.',
      [],
    ]);
    expect((await call('GET', '/users?limit=0')).body.errorCode).toBe('E0000029');
    expect((await call('GET', '/users?after=forged')).body.errorCode).toBe('E0000029');
  });

  test('by the beginning of a name has ten and no second page', async () => {
    for (let i = 0; i < 12; i++)
      await createUser(api.world.env, { profile: { ...profile, login: `user${i}@example.com` } });
    const { body, headers } = await call('GET', '/users?q=ada');
    expect(body).toHaveLength(10);
    expect(headers.get('link')).not.toContain('next');
  });
});

describe('links for a person', () => {
  test('are answered with sendEmail=false only, and no token is ever logged', async () => {
    const id = await makeAda('?activate=false', {});
    const { body } = await call('POST', `/users/${id}/lifecycle/activate?sendEmail=false`);
    expect(Object.keys(body)).toEqual(['activationUrl', 'activationToken']);
    expect(body.activationUrl).toBe(`${ORG}/welcome/${body.activationToken}`);
    expect((await call('POST', `/users/${id}/lifecycle/reactivate?sendEmail=true`)).body).toEqual({});
    await call('PUT', `/users/${id}`, { credentials: { password: { value: PASSWORD } } });
    const reset = await call('POST', `/users/${id}/lifecycle/reset_password?sendEmail=false`);
    expect(reset.body.resetPasswordUrl).toMatch(/^https:\/\/sso\.example\.com\/reset_password\/[\w-]{43}$/);
    expect((await call('POST', `/users/${id}/lifecycle/reset_password`)).body).toEqual({});
    const log = JSON.stringify(api.world.logged);
    expect(log).toContain('No e-mail is sent');
    for (const secret of [body.activationToken, String(reset.body.resetPasswordUrl).slice(-43)])
      expect(log).not.toContain(secret);
  });

  test('for a forgotten password leave the status as it is', async () => {
    const id = await makeAda();
    const { body } = await call('POST', `/users/${id}/credentials/forgot_password?sendEmail=false`);
    expect(body.resetPasswordUrl).toContain(`${ORG}/reset_password/`);
    expect((await call('GET', `/users/${id}`)).body.status).toBe('ACTIVE');
  });
});

describe('lifecycle operations', () => {
  test('answer an empty object, or the refusal that clients know', async () => {
    const id = await makeAda();
    const run = async (name: string) => {
      const { status, body } = await call('POST', `/users/${id}/lifecycle/${name}`);
      return [status, body.errorCode ?? body];
    };
    expect(await run('activate')).toEqual([403, 'E0000016']);
    expect(await run('unlock')).toEqual([403, 'E0000032']);
    expect(await run('unsuspend')).toEqual([400, 'E0000001']);
    expect(await run('reactivate')).toEqual([403, 'E0000038']);
    expect(await run('suspend')).toEqual([200, {}]);
    expect(await run('suspend')).toEqual([400, 'E0000001']);
    expect(await run('unsuspend')).toEqual([200, {}]);
    expect(await run('reset_factors')).toEqual([200, {}]);
    expect(await run('deactivate')).toEqual([200, {}]);
    expect(await run('deactivate')).toEqual([403, 'E0000038']);
    expect(await run('activate')).toEqual([200, {}]);
  });

  test('expire a password, or replace it by a temporary one', async () => {
    const id = await makeAda();
    const expired = await call('POST', `/users/${id}/lifecycle/expire_password`);
    expect(expired.body).toMatchObject({ id, status: 'PASSWORD_EXPIRED' });
    const { body } = await call('POST', `/users/${id}/lifecycle/expire_password?tempPassword=true`);
    const changed = await call('POST', `/users/${id}/credentials/change_password`, {
      oldPassword: { value: body.tempPassword },
      newPassword: { value: 'Other-Horse-2' },
    });
    expect(changed.body).toEqual({ password: {}, provider: { type: 'OKTA', name: 'OKTA' } });
  });
});

describe('credentials', () => {
  test('change by their own proof, and say why not', async () => {
    const question = { question: 'Whose horse?', answer: 'Bucephalus' };
    const id = await makeAda('', { password: { value: PASSWORD }, recovery_question: question });
    const change = (oldValue: string, newValue: string) =>
      call('POST', `/users/${id}/credentials/change_password`, {
        oldPassword: { value: oldValue },
        newPassword: { value: newValue },
      });
    expect(refused(await change('wrong', 'Other-Horse-2'))).toEqual([
      403,
      'E0000014',
      'Update of credentials failed',
      [{ errorSummary: 'Old Password is not correct' }],
    ]);
    expect((await change(PASSWORD, 'weak')).body.errorCode).toBe('E0000080');
    const other = await call('POST', `/users/${id}/credentials/change_recovery_question`, {
      password: { value: PASSWORD },
      recovery_question: { question: 'Which engine?', answer: 'Analytical' },
    });
    expect(other.body).toEqual({
      password: {},
      recovery_question: { question: 'Which engine?' },
      provider: { type: 'OKTA', name: 'OKTA' },
    });
    const forgot = (answer: string) =>
      call('POST', `/users/${id}/credentials/forgot_password`, {
        password: { value: 'Other-Horse-2' },
        recovery_question: { answer },
      });
    expect((await forgot('Bucephalus')).body.errorCode).toBe('E0000087');
    expect((await forgot('analytical')).status).toBe(200);
    expect((await change('Other-Horse-2', PASSWORD)).status).toBe(200);
  });
});
