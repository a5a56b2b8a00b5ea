// What a person agrees to: contract 1.3 (optional scopes, until when an answer holds), 4.5 and 4.6 (grants and tokens as lists).
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { allow, makeApplication, makeAuthorizationServer, makeUser, unique } from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import { managementApi } from '../support/management-api.ts';
import { authorizeUrl, mustLeave, newPkce, redeem, refresh } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent, type UserAgent, type Visit } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const CALLBACK = 'http://localhost:4555/callback';
const SCOPE = 'openid offline_access read write';

type Grant = { id: string; scopeId: string; status: string; _embedded?: { scope: { name: string } } };
type Token = { id: string; status: string; scopes: string[]; _embedded?: { scopes: { name: string }[] } };

async function begin() {
  const as = await makeAuthorizationServer(api, unique('api://consent').replace(' ', '-'));
  const scopes = `/api/v1/authorizationServers/${as.id}/scopes`;
  const read = await api.post<{ id: string }>(scopes, { name: 'read', consent: 'REQUIRED', displayName: 'Read it' });
  const write = await api.post<{ id: string }>(scopes, { name: 'write', consent: 'REQUIRED', optional: true });
  const app = await makeApplication(api, { consent_method: 'REQUIRED' });
  const { client_id: clientId } = app.credentials.oauthClient;
  await allow(api, as.id, [clientId]);
  const user = await makeUser(api);
  await api.post(`/api/v1/apps/${app.id}/users`, { id: user.id, scope: 'USER' });
  const client = { issuer: as.issuer, clientId, redirectUri: CALLBACK, scope: SCOPE };
  const agent = newUserAgent(server);
  const ask = (changes: Record<string, string> = {}) => {
    const pkce = newPkce();
    const visit = agent.signIn(authorizeUrl(client, pkce, changes), user);
    return visit.then((visit) => ({ visit, verifier: pkce.verifier }));
  };
  const tokens = async (left: URL, verifier: string) =>
    (await redeem(client, { code: left.searchParams.get('code') ?? '', verifier })).body;
  return { as, app, clientId, user, client, agent, ask, tokens, read, write };
}

/** Presses Allow with these boxes ticked. */
function answer(agent: UserAgent, visit: Visit, ticked: string[]): Promise<Visit> {
  const { request = '', csrf = '' } = formOf(visit.html)?.fields ?? {};
  const form = new URLSearchParams({ request, csrf, answer: 'allow' });
  for (const scope of ticked) form.append('scope', scope);
  return agent.open('/oauth2/consent', form);
}

const scpOf = (token: string) => decodeJwt(token).scp;

describe('the consent page', () => {
  test('lets a person untick an optional scope: it is absent from the token, and not asked again', async () => {
    const { agent, ask, tokens } = await begin();
    const { visit, verifier } = await ask();
    expect(visit.html).toMatch(/type="checkbox" name="scope" value="write" checked/);
    expect(visit.html).not.toContain('value="read"');
    const body = await tokens(mustLeave(await answer(agent, visit, [])), verifier);
    expect(scpOf(body.access_token)).toEqual(['openid', 'offline_access', 'read']);
    const again = await ask({ prompt: 'none' });
    const silent = await tokens(mustLeave(again.visit), again.verifier);
    expect(scpOf(silent.access_token)).toEqual(['openid', 'offline_access', 'read']);
    const asked = await ask({ prompt: 'consent' });
    const all = await tokens(mustLeave(await answer(agent, asked.visit, ['write'])), asked.verifier);
    expect(scpOf(all.access_token)).toEqual(['openid', 'offline_access', 'read', 'write']);
  });

  test('gives no scope that the page did not offer, whatever the form says', async () => {
    const { agent, ask, tokens } = await begin();
    const { visit, verifier } = await ask({ scope: 'openid read' });
    const body = await tokens(mustLeave(await answer(agent, visit, ['write'])), verifier);
    expect(scpOf(body.access_token)).toEqual(['openid', 'read']);
    const { visit: later } = await ask({ prompt: 'none', scope: 'openid write' });
    expect(mustLeave(later).searchParams.get('error')).toBe('consent_required');
  });
});

