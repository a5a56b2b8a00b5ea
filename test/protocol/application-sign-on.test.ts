// The sign-on policy of an application (ACCESS_POLICY): who may in at all, who must prove a further factor, and how old a proof may be.
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { activate, askForCodes, DEVICE_GRANT, openActivation } from '../support/device.ts';
import { explain } from '../support/explain.ts';
import { enrollCodeApp } from '../support/factors.ts';
import { byPassword, makeGrantClient, PASSWORD } from '../support/grants.ts';
import { allow, followGuide, type Guide, makeUser, unique } from '../support/guide.ts';
import type { LogEvent } from '../support/management-api.ts';
import { authorizeUrl, codeFor, mustLeave, newPkce, redeem, tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { asksWhoYouAre, newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const { api } = guide;

type Rule = { id: string; system: boolean };
type Action = { access?: 'ALLOW' | 'DENY'; verificationMethod?: object };

const oneFactor = { factorMode: '1FA', type: 'ASSURANCE' };
const twoFactors = { factorMode: '2FA', type: 'ASSURANCE' };

/** A policy whose last rule does this; the application is put under it. */
async function policyFor(app: { id: string }, otherwise: Action): Promise<string> {
  const body = { type: 'ACCESS_POLICY', name: unique('Policy'), description: 'Of an application' };
  const { id } = await api.post<{ id: string }>('/api/v1/policies', body);
  const [last] = (await api.get<Rule[]>(`/api/v1/policies/${id}/rules`)).filter(({ system }) => system);
  const rule = { type: 'ACCESS_POLICY', name: 'Catch-all Rule', actions: { appSignOn: otherwise } };
  await api.put(`/api/v1/policies/${id}/rules/${last?.id}`, rule);
  await api.put(`/api/v1/apps/${app.id}/policies/${id}`);
  return id;
}

async function addRule(policyId: string, conditions: object, action: Action): Promise<Rule> {
  const rule = { type: 'ACCESS_POLICY', name: unique('Rule'), conditions, actions: { appSignOn: action } };
  return api.post<Rule>(`/api/v1/policies/${policyId}/rules`, rule);
}

async function person() {
  const user = await makeUser(api);
  await api.post(`/api/v1/apps/${guide.app.id}/users`, { id: user.id, scope: 'USER' });
  return user;
}

async function attempt(user: Awaited<ReturnType<typeof person>>, changes: Record<string, string> = {}) {
  return mustLeave(await newUserAgent(server).signIn(authorizeUrl(guide, newPkce(), changes), user)).searchParams;
}

const DENIED = {
  error: 'access_denied',
  error_description: 'The sign-on policy of this application does not let this person in.',
};

describe('a rule that denies', () => {
  test('keeps everybody out but whom a rule before it lets in, and the System Log names it', async () => {
    const [favoured, other] = [await person(), await person()];
    const policyId = await policyFor(guide.app, { access: 'DENY' });
    const people = { users: { include: [favoured.id] } };
    const rule = await addRule(policyId, { people }, { access: 'ALLOW', verificationMethod: oneFactor });
    expect((await attempt(favoured)).has('code')).toBe(true);
    expect(Object.fromEntries(await attempt(other))).toMatchObject(DENIED);
    const filter = encodeURIComponent(`eventType eq "policy.evaluate_sign_on" and target.id eq "${other.id}"`);
    const [event] = await api.get<LogEvent[]>(`/api/v1/logs?filter=${filter}`);
    expect(event).toMatchObject({ outcome: { result: 'DENY' } });
    expect(JSON.stringify(event)).toContain('Catch-all Rule');
    const told = await explain(guide, { userId: other.id, scopes: ['openid'] });
    expect(told).toMatchObject({ outcome: 'DENY', reason: 'application_sign_on_denied' });
    expect(told.trace.at(-1)).toMatchObject({ condition: 'signOnPolicy', passed: false, policyId });
    expect(await explain(guide, { userId: favoured.id, scopes: ['openid'] })).toMatchObject({ outcome: 'ALLOW' });
    await api.delete(`/api/v1/policies/${policyId}/rules/${rule.id}`);
    expect((await attempt(favoured)).get('error')).toBe('access_denied');
  });

  test('is heard by a session that began before it', async () => {
    const user = await person();
    await policyFor(guide.app, { access: 'ALLOW', verificationMethod: oneFactor });
    const agent = newUserAgent(server);
    await codeFor(agent, guide, user);
    await policyFor(guide.app, { access: 'DENY' });
    const silent = mustLeave(await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'none' })));
    expect(silent.searchParams.get('error')).toBe('access_denied');
  });
});

