// Signing in by another OpenID provider, one Gatehouse by another, and what a provider's policy makes of accounts. Contract 4.9.
// Not here: what an attacker would have a provider say (external-sign-in-attacks.test.ts).
import { decodeJwt } from 'jose';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { externalSignIns, newName, person } from '../support/external-sign-in.ts';
import {
  allow,
  CALLBACK,
  makeApplication,
  makeAuthorizationServer,
  makeUser,
  makeWebApplication,
  unique,
} from '../support/guide.ts';
import { type Group, type LogEvent, managementApi, type User } from '../support/management-api.ts';
import { authorizeUrl, mustLeave, newPkce, redeem } from '../support/oauth.ts';
import { startServer } from '../support/server.ts';
import { newUserAgent, type UserAgent } from '../support/user-agent.ts';

const { server, api, partner, plain, makeProvider, start, sessionOf, signIn, reasonOf, refused } =
  await externalSignIns();

describe('one Gatehouse by another', async () => {
  const other = await startServer({ database: inject('database') });
  afterAll(() => other.stop());
  const there = managementApi(other);
  const client = await makeWebApplication(there, { redirect_uris: [`${server.url}/oauth2/v1/authorize/callback`] });
  const { client_id, client_secret } = client.credentials.oauthClient;
  const ada = await makeUser(there);
  await there.post(`/api/v1/apps/${client.id}/users`, { id: ada.id, scope: 'USER' });

  const catalogue = await makeApplication(api);
  const team = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Team') } });
  await api.put(`/api/v1/apps/${catalogue.id}/groups/${team.id}`, {});
  const clientId = catalogue.credentials.oauthClient.client_id;
  const authorizationServer = await makeAuthorizationServer(api, clientId);
  await allow(api, authorizationServer.id, [clientId]);
  const url = (path: string) => ({ url: `${other.url}/oauth2/v1/${path}` });
  const gatehouse = await makeProvider(
    { provisioning: { action: 'AUTO', groups: { action: 'ASSIGN', assignments: [team.id] } } },
    {
      protocol: {
        scopes: ['openid', 'email', 'profile'],
        issuer: { url: other.url },
        endpoints: {
          authorization: url('authorize'),
          token: url('token'),
          jwks: url('keys'),
          userInfo: url('userinfo'),
        },
        credentials: { client: { client_id, client_secret } },
      },
    },
  );
  const relying = {
    issuer: authorizationServer.issuer,
    clientId,
    redirectUri: CALLBACK,
    scope: 'openid profile email',
  };

  /** Both servers in one browser: each has its own cookies. */
  async function byIdp(agent: UserAgent, thereAgent = newUserAgent(other)) {
    const pkce = newPkce();
    const away = mustLeave(await agent.open(authorizeUrl(relying, pkce, { idp: gatehouse.id, login_hint: ada.login })));
    expect(away.origin).toBe(other.url);
    const back = mustLeave(await thereAgent.signIn(away, ada));
    const callback = mustLeave(await agent.open(back));
    return redeem(relying, { code: callback.searchParams.get('code') ?? '', verifier: pkce.verifier });
  }

  test('an application that names the provider gets tokens that name it, of an account made at the first visit', async () => {
    const agent = newUserAgent(server);
    const { status, body } = await byIdp(agent);
    expect(status).toBe(200);
    const claims = decodeJwt(body.id_token);
    expect(claims).toMatchObject({ idp: gatehouse.id, amr: ['fed'], preferred_username: ada.login, email: ada.login });
    const account = await api.get<User & { credentials: object }>(`/api/v1/users/${claims.sub}`);
    expect(account).toMatchObject({
      status: 'ACTIVE',
      profile: { firstName: 'Ada', lastName: 'Lovelace', login: ada.login },
      credentials: { provider: { type: 'FEDERATION', name: 'FEDERATION' } },
    });
    expect(await sessionOf(agent)).toMatchObject({
      amr: ['fed'],
      idp: { id: gatehouse.id, type: 'FEDERATION' },
      lastPasswordVerification: null,
    });
    // The second visit, in another browser, is the same account.
    const again = decodeJwt((await byIdp(newUserAgent(server))).body.id_token);
    expect(again.sub).toBe(claims.sub);
    const [link] = await api.get<{ id: string; externalId: string; profile: object }[]>(
      `/api/v1/idps/${gatehouse.id}/users`,
    );
    expect(link).toMatchObject({ id: claims.sub, externalId: ada.id, profile: { email: ada.login } });
    const events = await api.get<LogEvent[]>(
      `/api/v1/logs?filter=${encodeURIComponent(`eventType eq "user.authentication.auth_via_IDP" and target.id eq "${claims.sub}"`)}`,
    );
    expect(events.map(({ outcome, debugContext }) => [outcome.result, debugContext.debugData.account]).sort()).toEqual([
      ['SUCCESS', 'CREATED'],
      ['SUCCESS', 'LINKED_BEFORE'],
    ]);
  });

  test('the sign-in page leads there and back to the application', async () => {
    const agent = newUserAgent(server);
    const page = await agent.open(authorizeUrl(relying, newPkce()));
    const path = new RegExp(`href="(/sso/idps/${gatehouse.id}[^"]*)"`).exec(page.html)?.[1] ?? '';
    const away = mustLeave(await agent.open(path.replaceAll('&amp;', '&')));
    const back = mustLeave(await newUserAgent(other).signIn(away, ada));
    expect(mustLeave(await agent.open(back)).searchParams.has('code')).toBe(true);
  });

  test('this server may prove who it is by a key of its own', async () => {
    const keyed = await makeProvider(
      {},
      {
        protocol: {
          scopes: ['openid', 'email', 'profile'],
          issuer: { url: other.url },
          endpoints: {
            authorization: url('authorize'),
            token: url('token'),
            jwks: url('keys'),
            userInfo: url('userinfo'),
          },
          credentials: { client: { client_id: 'not known yet', token_endpoint_auth_method: 'private_key_jwt' } },
        },
      },
    );
    type Key = Record<'kty' | 'kid' | 'use' | 'e' | 'n', string>;
    const generate = () => api.post<Key>(`/api/v1/idps/${keyed.id}/credentials/keys/generate?validityYears=2`);
    const { kty, kid, use, e, n } = await generate();
    const app = await makeWebApplication(
      there,
      {
        redirect_uris: [`${server.url}/oauth2/v1/authorize/callback`],
        jwks: { keys: [{ kty, kid, use, e, n }] },
      },
      { token_endpoint_auth_method: 'private_key_jwt' },
    );
    const person = await makeUser(there);
    await there.post(`/api/v1/apps/${app.id}/users`, { id: person.id, scope: 'USER' });
    const { name, type, protocol } = await api.get<{ name: string; type: string; protocol: object }>(
      `/api/v1/idps/${keyed.id}`,
    );
    const change = (signing: object) =>
      api.put(`/api/v1/idps/${keyed.id}`, {
        name,
        type,
        protocol: {
          ...protocol,
          credentials: {
            client: {
              client_id: app.credentials.oauthClient.client_id,
              token_endpoint_auth_method: 'private_key_jwt',
            },
            ...signing,
          },
        },
      });
    const visit = async () => {
      const agent = newUserAgent(server);
      const back = mustLeave(await newUserAgent(other).signIn(await start(agent, keyed), person));
      const visit = await agent.open(back);
      return { visit, session: await sessionOf(agent) };
    };
    await change({});
    expect((await visit()).session?.login).toBe(person.login);
    // A newer key signs, which the other side does not know, unless the credentials name the one that it knows.
    await generate();
    expect(await refused(visit())).toBe('TOKEN_ENDPOINT_REFUSED');
    await change({ signing: { kid } });
    expect((await visit()).session?.login).toBe(person.login);
  });

  test('a person who cannot sign in there is not signed in here', async () => {
    const agent = newUserAgent(server);
    const away = await start(agent, gatehouse);
    const stranger = await makeUser(there);
    const back = mustLeave(await newUserAgent(other).signIn(away, stranger));
    expect(back.searchParams.get('error')).toBe('access_denied');
    const visit = await agent.open(back);
    expect([visit.status, await reasonOf(visit)]).toEqual([400, 'PROVIDER_REFUSED']);
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
    const broken = await makeProvider({ subject: { filter: '(' } });
    expect(await refused(signIn(broken, person()))).toBe('USERNAME_FILTERED');
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

  test('believes the provider’s methods when it says so', async () => {
    const trusting = await makeProvider({ trustClaims: true });
    expect((await signIn(trusting, { ...person(), amr: ['pwd', 'mfa', '<b>'] })).session?.amr).toEqual(['pwd', 'mfa']);
    expect((await signIn(plain, { ...person(), amr: ['pwd', 'mfa'] })).session?.amr).toEqual(['fed']);
  });
});

test('a person who comes ten times at once for the first time gets one account', async () => {
  const said = person();
  const agents = Array.from({ length: 10 }, () => newUserAgent(server));
  const callbacks = await Promise.all(
    agents.map(async (agent) => ({ agent, callback: await partner.answer(await start(agent, plain), said) })),
  );
  await Promise.all(callbacks.map(({ agent, callback }) => agent.open(callback)));
  const sessions = await Promise.all(agents.map(sessionOf));
  expect(new Set(sessions.map((session) => session?.userId)).size).toBe(1);
});

test('a sign-on policy can keep out whom a provider vouches for', async () => {
  const outside = await makeProvider();
  const policy = await api.post<{ id: string }>('/api/v1/policies', {
    type: 'OKTA_SIGN_ON',
    name: unique('No partners'),
    conditions: { people: { groups: { include: [await everyone()] } } },
  });
  await api.post(`/api/v1/policies/${policy.id}/rules`, {
    type: 'SIGN_ON',
    name: 'Not by this one',
    conditions: { identityProvider: { provider: 'SPECIFIC_IDP', idpIds: [outside.id] } },
    actions: { signon: { access: 'DENY' } },
  });
  const { visit, session } = await signIn(outside, person());
  expect([visit.status, session]).toEqual([400, null]);
  expect((await signIn(plain, person())).session).not.toBeNull();
  await api.delete(`/api/v1/policies/${policy.id}`);
});

async function everyone(): Promise<string> {
  const [group] = await api.get<Group[]>('/api/v1/groups?q=Everyone');
  return group?.id ?? '';
}
