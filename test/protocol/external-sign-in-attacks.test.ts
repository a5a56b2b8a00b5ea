// What must not sign anybody in by another provider: tokens that are wrong, answers that nobody asked for, names that are not theirs.
// OIDC Core 3.1.3.7, RFC 9207, RFC 9700 section 4.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newClientKey } from '../support/client-keys.ts';
import { callbackOf, type IssueOptions, type Said } from '../support/external-provider.ts';
import { externalSignIns, newName, person } from '../support/external-sign-in.ts';
import { followGuide, makeUser } from '../support/guide.ts';
import type { User } from '../support/management-api.ts';
import { authorizeUrl, codeFor, mustLeave, newPkce } from '../support/oauth.ts';
import { newUserAgent } from '../support/user-agent.ts';

const { server, api, partner, plain, makeProvider, start, sessionOf, signIn, reasonOf, refused } =
  await externalSignIns();
const userNamed = async (login: string) => (await api.request<User>('GET', `/api/v1/users/${login}`)).body;

describe('nobody takes over an account', () => {
  test.each([
    ['that is not verified', { email_verified: false }],
    ['that is not verified, as text', { email_verified: 'false' }],
    ['of which nothing is said', { email_verified: null }],
    ['that is verified by a word', { email_verified: 'yes' }],
  ])('by an address %s, nor makes one', async (_, said) => {
    const victim = await makeUser(api);
    expect(await refused(signIn(plain, { ...person(victim.login), ...said }))).toBe('EMAIL_NOT_VERIFIED');
    const free = person();
    expect(await refused(signIn(plain, { ...free, ...said }))).toBe('EMAIL_NOT_VERIFIED');
    expect((await api.request('GET', `/api/v1/users/${free.email}`)).status).toBe(404);
    expect(await api.get(`/api/v1/users/${victim.id}/idps`)).toEqual([]);
  });

  test('by a name that is also an address which is not theirs', async () => {
    const victim = await makeUser(api);
    const byName = await makeProvider({ subject: { userNameTemplate: { template: 'idpuser.preferred_username' } } });
    const said = { ...person(victim.login), preferred_username: victim.login, email_verified: false };
    expect(await refused(signIn(byName, said))).toBe('EMAIL_NOT_VERIFIED');
  });

  test('by an address that userinfo says of somebody else, or that is verified for another', async () => {
    const victim = await makeUser(api);
    const { sub } = person();
    const userInfo = { sub: 'another', email: victim.login, email_verified: true };
    expect(await refused(signIn(plain, { sub }, { userInfo }))).toBe('USERINFO_SUBJECT');
    const mixed = { sub, email: 'mine@attacker.example', email_verified: true };
    const said = { sub, email: victim.login, email_verified: null };
    expect(await refused(signIn(plain, said, { userInfo: mixed }))).toBe('EMAIL_NOT_VERIFIED');
  });

  test('who is linked to another person there', async () => {
    const email = newName();
    expect((await signIn(plain, person(email))).session?.login).toBe(email);
    expect(await refused(signIn(plain, person(email)))).toBe('ACCOUNT_LINKED_OTHERWISE');
  });

  test('an address that is not verified gets into no profile', async () => {
    const byName = await makeProvider({ subject: { userNameTemplate: { template: 'idpuser.preferred_username' } } });
    const [victim, login] = [newName(), newName()];
    const said = { ...person(victim), preferred_username: login, email_verified: false };
    expect((await signIn(byName, said)).session?.login).toBe(login);
    expect((await userNamed(login)).profile.email).toBe(login);
  });
});