describe('grants and tokens', () => {
  test('are listed, shown and revoked for a person, a client, an application and a server', async () => {
    const { as, app, clientId, user, client, agent, ask, tokens, read, write } = await begin();
    const { visit, verifier } = await ask();
    const body = await tokens(mustLeave(await answer(agent, visit, ['write'])), verifier);
    const person = `/api/v1/users/${user.id}`;
    const grants = await api.get<Grant[]>(`${person}/grants?expand=scope`);
    expect(grants.map(({ scopeId }) => scopeId).sort()).toEqual([read.id, write.id].sort());
    expect(grants[0]).toMatchObject({
      status: 'ACTIVE',
      clientId,
      userId: user.id,
      issuer: as.issuer,
      source: 'END_USER',
    });
    expect(grants.map((grant) => grant._embedded?.scope.name).sort()).toEqual(['read', 'write']);
    expect(await api.get(`${person}/grants?scopeId=${read.id}`)).toHaveLength(1);
    const first = await api.request<Grant[]>('GET', `${person}/clients/${clientId}/grants?limit=1`);
    expect(first.headers.get('link')).toContain('rel="next"');
    expect(await api.get(`${person}/clients`)).toMatchObject([{ client_id: clientId }]);

    const servers = `/api/v1/authorizationServers/${as.id}/clients`;
    expect(await api.get(servers)).toMatchObject([{ client_id: clientId, client_name: app.label }]);
    const lists = [
      `/api/v1/apps/${app.id}/tokens`,
      `${person}/clients/${clientId}/tokens`,
      `${servers}/${clientId}/tokens`,
    ];
    for (const list of lists) {
      const [token] = await api.get<Token[]>(`${list}?expand=scope`);
      expect(token).toMatchObject({ status: 'ACTIVE', clientId, userId: user.id, issuer: as.issuer });
      expect(token?.scopes).toEqual(SCOPE.split(' '));
      expect(token?._embedded?.scopes).toHaveLength(4);
      expect(await api.get(`${list}/${token?.id}`)).toMatchObject({ id: token?.id, status: 'ACTIVE' });
    }
    const [token] = await api.get<Token[]>(lists[0] ?? '');
    await api.delete(`${lists[0]}/${token?.id}`);
    for (const list of lists) {
      expect(await api.get(list)).toEqual([]);
      expect(await api.get(`${list}/${token?.id}`)).toMatchObject({ status: 'REVOKED' });
      await api.delete(list);
    }
    expect((await refresh(client, body.refresh_token)).status).toBe(400);
    expect((await api.request('GET', `${lists[0]}/oarNobody`)).status).toBe(404);
  });

  test('a revoked consent is asked for again, and the refresh tokens that rested on it are dead', async () => {
    const { user, client, agent, ask, tokens, read } = await begin();
    const { visit, verifier } = await ask();
    const body = await tokens(mustLeave(await answer(agent, visit, ['write'])), verifier);
    const [grant] = await api.get<Grant[]>(`/api/v1/users/${user.id}/grants?scopeId=${read.id}`);
    await api.delete(`/api/v1/users/${user.id}/grants/${grant?.id}`);
    expect((await api.request('GET', `/api/v1/users/${user.id}/grants/${grant?.id}`)).status).toBe(404);
    expect((await refresh(client, body.refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
    const { visit: again } = await ask({ prompt: 'none' });
    expect(mustLeave(again).searchParams.get('error')).toBe('consent_required');
    await api.delete(`/api/v1/users/${user.id}/grants`);
    expect(await api.get(`/api/v1/users/${user.id}/grants`)).toEqual([]);
  });

  test.each(['application', 'server'])('a deactivated %s takes the consents with it', async (what) => {
    const { as, app, user, agent, ask } = await begin();
    mustLeave(await answer(agent, (await ask()).visit, ['write']));
    const url = what === 'server' ? `/api/v1/authorizationServers/${as.id}` : `/api/v1/apps/${app.id}`;
    await api.post(`${url}/lifecycle/deactivate`);
    await api.post(`${url}/lifecycle/activate`);
    expect(await api.get(`/api/v1/users/${user.id}/grants`)).toEqual([]);
    expect(mustLeave((await ask({ prompt: 'none' })).visit).searchParams.get('error')).toBe('consent_required');
  });
});

describe('a person’s own page', () => {
  test('names the applications and takes back what one was given, by its own form only', async () => {
    const { app, clientId, user, agent, ask } = await begin();
    mustLeave(await answer(agent, (await ask()).visit, []));
    expect((await agent.open('/')).html).toContain('href="/oauth2/consents"');
    const page = await agent.open('/oauth2/consents');
    expect(page.html).toContain(app.label);
    expect(page.html).toContain('Read it');
    const forged = await agent.open('/oauth2/consents', new URLSearchParams({ client: clientId, csrf: 'x' }));
    expect(forged.status).toBe(400);
    expect(await api.get(`/api/v1/users/${user.id}/grants`)).toHaveLength(1);
    const after = await agent.submit(page, {});
    expect(after.html).not.toContain(app.label);
    expect(await api.get(`/api/v1/users/${user.id}/grants`)).toEqual([]);
  });
});
