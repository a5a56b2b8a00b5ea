// What an application may ask of the sign-in itself: acr_values, max_age, prompt, login_hint (contract 1.2, 1.3).
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { enrollCodeApp, policyFor } from '../support/factors.ts';
import { allow, followGuide, makeApplication, makeUser } from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import { authorizeUrl, codeFor, mustLeave, newPkce, redeem, refresh, tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { asksWhoYouAre, newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const PASSWORD = 'urn:okta:loa:1fa:pwd';
const ANY = 'urn:okta:loa:1fa:any';
const IF_POSSIBLE = 'urn:okta:loa:2fa:any:ifpossible';

const acrOf = (token: string) => decodeJwt(token).acr;

describe('acr_values', () => {
  test.each([
    [PASSWORD, PASSWORD],
    [ANY, ANY],
    [IF_POSSIBLE, IF_POSSIBLE],
    [`urn:okta:loa:2fa:any ${PASSWORD}`, PASSWORD],
    [`${ANY} ${PASSWORD}`, ANY],
    [`phr phrh unknown ${PASSWORD}`, PASSWORD],
  ])('%s is met by a password, and %s is said in both tokens', async (asked, met) => {
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user, { acr_values: asked });
    expect([acrOf(tokens.id_token), acrOf(tokens.access_token)]).toEqual([met, met]);
  });

  test('that was met is said again after a refresh', async () => {
    const { refresh_token } = await tokensFor(newUserAgent(server), guide, guide.user, { acr_values: PASSWORD });
    const { body } = await refresh(guide, refresh_token);
    expect([acrOf(body.id_token), acrOf(body.access_token)]).toEqual([PASSWORD, PASSWORD]);
  });

  test('is said with tokens from the front channel too', async () => {
    const app = await makeApplication(guide.api, {
      grant_types: ['authorization_code', 'implicit'],
      response_types: ['code', 'token', 'id_token'],
    });
    const clientId = app.credentials.oauthClient.client_id;
    await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
    const client = { ...guide, clientId, issuer: server.url, scope: 'openid email' };
    const url = authorizeUrl(client, newPkce(), { response_type: 'id_token', acr_values: PASSWORD });
    const { hash } = mustLeave(await newUserAgent(server).signIn(url, guide.user));
    expect(acrOf(new URLSearchParams(hash.slice(1)).get('id_token') ?? '')).toBe(PASSWORD);
  });

  test('that nobody asked for is not said', async () => {
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
    expect([acrOf(tokens.id_token), acrOf(tokens.access_token)]).toEqual([undefined, undefined]);
  });

  test('that nobody knows is a wish, and passed over', async () => {
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user, {
      acr_values: '1 2 __proto__ constructor',
    });
    expect([acrOf(tokens.id_token), acrOf(tokens.access_token)]).toEqual([undefined, undefined]);
  });

  test.each(['phr', 'phrh', 'phrh phr'])('%s cannot be met, with a session or without', async (asked) => {
    const agent = newUserAgent(server);
    const url = () => authorizeUrl(guide, newPkce(), { acr_values: asked, state: 'step-up' });
    const without = await agent.open(url());
    await codeFor(agent, guide, guide.user);
    for (const visit of [without, await agent.open(url())])
      expect(Object.fromEntries(mustLeave(visit).searchParams)).toEqual({
        state: 'step-up',
        error: 'unmet_authentication_requirements',
        error_description: "Unable to meet the authentication requirements imposed by 'acr_values' parameter.",
      });
  });
});