describe('the way back', () => {
  test('is open once, to the browser that went', async () => {
    const agent = newUserAgent(server);
    const away = await start(agent, plain);
    const callback = await partner.answer(away, person());
    const thief = newUserAgent(server);
    await thief.open('/signin');
    const stolen = await thief.open(callback);
    expect([stolen.status, await reasonOf(stolen)]).toEqual([400, 'STATE_OF_ANOTHER_BROWSER']);
    expect(await sessionOf(thief)).toBeNull();
    expect((await agent.open(callback)).url.pathname).toBe('/');
    const again = await agent.open(callback);
    expect([again.status, await reasonOf(again)]).toEqual([400, 'STATE_UNKNOWN']);
  });

  test('is not open to a code that nobody asked for', async () => {
    const agent = newUserAgent(server);
    const away = await start(agent, plain);
    const callback = await partner.answer(away, person());
    for (const state of ['', 'made-up', null]) {
      const url = new URL(callback);
      if (state === null) url.searchParams.delete('state');
      else url.searchParams.set('state', state);
      const visit = await agent.open(url);
      expect([visit.status, await reasonOf(visit)]).toEqual([400, 'STATE_UNKNOWN']);
    }
    expect((await agent.open(callbackOf(away, {}))).status).toBe(400);
    expect(await sessionOf(agent)).toBeNull();
  });

  test('of a code that belongs to another authorization request fails (PKCE)', async () => {
    const [mine, theirs] = [newUserAgent(server), newUserAgent(server)];
    const injected = await partner.answer(await start(theirs, plain), person());
    const away = await start(mine, plain);
    const visit = await mine.open(callbackOf(away, { code: injected.searchParams.get('code') ?? '' }));
    expect([visit.status, await reasonOf(visit)]).toEqual([400, 'TOKEN_ENDPOINT_REFUSED']);
  });

  test('tells of an error, and of an answer by another issuer', async () => {
    const agent = newUserAgent(server);
    const denied = await agent.open(callbackOf(await start(agent, plain), { error: 'access_denied' }));
    expect([denied.status, await reasonOf(denied)]).toEqual([400, 'PROVIDER_REFUSED']);
    const right = await partner.answer(await start(agent, plain), person());
    right.searchParams.set('iss', 'https://another.example');
    const visit = await agent.open(right);
    expect([visit.status, await reasonOf(visit)]).toEqual([400, 'ISSUER_MISMATCH']);
    const named = await partner.answer(await start(agent, plain), person());
    named.searchParams.set('iss', partner.url);
    expect((await agent.open(named)).url.pathname).toBe('/');
  });

  test('leads to this server and to trusted places alone', async () => {
    for (const [wanted, path] of [
      ['/oauth2/consents', '/oauth2/consents'],
      ['https://attacker.example/', '/'],
      ['//attacker.example/', '/'],
      ['/\\attacker.example', '/'],
    ] as const) {
      const agent = newUserAgent(server);
      const away = await start(agent, plain, `?${new URLSearchParams({ fromURI: wanted })}`);
      const visit = await agent.open(await partner.answer(away, person()));
      expect([visit.left, visit.url.pathname]).toEqual([null, path]);
    }
  });

  test('shuts when the provider is turned off meanwhile; and then nobody is sent there', async () => {
    const closing = await makeProvider();
    const agent = newUserAgent(server);
    const away = await start(agent, closing);
    expect((await agent.open('/signin')).html).toContain(`/sso/idps/${closing.id}`);
    await api.post(`/api/v1/idps/${closing.id}/lifecycle/deactivate`);
    const visit = await agent.open(await partner.answer(away, person()));
    expect([visit.status, await reasonOf(visit)]).toEqual([400, 'PROVIDER_NOT_ACTIVE']);
    expect((await agent.open('/signin')).html).not.toContain(`/sso/idps/${closing.id}`);
    expect((await agent.open(`/sso/idps/${closing.id}`)).status).toBe(404);
    const guide = await followGuide(server);
    for (const idp of [closing.id, 'unknown']) {
      const { searchParams } = mustLeave(await agent.open(authorizeUrl(guide, newPkce(), { idp })));
      expect(searchParams.get('error_description')).toBe('Identity provider is not valid.');
    }
  });
});

