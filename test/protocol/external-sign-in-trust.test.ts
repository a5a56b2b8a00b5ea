// What is believed of another provider, and whose account it is: no tokens that are wrong, no answers that nobody asked for, no names
// that are not theirs.
// OIDC Core 3.1.3.7, RFC 9207, RFC 9700 section 4.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newClientKey } from '../support/client-keys.ts';
import { callbackOf, type IssueOptions, type Said } from '../support/external-provider.ts';
import { externalSignIns, newName, person } from '../support/external-sign-in.ts';
import { followGuide, makeUser, unique } from '../support/guide.ts';
import type { Group, User } from '../support/management-api.ts';
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

describe('the provider’s policy', () => {
  test('links an account whose address is verified, or does not', async () => {
    const ada = await makeUser(api);
    const closed = await makeProvider({ accountLink: { action: 'DISABLED' } });
    const said = person(ada.login);
    expect(await refused(signIn(closed, said))).toBe('ACCOUNT_LINK_DISABLED');
    const { session } = await signIn(plain, said);
    expect(session?.userId).toBe(ada.id);
    // Who is linked may change their address there.
    expect((await signIn(plain, { ...said, email: newName(), email_verified: false })).session?.userId).toBe(ada.id);
  });

  test('links members of a group alone, and no administrators', async () => {
    const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Linkable') } });
    const [inside, outside, admin] = [await makeUser(api), await makeUser(api), await makeUser(api)];
    for (const { id } of [inside, admin]) await api.put(`/api/v1/groups/${group.id}/users/${id}`);
    await api.post(`/api/v1/users/${admin.id}/roles`, { type: 'READ_ONLY_ADMIN' });
    const filter = { groups: { include: [group.id] }, users: { excludeAdmins: true } };
    const some = await makeProvider({ accountLink: { action: 'AUTO', filter } });
    expect((await signIn(some, person(inside.login))).session?.userId).toBe(inside.id);
    for (const { login } of [outside, admin])
      expect(await refused(signIn(some, person(login)))).toBe('ACCOUNT_LINK_FILTERED');
  });

  test('makes accounts, or does not', async () => {
    const closed = await makeProvider({ provisioning: { action: 'DISABLED' } });
    expect(await refused(signIn(closed, person()))).toBe('PROVISIONING_DISABLED');
  });

  test('lets through names that its filter fits, whole', async () => {
    const own = await makeProvider({ subject: { filter: '.*@example\\.com' } });
    expect((await signIn(own, person())).session).not.toBeNull();
    expect(await refused(signIn(own, person('eve@example.com.attacker.example')))).toBe('USERNAME_FILTERED');
  });

  test('may compare another attribute, which must mean one person', async () => {
    const number = unique('N');
    const ada = await makeUser(api, { employeeNumber: number });
    const byNumber = await makeProvider({
      provisioning: { action: 'DISABLED' },
      subject: {
        userNameTemplate: { template: 'idpuser.employee_number' },
        matchType: 'CUSTOM_ATTRIBUTE',
        matchAttribute: 'employeeNumber',
      },
    });
    const said = { ...person(), employee_number: number };
    expect((await signIn(byNumber, said)).session?.userId).toBe(ada.id);
    await makeUser(api, { employeeNumber: number });
    expect(await refused(signIn(byNumber, { ...said, sub: unique('sub') }))).toBe('ACCOUNT_AMBIGUOUS');
  });

  test('keeps groups in step with what the provider says, those of its list alone', async () => {
    const make = (name: string) => api.post<Group>('/api/v1/groups', { profile: { name: unique(name) } });
    const [staff, board, other] = [await make('Staff'), await make('Board'), await make('Other')];
    const groups = { action: 'SYNC', sourceAttributeName: 'teams', filter: [staff.id, board.id] };
    const synced = await makeProvider({ provisioning: { action: 'AUTO', groups } });
    const said = person();
    const membershipsAfter = async (teams: unknown) => {
      const { session } = await signIn(synced, { ...said, teams });
      const found = await api.get<Group[]>(`/api/v1/users/${session?.userId}/groups`);
      return found.map(({ profile }) => profile.name).filter((name) => name !== 'Everyone');
    };
    expect(await membershipsAfter([staff.profile.name, other.profile.name])).toEqual([staff.profile.name]);
    expect(await membershipsAfter([board.profile.name])).toEqual([board.profile.name]);
    expect(await membershipsAfter(undefined)).toEqual([]);
  });

  test('may make the provider the source of profiles', async () => {
    const master = await makeProvider({ provisioning: { action: 'AUTO', profileMaster: true } });
    const said = person();
    const { session } = await signIn(master, said);
    const moved = newName();
    await signIn(master, { ...said, family_name: 'Murray', email: moved, email_verified: false });
    const before = await api.get<User>(`/api/v1/users/${session?.userId}`);
    expect(before.profile).toMatchObject({ lastName: 'Murray', email: said.email });
    await signIn(master, { ...said, email: moved });
    expect((await api.get<User>(`/api/v1/users/${session?.userId}`)).profile.email).toBe(moved);
  });

  test('is followed by a mapping, which says what of that which the provider tells goes where', async () => {
    const mapped = await makeProvider({ provisioning: { action: 'AUTO', profileMaster: true } });
    const [mapping] = await api.get<{ id: string }[]>(`/api/v1/mappings?sourceId=${mapped.id}`);
    const path = `/api/v1/mappings/${mapping?.id}`;
    const asked = (expression: string) => ({ expression, pushStatus: 'DONT_PUSH' });
    await api.post(path, { properties: { department: asked('appuser.unit'), displayName: null } });
    expect((await api.request('POST', path, { properties: { login: asked('appuser.unit') } })).status).toBe(400);
    const said = { ...person(), name: 'Ada B', unit: 'Optics' };
    const { session } = await signIn(mapped, said);
    const read = async () => (await api.get<User>(`/api/v1/users/${session?.userId}`)).profile;
    expect(await read()).toMatchObject({ department: 'Optics', lastName: 'Hopper' });
    expect(await read()).not.toHaveProperty('displayName');
    await signIn(mapped, { ...said, unit: 'Mirrors' });
    expect((await read()).department).toBe('Mirrors');
  });

  test('brings suspended people back only when it says so', async () => {
    const said = person();
    const { session } = await signIn(plain, said);
    await api.post(`/api/v1/users/${session?.userId}/lifecycle/suspend`);
    expect(await refused(signIn(plain, said))).toBe('ACCOUNT_NOT_ACTIVE');
    const lenient = await makeProvider({
      provisioning: { action: 'AUTO', conditions: { suspended: { action: 'UNSUSPEND' } } },
    });
    expect((await signIn(lenient, said)).session?.userId).toBe(session?.userId);
  });

  test('opens accounts that wait for their first password, and links none that is closed', async () => {
    const login = newName();
    const profile = { firstName: 'Ada', lastName: 'Lovelace', email: login, login };
    const waiting = await api.post<User>('/api/v1/users?activate=true', { profile });
    expect(waiting.status).toBe('PROVISIONED');
    expect((await signIn(plain, person(login))).session?.userId).toBe(waiting.id);
    expect((await api.get<User>(`/api/v1/users/${waiting.id}`)).status).toBe('ACTIVE');
    const closed = await makeUser(api);
    await api.post(`/api/v1/users/${closed.id}/lifecycle/deactivate`);
    expect(await refused(signIn(plain, person(closed.login)))).toBe('ACCOUNT_NOT_ACTIVE');
    expect(await api.get(`/api/v1/users/${closed.id}/idps`)).toEqual([]);
  });

  test('believes the provider’s methods when it says so', async () => {
    const trusting = await makeProvider({ trustClaims: true });
    expect((await signIn(trusting, { ...person(), amr: ['pwd', 'mfa', '<b>'] })).session?.amr).toEqual(['pwd', 'mfa']);
    expect((await signIn(plain, { ...person(), amr: ['pwd', 'mfa'] })).session?.amr).toEqual(['fed']);
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
