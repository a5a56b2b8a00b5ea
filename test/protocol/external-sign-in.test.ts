// Signing in by another OpenID provider: one Gatehouse by another, and the policies and rules around it. Contract 4.9.
// Not here: what is believed of a provider, and whose account it is (external-sign-in-trust.test.ts).
import { decodeJwt } from 'jose';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { callbackOf } from '../support/external-provider.ts';
import { externalSignIns, type Provider, person } from '../support/external-sign-in.ts';
import { enrollCodeApp, requireFactorOf } from '../support/factors.ts';
import {
  allow,
  CALLBACK,
  followGuide,
  makeApplication,
  makeAuthorizationServer,
  makeUser,
  makeWebApplication,
  unique,
} from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import { type Group, type LogEvent, managementApi, type User } from '../support/management-api.ts';
import { authorizeUrl, mustLeave, newPkce, redeem } from '../support/oauth.ts';
import { startServer } from '../support/server.ts';
import { newUserAgent, type UserAgent, type Visit } from '../support/user-agent.ts';

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

test('a further factor that policy wants is asked of whom a provider vouches for as well', async () => {
  const ada = await makeUser(api);
  const app = await enrollCodeApp(api, ada.id);
  await requireFactorOf(api, ada.id);
  const { agent, visit, session } = await signIn(plain, person(ada.login));
  expect([visit.status, session]).toEqual([200, null]);
  await agent.submit(visit, { passCode: app.code() });
  expect(await sessionOf(agent)).toMatchObject({ amr: ['fed', 'otp', 'mfa'], idp: { id: plain.id } });
});

describe('routing rules', async () => {
  const [discovery] = await api.get<{ id: string }[]>('/api/v1/policies?type=IDP_DISCOVERY');
  const rules = `/api/v1/policies/${discovery?.id}/rules`;
  const guide = await followGuide(server);

  /** The work under one rule. */
  async function under<T>(conditions: object, idp: object, work: () => Promise<T>): Promise<T> {
    const body = { type: 'IDP_DISCOVERY', name: unique('Route'), conditions, actions: { idp } };
    const { id } = await api.post<{ id: string }>(rules, body);
    try {
      return await work();
    } finally {
      await api.delete(`${rules}/${id}`);
    }
  }
  const to = (...providers: Provider[]) => ({ providers: providers.map(({ id }) => ({ type: 'OIDC', id })) });
  const bySuffix = (value: string) => ({
    userIdentifier: { type: 'IDENTIFIER', patterns: [{ matchType: 'SUFFIX', value }] },
  });
  const asksPassword = (visit: Visit) => 'password' in (formOf(visit.html)?.fields ?? {});

  test('by who somebody is ask that first, and then send them to their provider or ask for the password', async () => {
    await under(bySuffix('@partner.example'), to(plain), async () => {
      const agent = newUserAgent(server);
      const first = await agent.open('/signin');
      expect(asksPassword(first)).toBe(false);
      expect(first.headers.get('content-security-policy')).toContain("form-action 'self' http:");
      const away = mustLeave(await agent.submit(first, { identifier: 'Grace@Partner.Example' }));
      expect([away.origin, away.searchParams.get('login_hint')]).toEqual([partner.url, 'Grace@Partner.Example']);
      expect((await agent.submit(first, { identifier: '' })).status).toBe(400);
      const second = await agent.submit(first, { identifier: guide.user.login });
      expect(asksPassword(second)).toBe(true);
      await agent.submit(second, { identifier: guide.user.login, password: guide.user.password });
      expect((await sessionOf(agent))?.amr).toEqual(['pwd']);
      // A password that is typed all the same is judged for nobody who is to go elsewhere.
      const other = newUserAgent(server);
      const page = await other.submit(await other.open('/signin'), { identifier: 'x@example.com' });
      expect(mustLeave(await other.submit(page, { identifier: 'y@partner.example', password: 'x' })).origin).toBe(
        partner.url,
      );
    });
  });

  test('hear what an application tells of who somebody is', async () => {
    await under(bySuffix('@partner.example'), to(plain), async () => {
      const url = authorizeUrl(guide, newPkce(), { login_hint: 'grace@partner.example' });
      const agent = newUserAgent(server);
      const away = mustLeave(await agent.open(url));
      expect(away.origin).toBe(partner.url);
      const visit = await agent.open(callbackOf(away, { error: 'access_denied' }));
      const again = /href="(\/signin[^"]*)"/.exec(visit.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
      expect(asksPassword(await agent.open(again))).toBe(true);
    });
  });

  test('may be for one application, and can be gone around', async () => {
    const app = { include: [{ type: 'APP', id: guide.app.id }], exclude: [] };
    await under({ app }, to(plain), async () => {
      expect(mustLeave(await newUserAgent(server).open(authorizeUrl(guide, newPkce()))).origin).toBe(partner.url);
      expect(asksPassword(await newUserAgent(server).open('/signin'))).toBe(true);
    });
    await under({}, to(plain), async () => {
      expect(mustLeave(await newUserAgent(server).open('/signin')).origin).toBe(partner.url);
      const agent = newUserAgent(server);
      await agent.signIn('/login/default', guide.user);
      expect((await sessionOf(agent))?.userId).toBe(guide.user.id);
    });
  });

  test('may leave a choice, and pass over providers that are turned off', async () => {
    const [one, other] = [await makeProvider(), await makeProvider()];
    await under({}, to(one, other), async () => {
      const { html } = await newUserAgent(server).open('/signin');
      expect(formOf(html)).toBeNull();
      expect([...html.matchAll(/\/sso\/idps\/(\w+)/g)].map(([, id]) => id).sort()).toEqual([one.id, other.id].sort());
      await api.post(`/api/v1/idps/${one.id}/lifecycle/deactivate`);
      expect(mustLeave(await newUserAgent(server).open('/signin')).origin).toBe(partner.url);
      await api.post(`/api/v1/idps/${other.id}/lifecycle/deactivate`);
      expect(asksPassword(await newUserAgent(server).open('/signin'))).toBe(true);
    });
  });

  test('may find the provider by name, or the person by an attribute', async () => {
    const domain = `${unique('d').replace(' ', '')}.example`;
    await makeProvider({}, { name: domain });
    const matchCriteria = [{ propertyName: 'name', providerExpression: "login.identifier.substringAfter('@')" }];
    await under({}, { idpSelectionType: 'DYNAMIC', matchCriteria }, async () => {
      const agent = newUserAgent(server);
      const first = await agent.open('/signin');
      expect(mustLeave(await agent.submit(first, { identifier: `x@${domain}` })).origin).toBe(partner.url);
      expect(asksPassword(await agent.submit(first, { identifier: 'x@another.example' }))).toBe(true);
    });
    const ada = await makeUser(api, { department: 'Partners' });
    const patterns = [{ matchType: 'EXPRESSION', value: 'Part.*' }];
    await under({ userIdentifier: { type: 'ATTRIBUTE', attribute: 'department', patterns } }, to(plain), async () => {
      const agent = newUserAgent(server);
      const first = await agent.open('/signin');
      expect(mustLeave(await agent.submit(first, { identifier: ada.login })).origin).toBe(partner.url);
      expect(asksPassword(await agent.submit(first, { identifier: guide.user.login }))).toBe(true);
    });
  });
});

async function everyone(): Promise<string> {
  const [group] = await api.get<Group[]>('/api/v1/groups?q=Everyone');
  return group?.id ?? '';
}