describe('an ID token', async () => {
  const stranger = await newClientKey('RS256');
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = (claims: object) => `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
  const bySecret = (claims: object) => {
    const input = `${encoded({ alg: 'HS256' })}.${encoded(claims)}`;
    return `${input}.${createHmac('sha256', partner.secret).update(input).digest('base64url')}`;
  };
  const now = Math.floor(Date.now() / 1000);
  const wrong: [name: string, said: Said, options: IssueOptions, reason: string][] = [
    ['of another nonce', { nonce: 'another' }, {}, 'ID_TOKEN_NONCE'],
    ['without a nonce', { nonce: null }, {}, 'ID_TOKEN_NONCE'],
    ['for another client', { aud: 'another' }, {}, 'ID_TOKEN_AUDIENCE'],
    ['for several clients', { aud: [partner.clientId, 'another'] }, {}, 'ID_TOKEN_AUDIENCE'],
    ['given to another client', { azp: 'another' }, {}, 'ID_TOKEN_AUDIENCE'],
    ['of another issuer', { iss: 'https://another.example' }, {}, 'ID_TOKEN_ISSUER'],
    ['that is over', { exp: now - 3600 }, {}, 'ID_TOKEN_TIME'],
    ['of tomorrow', { iat: now + 86_400 }, {}, 'ID_TOKEN_TIME'],
    ['without an end', { exp: null }, {}, 'ID_TOKEN_TIME'],
    ['about nobody', { sub: null }, {}, 'ID_TOKEN_SUBJECT'],
    ['signed by another key', {}, { by: stranger }, 'ID_TOKEN_SIGNATURE'],
    ['by a key of no known name', {}, { header: { kid: 'another' } }, 'ID_TOKEN_SIGNATURE'],
    ['that is not signed', {}, { idToken: unsigned }, 'ID_TOKEN_MALFORMED'],
    ['signed with the client’s secret', {}, { idToken: bySecret }, 'ID_TOKEN_ALGORITHM'],
    ['of another kind', {}, { header: { typ: 'at+jwt' } }, 'ID_TOKEN_MALFORMED'],
  ];

  test.each(wrong)('%s is refused', async (_, said, options, reason) => {
    expect(await refused(signIn(plain, { ...person(), ...said }, options))).toBe(reason);
  });

  test('may leave the address to userinfo', async () => {
    const { sub, email } = person();
    const userInfo = { sub, email, email_verified: true };
    expect((await signIn(plain, { sub, email_verified: null }, { userInfo })).session?.login).toBe(email);
  });
});

test('an application that asks for a new proof is not satisfied by an old one', async () => {
  const guide = await followGuide(server);
  const agent = newUserAgent(server);
  const away = mustLeave(await agent.open(authorizeUrl(guide, newPkce(), { idp: plain.id, prompt: 'login' })));
  expect(away.searchParams.get('prompt')).toBe('login');
  const old = { ...person(guide.user.login), auth_time: Math.floor(Date.now() / 1000) - 3600 };
  const visit = await agent.open(await partner.answer(away, old));
  expect([visit.status, await reasonOf(visit)]).toEqual([400, 'ID_TOKEN_NOT_FRESH']);
  const { code } = await codeFor(
    {
      ...agent,
      signIn: async (url) =>
        agent.open(await partner.answer(mustLeave(await agent.open(url)), { ...old, auth_time: null })),
    },
    guide,
    guide.user,
    { idp: plain.id, prompt: 'login' },
  );
  expect(code).not.toBe('');
});

test('no secret, code or token of the other side is in the server’s log or the System Log', async () => {
  const events = JSON.stringify(await api.get('/api/v1/logs?limit=1000'));
  for (const text of [server.output(), events]) {
    expect(text).not.toContain(partner.secret);
    expect(text).not.toMatch(/eyJ[\w-]{20,}/);
    expect(text).not.toContain('code_verifier');
  }
});