describe('a rule that wants two factors', () => {
  test('asks whoever has a second one, and passes once it was proven', async () => {
    const user = await person();
    const app = await enrollCodeApp(api, user.id);
    await policyFor(guide.app, { access: 'ALLOW', verificationMethod: twoFactors });
    const agent = newUserAgent(server);
    const pkce = newPkce();
    const challenge = await agent.signIn(authorizeUrl(guide, pkce), user);
    expect(challenge.left).toBeNull();
    const silent = mustLeave(await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'none' })));
    expect(silent.searchParams.get('error')).toBe('login_required');
    const left = mustLeave(await agent.submit(challenge, { passCode: app.code() }));
    const grant = { code: left.searchParams.get('code') ?? '', verifier: pkce.verifier };
    const { amr } = decodeJwt((await redeem(guide, grant)).body.id_token);
    expect(amr).toContain('mfa');
    const again = mustLeave(await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'none' })));
    expect(again.searchParams.has('code')).toBe(true);
  });

  test('asks a session that proved one in another application', async () => {
    const user = await person();
    const app = await enrollCodeApp(api, user.id);
    await policyFor(guide.app, { access: 'ALLOW', verificationMethod: oneFactor });
    const agent = newUserAgent(server);
    await codeFor(agent, guide, user);
    await policyFor(guide.app, { access: 'ALLOW', verificationMethod: twoFactors });
    const asked = await agent.open(authorizeUrl(guide, newPkce()));
    expect([asked.url.pathname, asksWhoYouAre(asked)]).toEqual(['/signin/factor', false]);
    expect(mustLeave(await agent.submit(asked, { passCode: app.code() })).searchParams.has('code')).toBe(true);
  });

  test('that no factor here can be, lets nobody in', async () => {
    const user = await person();
    const constraints = [{ possession: { required: true, deviceBound: 'REQUIRED' } }];
    await policyFor(guide.app, { access: 'ALLOW', verificationMethod: { ...twoFactors, constraints } });
    expect(Object.fromEntries(await attempt(user))).toMatchObject(DENIED);
  });
});

test('a proof that is too old is asked for anew, and one made for this request is not', async () => {
  const user = await person();
  await policyFor(guide.app, { access: 'ALLOW', verificationMethod: { ...oneFactor, reauthenticateIn: 'PT0S' } });
  const agent = newUserAgent(server);
  await tokensFor(agent, guide, user);
  expect(asksWhoYouAre(await agent.open(authorizeUrl(guide, newPkce())))).toBe(true);
  await policyFor(guide.app, { access: 'ALLOW', verificationMethod: { ...oneFactor, reauthenticateIn: 'PT1H' } });
  expect(mustLeave(await agent.open(authorizeUrl(guide, newPkce()))).searchParams.has('code')).toBe(true);
});

test.each([
  ['of another network', { network: { connection: 'ZONE', include: ['nzoNowhere'] } }],
  ['of a device, which nobody knows here', { device: { registered: true } }],
  ['of a platform, which is not believed', { platform: { include: [{ type: 'MOBILE', os: { type: 'IOS' } }] } }],
  ['of another type of people', { userType: { include: ['otyOther'] } }],
])('a rule %s is not met', async (_, conditions) => {
  const user = await person();
  const policyId = await policyFor(guide.app, { access: 'ALLOW', verificationMethod: oneFactor });
  await addRule(policyId, conditions, { access: 'DENY' });
  expect((await attempt(user)).has('code')).toBe(true);
});

describe('without a browser that comes back', () => {
  let devices: Guide;
  beforeAll(async () => {
    devices = await followGuide(server, {
      oauthClient: { application_type: 'native', redirect_uris: [], grant_types: [DEVICE_GRANT], response_types: [] },
    });
    await allow(api, devices.authorizationServer.id, [devices.clientId], {}, [DEVICE_GRANT]);
  });

  test('the password grant is refused where the policy denies or wants two factors', async () => {
    const client = await makeGrantClient(server, [PASSWORD]);
    expect((await byPassword(client, client.user)).status).toBe(200);
    await policyFor(client.app, { access: 'DENY' });
    const denied = await byPassword(client, client.user);
    expect([denied.status, denied.body.error]).toEqual([403, 'access_denied']);
    await policyFor(client.app, { access: 'ALLOW', verificationMethod: twoFactors });
    await enrollCodeApp(api, client.user.id);
    const short = await byPassword(client, client.user);
    expect([short.status, short.body.error]).toEqual([400, 'invalid_grant']);
  });

  test('a device is refused on the page', async () => {
    const { body: codes } = await askForCodes({ ...devices, scope: 'openid' });
    await policyFor(devices.app, { access: 'DENY' });
    const page = await openActivation(newUserAgent(server), codes, devices.user);
    expect(page.status).toBe(403);
    await policyFor(devices.app, { access: 'ALLOW', verificationMethod: oneFactor });
    await activate(newUserAgent(server), codes, devices.user);
  });
});

test('the admin console is under no such policy: nobody can shut it by one', async () => {
  const [system] = (await api.get<(Rule & { id: string })[]>('/api/v1/policies?type=ACCESS_POLICY')).filter(
    (policy) => policy.system,
  );
  const [last] = await api.get<Rule[]>(`/api/v1/policies/${system?.id}/rules`);
  const path = `/api/v1/policies/${system?.id}/rules/${last?.id}`;
  const before = await api.get<object>(path);
  await api.put(path, { ...before, actions: { appSignOn: { access: 'DENY' } } });
  const redirectUri = `${server.url}/admin/callback`;
  const client = { issuer: server.url, clientId: 'gatehouse-console', redirectUri, scope: 'openid' };
  const visit = await newUserAgent(server).signIn(authorizeUrl(client, newPkce()), server.admin);
  expect(visit.left?.searchParams.get('error') ?? null).toBeNull();
  await api.put(path, before);
});
