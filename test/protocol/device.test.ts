// The device flow: contract 1.5, RFC 8628. A device that has no browser, a person who decides on another screen.
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  activate,
  askForCodes,
  DEVICE_GRANT,
  type DeviceCodes,
  decide,
  openActivation,
  poll,
} from '../support/device.ts';
import { allow, followGuide, type Guide, makeUser } from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import type { LogEvent } from '../support/management-api.ts';
import { basic, refresh } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();

async function deviceGuide(oauthClient: object = {}): Promise<Guide> {
  const guide = await followGuide(server, {
    oauthClient: {
      application_type: 'native',
      redirect_uris: [],
      grant_types: [DEVICE_GRANT, 'refresh_token'],
      response_types: ['token'],
      ...oauthClient,
    },
  });
  const { policy, rule } = await allow(guide.api, guide.authorizationServer.id, [guide.clientId], {}, [DEVICE_GRANT]);
  return { ...guide, policy, rule, scope: 'openid profile offline_access catalogue' };
}

const guide = await deviceGuide();

async function codesFor(client: Guide = guide): Promise<DeviceCodes> {
  const answer = await askForCodes(client);
  expect(answer.status).toBe(200);
  return answer.body;
}

describe('the device asks', () => {
  test('and gets exactly the members of the contract, in JSON that no cache keeps', async () => {
    const { status, headers, body } = await askForCodes(guide);
    expect(status).toBe(200);
    expect(body).toEqual({
      device_code: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/),
      verification_uri: `${server.url}/activate`,
      verification_uri_complete: `${server.url}/activate?user_code=${body.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    expect(headers.get('cache-control')).toContain('no-store');
  });

  test.each([
    { with: 'no client', changes: { client_id: null }, status: 401, error: 'invalid_client' },
    { with: 'an unknown client', changes: { client_id: '0oaNobody' }, status: 401, error: 'invalid_client' },
    { with: 'a secret that it does not have', changes: { client_secret: 'x' }, status: 401, error: 'invalid_client' },
    { with: 'an unknown scope', changes: { scope: 'openid nothing' }, status: 400, error: 'invalid_scope' },
    { with: 'profile but not openid', changes: { scope: 'profile' }, status: 400, error: 'invalid_scope' },
  ])('with $with and is refused', async ({ changes, status, error }) => {
    const answer = await askForCodes(guide, changes);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toBe(error);
    expect(answer.body).not.toHaveProperty('device_code');
  });

  test('without the grant and is refused', async () => {
    const other = await followGuide(server);
    const answer = await askForCodes(other);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('unauthorized_client');
  });
});

test('a page of another origin may ask when the client says so, and only then', async () => {
  const url = `${guide.issuer}/v1/device/authorize`;
  const preflight = await fetch(url, {
    method: 'OPTIONS',
    headers: { origin: 'https://tv.example.com', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  const foreign = await askForCodes(guide, {}, { origin: 'https://tv.example.com' });
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  await guide.api.post('/api/v1/trustedOrigins', {
    name: 'TV',
    origin: 'https://tv.example.com',
    scopes: [{ type: 'CORS' }],
  });
  const trusted = await askForCodes(guide, {}, { origin: 'https://tv.example.com' });
  expect(trusted.headers.get('access-control-allow-origin')).toBe('https://tv.example.com');
});

describe('the device polls', () => {
  test('and waits until the person has decided, then gets tokens once', async () => {
    const codes = await codesFor();
    const early = await poll(guide, codes.device_code);
    expect(early.status).toBe(400);
    expect(early.body).toEqual({
      error: 'authorization_pending',
      error_description: 'The device authorization is pending. Please try again later.',
    });
    await activate(newUserAgent(server), codes, guide.user);
    const { status, body } = await poll(guide, codes.device_code);
    expect(status).toBe(200);
    expect(body.scope.split(' ').sort()).toEqual(['catalogue', 'offline_access', 'openid', 'profile']);
    expect(decodeJwt(body.access_token)).toMatchObject({ uid: guide.user.id, cid: guide.clientId });
    expect(decodeJwt(body.id_token)).toMatchObject({ sub: guide.user.id, aud: guide.clientId, amr: ['pwd'] });
    expect(decodeJwt(body.id_token)).not.toHaveProperty('nonce');
    const again = await poll(guide, codes.device_code);
    expect(again.status).toBe(400);
    expect(again.body).toEqual({
      error: 'invalid_grant',
      error_description: 'The device code is invalid or has expired.',
    });
  });

  test('too fast and is told to slow down, each time by five seconds more', async () => {
    const codes = await codesFor();
    expect((await poll(guide, codes.device_code)).body.error).toBe('authorization_pending');
    const answer = await poll(guide, codes.device_code);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: 'slow_down',
      error_description: 'Slow down the polling frequency. Please try again later.',
    });
    expect((await poll(guide, codes.device_code)).body.error).toBe('slow_down');
  });

  test('fifty times at once: before the decision one is in time, after it one gets tokens', async () => {
    const codes = await codesFor();
    const fifty = () => Promise.all(Array.from({ length: 50 }, () => poll(guide, codes.device_code)));
    const before = await fifty();
    expect(before.filter(({ body }) => body.error === 'authorization_pending')).toHaveLength(1);
    expect(before.filter(({ body }) => body.error === 'slow_down')).toHaveLength(49);
    await activate(newUserAgent(server), codes, guide.user);
    const after = await fifty();
    expect(after.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of after.filter((answer) => answer.status !== 200)) {
      expect(status).toBe(400);
      expect(body.error).toBe('invalid_grant');
    }
  });

  test('after a no and is told so', async () => {
    const codes = await codesFor();
    const agent = newUserAgent(server);
    const told = await decide(agent, await openActivation(agent, codes, guide.user), 'deny');
    expect(told.html).toContain('not connected');
    const answer = await poll(guide, codes.device_code);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('access_denied');
  });

  test('with a made-up code, none, a stranger’s, or one of another server, in vain', async () => {
    const codes = await codesFor();
    await activate(newUserAgent(server), codes, guide.user);
    expect((await poll(guide, 'made-up')).body.error).toBe('invalid_grant');
    expect((await poll(guide, codes.user_code)).body.error).toBe('invalid_grant');
    expect((await poll(guide, '', { device_code: null })).body.error).toBe('invalid_request');
    const other = await deviceGuide();
    expect((await poll(other, codes.device_code)).body.error).toBe('invalid_grant');
    const elsewhere = await poll({ ...guide, issuer: other.issuer }, codes.device_code);
    expect(elsewhere.body.error_description).toBe('The grant was issued for another authorization server.');
    // None of this used it up.
    expect((await poll(guide, codes.device_code)).status).toBe(200);
  });

  test('and refreshes what it got, judged by the device grant', async () => {
    const other = await deviceGuide();
    const codes = await codesFor(other);
    await activate(newUserAgent(server), codes, other.user);
    const { body } = await poll(other, codes.device_code);
    const again = await refresh(other, body.refresh_token);
    expect(again.status).toBe(200);
    expect(decodeJwt(again.body.access_token).uid).toBe(other.user.id);
    // What is left allows codes from the browser.
    const policy = `/api/v1/authorizationServers/${other.authorizationServer.id}/policies/${other.policy.id}`;
    await other.api.post(`${policy}/lifecycle/deactivate`);
    expect((await refresh(other, again.body.refresh_token)).body.error).toBe('access_denied');
  });

  test('for a person who was suspended after the yes, in vain', async () => {
    const other = await deviceGuide();
    const codes = await codesFor(other);
    await activate(newUserAgent(server), codes, other.user);
    await other.api.post(`/api/v1/users/${other.user.id}/lifecycle/suspend`);
    expect((await poll(other, codes.device_code)).body.error).toBe('invalid_grant');
  });
});

describe('policy', () => {
  test('is asked at the yes and again when the device gets its tokens', async () => {
    const other = await deviceGuide();
    const policies = `/api/v1/authorizationServers/${other.authorizationServer.id}/policies`;
    const refused = {
      error: 'access_denied',
      error_description: 'Policy evaluation failed for this request, please check the policy configurations.',
    };
    const codes = await codesFor(other);
    await activate(newUserAgent(server), codes, other.user);
    const waiting = await codesFor(other);
    const all = await other.api.get<{ id: string }[]>(policies);
    for (const { id } of all) await other.api.post(`${policies}/${id}/lifecycle/deactivate`);
    const late = await poll(other, codes.device_code);
    expect(late.status).toBe(401);
    expect(late.body).toEqual(refused);
    const page = await openActivation(newUserAgent(server), waiting, other.user);
    expect(page.html).toContain(refused.error_description);
    for (const { id } of all) await other.api.post(`${policies}/${id}/lifecycle/activate`);
    // A refusal uses nothing up.
    expect((await poll(other, codes.device_code)).status).toBe(200);
  });

  test('and the assignment count until the end', async () => {
    const other = await deviceGuide();
    const codes = await codesFor(other);
    await activate(newUserAgent(server), codes, other.user);
    await other.api.delete(`/api/v1/apps/${other.app.id}/users/${other.user.id}`);
    expect((await poll(other, codes.device_code)).body.error_description).toBe(
      'User is not assigned to the client application.',
    );
  });

  test('never gives more than the person was shown: new default scopes come too late', async () => {
    const other = await deviceGuide();
    const { body } = await askForCodes(other, { scope: null });
    await activate(newUserAgent(server), body, other.user);
    await other.api.post(`/api/v1/authorizationServers/${other.authorizationServer.id}/scopes`, {
      name: 'later',
      default: true,
    });
    expect((await poll(other, body.device_code)).body.scope).toBe('catalogue');
  });
});

test('a client with a secret must prove itself at both endpoints', async () => {
  const other = await deviceGuide({ application_type: 'web' });
  const app = await other.api.get<{ credentials: { oauthClient: object } }>(`/api/v1/apps/${other.app.id}`);
  const put = await other.api.put<typeof other.app>(`/api/v1/apps/${other.app.id}`, {
    ...app,
    credentials: { oauthClient: { ...app.credentials.oauthClient, token_endpoint_auth_method: 'client_secret_basic' } },
  });
  const secret = put.credentials.oauthClient.client_secret ?? '';
  expect((await askForCodes(other)).status).toBe(401);
  const headers = { authorization: basic(other.clientId, secret) };
  const { status, body } = await askForCodes(other, {}, headers);
  expect(status).toBe(200);
  await activate(newUserAgent(server), body, other.user);
  expect((await poll(other, body.device_code)).status).toBe(401);
  expect((await poll(other, body.device_code, { client_secret: secret })).status).toBe(200);
});

test('at the org server the flow is the same', async () => {
  const atOrg = { ...guide, issuer: server.url, scope: 'openid email' };
  const { body } = await askForCodes(atOrg);
  await activate(newUserAgent(server), body, guide.user);
  const tokens = await poll(atOrg, body.device_code);
  expect(tokens.status).toBe(200);
  expect(decodeJwt(tokens.body.id_token)).toMatchObject({ iss: server.url, email: guide.user.login });
});

describe('the person', () => {
  const agent = newUserAgent(server);

  test('types the code as people do, and is asked to sign in, then what and for whom', async () => {
    const codes = await codesFor();
    const entry = await agent.open('/activate');
    expect(formOf(entry.html)?.fields.user_code).toBe('');
    const typed = ` ${codes.user_code.slice(0, 4).toLowerCase()}-${codes.user_code.slice(4)} `;
    const signIn = await agent.submit(entry, { user_code: typed });
    expect(signIn.url.pathname).toBe('/signin');
    const asked = await agent.submit(signIn, { identifier: guide.user.login, password: guide.user.password });
    expect(asked.url.pathname).toBe('/activate/confirm');
    for (const text of [
      guide.app.label,
      guide.user.login,
      codes.user_code,
      'View your profile information.',
      'catalogue',
    ])
      expect(asked.html).toContain(text);
    expect(asked.headers.get('x-frame-options')).toBe('DENY');
    expect((await decide(agent, asked, 'allow')).html).toContain('connected');
    expect((await poll(guide, codes.device_code)).status).toBe(200);
  });

  test('who is signed in already is only asked for the decision', async () => {
    const codes = await codesFor();
    const asked = await agent.submit(await agent.open(codes.verification_uri_complete), {});
    expect(asked.url.pathname).toBe('/activate/confirm');
  });

  test('following a link gives nothing away by itself: it takes two deliberate answers', async () => {
    const codes = await codesFor();
    const page = await agent.open(codes.verification_uri_complete);
    expect(formOf(page.html)?.fields.user_code).toBe(codes.user_code);
    expect(page.html).toContain('Continue only if your device shows exactly this code.');
    expect((await poll(guide, codes.device_code)).body.error).toBe('authorization_pending');
  });

  test.each(['', 'BCDFGHJK', 'AAAAAAAA', 'BCDF', `${'B'.repeat(4000)}`, '<script>'])(
    'who types the wrong code %j is told so, and nothing more',
    async (typed) => {
      const page = await agent.submit(await agent.open('/activate'), { user_code: typed });
      expect(page.status).toBe(400);
      expect(page.html).toContain('This code is not valid, or it has expired.');
      expect(page.html).not.toContain('<script>');
    },
  );

  test('cannot use a code twice', async () => {
    const codes = await codesFor();
    await activate(agent, codes, guide.user);
    const page = await agent.submit(await agent.open(codes.verification_uri_complete), {});
    expect(page.status).toBe(400);
    expect(page.html).toContain('This code is not valid, or it has expired.');
  });

  test('who is not assigned is refused on the page, and the code stays for who is', async () => {
    const codes = await codesFor();
    const stranger = await makeUser(guide.api);
    const refused = await openActivation(newUserAgent(server), codes, stranger);
    expect(refused.status).toBe(400);
    expect(refused.html).toContain('User is not assigned to the client application.');
    await activate(newUserAgent(server), codes, guide.user);
    expect((await poll(guide, codes.device_code)).status).toBe(200);
  });

  test('is heard by the System Log, yes and no', async () => {
    const codes = await codesFor();
    await activate(agent, codes, guide.user);
    const events = await guide.api.get<LogEvent[]>(`/api/v1/logs?sortOrder=DESCENDING&limit=100`);
    const decision = events.find(
      ({ eventType, target }) =>
        eventType === 'app.oauth2.as.authorize' && target.some(({ id }) => id === guide.clientId),
    );
    expect(decision).toMatchObject({ outcome: { result: 'SUCCESS' }, actor: { id: guide.user.id } });
    expect(JSON.stringify(events)).not.toContain(codes.device_code);
    expect(server.output()).not.toContain(codes.device_code);
  });
});

describe('another browser', () => {
  test('cannot open the page of who typed the code', async () => {
    const codes = await codesFor();
    const asked = await openActivation(newUserAgent(server), codes, guide.user);
    const thief = newUserAgent(server);
    await thief.signIn('/signin', guide.user);
    const page = await thief.open(asked.url);
    // It is asked for the code like anybody else.
    expect(page.url.pathname).toBe('/activate');
  });

  test('cannot send the decision, signed in or not', async () => {
    const codes = await codesFor();
    const asked = await openActivation(newUserAgent(server), codes, guide.user);
    const thief = newUserAgent(server);
    expect((await decide(thief, asked, 'allow')).status).toBe(400);
    await thief.signIn('/signin', guide.user);
    expect((await decide(thief, asked, 'allow')).status).toBe(400);
    expect((await poll(guide, codes.device_code)).body.error).toBe('authorization_pending');
  });

  test('of the same person under another account cannot decide with the first one’s form', async () => {
    const codes = await codesFor();
    const other = await makeUser(guide.api);
    await guide.api.post(`/api/v1/apps/${guide.app.id}/users`, { id: other.id, scope: 'USER' });
    const agent = newUserAgent(server);
    const asked = await openActivation(agent, codes, guide.user);
    await agent.open('/login/signout');
    await agent.signIn('/signin', other);
    expect((await decide(agent, asked, 'allow')).status).toBe(400);
    expect((await poll(guide, codes.device_code)).body.error).toBe('authorization_pending');
  });

  test('cannot enter a code by a form of its own making', async () => {
    const codes = await codesFor();
    const forged = await newUserAgent(server).open('/activate', new URLSearchParams({ user_code: codes.user_code }));
    expect(forged.status).toBe(400);
    expect(forged.url.pathname).toBe('/activate');
    expect(formOf(forged.html)).toBeNull();
  });
});

describe('consent', () => {
  let strict: Guide;
  beforeAll(async () => {
    strict = await deviceGuide({ consent_method: 'REQUIRED' });
    const scopes = `/api/v1/authorizationServers/${strict.authorizationServer.id}/scopes`;
    await strict.api.post(scopes, { name: 'orders', consent: 'REQUIRED' });
    await strict.api.post(scopes, { name: 'history', consent: 'REQUIRED', optional: true });
  });

  test('is the yes at /activate', async () => {
    const { body } = await askForCodes(strict, { scope: 'openid orders' });
    await activate(newUserAgent(server), body, strict.user);
    const tokens = await poll(strict, body.device_code);
    expect(tokens.status).toBe(200);
    expect(tokens.body.scope).toBe('openid orders');
  });

  test('to an optional scope may be left out, which is remembered', async () => {
    const { body } = await askForCodes(strict, { scope: 'openid orders history' });
    const agent = newUserAgent(server);
    const page = await openActivation(agent, body, strict.user);
    expect(page.html).toMatch(/type="checkbox" name="scope" value="history" checked/);
    expect(page.html).not.toContain('value="orders"');
    await decide(agent, page, 'allow');
    expect((await poll(strict, body.device_code)).body.scope).toBe('openid orders');
    const { body: later } = await askForCodes(strict, { scope: 'openid orders history' });
    const again = await openActivation(agent, later, strict.user);
    expect(again.html).toMatch(/type="checkbox" name="scope" value="history">/);
    await decide(agent, again, 'allow', ['history']);
    expect((await poll(strict, later.device_code)).body.scope).toBe('openid orders history');
  });

  test('to nothing but an optional scope, left out, is a no', async () => {
    const person = await makeUser(strict.api);
    await strict.api.post(`/api/v1/apps/${strict.app.id}/users`, { id: person.id, scope: 'USER' });
    const { body } = await askForCodes(strict, { scope: 'history' });
    const agent = newUserAgent(server);
    const done = await decide(agent, await openActivation(agent, body, person), 'allow');
    expect(done.html).toContain('was not connected');
    expect((await poll(strict, body.device_code)).body.error).toBe('access_denied');
  });
});

describe('guessing', () => {
  test('user codes ends after twenty tries a minute, also for the right code', async () => {
    const codes = await codesFor();
    const agent = newUserAgent(server);
    const entry = await agent.open('/activate');
    for (let tries = 0; tries < 20; tries++) await agent.submit(entry, { user_code: 'BCDFGHJK' });
    const refused = await agent.submit(entry, { user_code: codes.user_code });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.html).toContain('Too many codes were tried.');
  });
});