describe('two factors', () => {
  const TWO = 'urn:okta:loa:2fa:any';
  const proofOf = (token: string) => {
    const { acr, amr } = decodeJwt(token);
    return { acr, amr };
  };

  /** A person who may use the guide's application and has a code app. */
  async function somebody() {
    const person = await makeUser(guide.api);
    await guide.api.post(`/api/v1/apps/${guide.app.id}/users`, { id: person.id, scope: 'USER' });
    return { person, app: await enrollCodeApp(guide.api, person.id) };
  }

  test('are asked of a session that has proven one, and said in the tokens', async () => {
    const { person, app } = await somebody();
    const agent = newUserAgent(server);
    await codeFor(agent, guide, person);
    const silent = await agent.open(authorizeUrl(guide, newPkce(), { acr_values: TWO, prompt: 'none' }));
    expect(mustLeave(silent).searchParams.get('error')).toBe('login_required');
    const pkce = newPkce();
    const asked = await agent.open(authorizeUrl(guide, pkce, { acr_values: TWO }));
    expect([asked.url.pathname, asksWhoYouAre(asked)]).toEqual(['/signin/factor', false]);
    expect(
      mustLeave(await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'none' }))).searchParams.has('code'),
    ).toBe(true);
    const callback = mustLeave(await agent.submit(asked, { passCode: app.code() }));
    const grant = { code: callback.searchParams.get('code') ?? '', verifier: pkce.verifier };
    const { body } = await redeem(guide, grant);
    expect(proofOf(body.id_token)).toEqual({ acr: TWO, amr: ['pwd', 'otp', 'mfa'] });
    const again = await codeFor(agent, guide, person, { acr_values: `${IF_POSSIBLE} ${TWO}`, prompt: 'none' });
    expect(acrOf((await redeem(guide, again)).body.access_token)).toBe(IF_POSSIBLE);
  });

  test('if possible are asked of who has two, at the sign-in', async () => {
    const { person, app } = await somebody();
    const agent = newUserAgent(server);
    const pkce = newPkce();
    const challenge = await agent.signIn(authorizeUrl(guide, pkce, { acr_values: IF_POSSIBLE }), person);
    expect(challenge.left).toBeNull();
    const callback = mustLeave(await agent.submit(challenge, { passCode: app.code() }));
    const { body } = await redeem(guide, { code: callback.searchParams.get('code') ?? '', verifier: pkce.verifier });
    expect(proofOf(body.id_token)).toEqual({ acr: IF_POSSIBLE, amr: ['pwd', 'otp', 'mfa'] });
  });

  test('of who may have only one are refused to the application', async () => {
    const person = await makeUser(guide.api);
    await guide.api.post(`/api/v1/apps/${guide.app.id}/users`, { id: person.id, scope: 'USER' });
    const settings = { type: 'AUTHENTICATORS', authenticators: [] };
    await policyFor(guide.api, person.id, { type: 'MFA_ENROLL', settings, rule: { type: 'MFA_ENROLL' } });
    const agent = newUserAgent(server);
    const visit = await agent.signIn(authorizeUrl(guide, newPkce(), { acr_values: TWO }), person);
    expect(mustLeave(visit).searchParams.get('error')).toBe('unmet_authentication_requirements');
  });
});

describe('max_age=0', () => {
  test('asks again, with a session or not, and tells when that was', async () => {
    const agent = newUserAgent(server);
    const first = await tokensFor(agent, guide, guide.user);
    const pkce = newPkce();
    const page = await agent.open(authorizeUrl(guide, pkce, { max_age: '0' }));
    expect(asksWhoYouAre(page)).toBe(true);
    // Loading the page again, or beginning anew, is no sign-in.
    expect(asksWhoYouAre(await agent.open(page.url))).toBe(true);
    expect(asksWhoYouAre(await agent.open(authorizeUrl(guide, newPkce(), { max_age: '0' })))).toBe(true);
    const callback = mustLeave(
      await agent.submit(await agent.open(page.url), { identifier: guide.user.login, password: guide.user.password }),
    );
    const code = callback.searchParams.get('code') ?? '';
    const { body } = await redeem(guide, { code, verifier: pkce.verifier });
    expect(Number(decodeJwt(body.id_token).auth_time)).toBeGreaterThanOrEqual(
      Number(decodeJwt(first.id_token).auth_time),
    );
    expect(asksWhoYouAre(await agent.open(authorizeUrl(guide, newPkce(), { max_age: '0' })))).toBe(true);
  });
});

describe('prompt=consent', () => {
  test('asks an application that is trusted, too, and a yes is asked for again the next time', async () => {
    const app = await makeApplication(guide.api);
    const clientId = app.credentials.oauthClient.client_id;
    await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
    await guide.api.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/scopes`, {
      name: 'asked-for',
      consent: 'REQUIRED',
    });
    await allow(guide.api, guide.authorizationServer.id, [clientId]);
    const client = { ...guide, clientId, scope: 'openid asked-for' };
    const agent = newUserAgent(server);
    for (let round = 0; round < 2; round++) {
      const page = await agent.signIn(authorizeUrl(client, newPkce(), { prompt: 'consent' }), guide.user);
      expect(page.left).toBeNull();
      expect(page.html).toContain('asked-for');
      const form = formOf(page.html);
      const yes = new URLSearchParams({ ...form?.fields, answer: 'allow' });
      expect(
        mustLeave(await agent.open(new URL(form?.action ?? '', page.url), yes)).searchParams.get('code'),
      ).toBeTruthy();
    }
  });
});

test('idp names an identity provider, and there is none yet', async () => {
  const callback = mustLeave(await newUserAgent(server).open(authorizeUrl(guide, newPkce(), { idp: '0oa1' })));
  expect(callback.searchParams.get('error_description')).toBe('Identity provider is not valid.');
});
