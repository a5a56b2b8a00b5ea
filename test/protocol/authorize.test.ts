// The authorize endpoint: contract sections 1.2 and 1.4. Sessions and prompt are in session.test.ts, PKCE in pkce.test.ts.
import { describe, expect, test } from 'vitest';
import { CALLBACK, followGuide, makeApplication, makeUser } from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import { authorizeParameters, authorizeUrl, endpointsOf, mustLeave, newPkce, redeem } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const signedIn = newUserAgent(server);
await signedIn.signIn(authorizeUrl(guide, newPkce()), guide.user);

/** Where a signed-in user is sent. */
async function callbackOf(changes: Record<string, string | null>, client = guide): Promise<URL> {
  return mustLeave(await signedIn.open(authorizeUrl(client, newPkce(), changes)));
}

/** What the callback is told in its query. */
async function refusalOf(changes: Record<string, string | null>, client = guide) {
  const callback = await callbackOf(changes, client);
  expect(`${callback.origin}${callback.pathname}`).toBe(client.redirectUri);
  return Object.fromEntries(callback.searchParams);
}

describe('a right request', () => {
  test('without a session shows the sign-in form and, after it, sends a code and the state to the callback', async () => {
    const agent = newUserAgent(server);
    const page = await agent.open(authorizeUrl(guide, newPkce(), { state: 'a1.,_-Z' }));
    expect(page.status).toBe(200);
    expect(Object.keys(formOf(page.html)?.fields ?? {})).toContain('identifier');
    const callback = mustLeave(await agent.signIn(page.url, guide.user));
    expect(`${callback.origin}${callback.pathname}`).toBe(CALLBACK);
    expect([...callback.searchParams.keys()].sort()).toEqual(['code', 'state']);
    expect(callback.searchParams.get('state')).toBe('a1.,_-Z');
  });

  test('with a session answers at once, with a fresh code each time', async () => {
    const response = await signedIn.send(authorizeUrl(guide, newPkce()));
    expect(response.status).toBe(302);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    const first = (await callbackOf({})).searchParams.get('code');
    const second = (await callbackOf({})).searchParams.get('code');
    expect(first).toMatch(/^[\w-]{20,}$/);
    expect(second).not.toBe(first);
  });

  test('may come as a form', async () => {
    const form = authorizeParameters(guide, newPkce());
    const visit = await signedIn.open(`${endpointsOf(guide.issuer)}/authorize`, form);
    expect(mustLeave(visit).searchParams.get('code')).toBeTruthy();
  });

  test('as a form must not carry parameters in the query', async () => {
    const form = authorizeParameters(guide, newPkce(), { state: null });
    const visit = await signedIn.open(`${endpointsOf(guide.issuer)}/authorize?state=abc`, form);
    expect(visit.left?.searchParams.get('code') ?? null).toBeNull();
  });

  test('without a scope gets the default scopes of the custom server', async () => {
    const pkce = newPkce();
    const callback = mustLeave(await signedIn.open(authorizeUrl(guide, pkce, { scope: null })));
    const code = callback.searchParams.get('code') ?? '';
    const { body } = await redeem(guide, { code, verifier: pkce.verifier });
    expect(body.scope).toBe('catalogue');
    expect(body).not.toHaveProperty('id_token');
    expect(body).not.toHaveProperty('refresh_token');
  });

  test('needs no nonce', async () => {
    expect((await callbackOf({ nonce: null })).searchParams.get('code')).toBeTruthy();
  });

  test('with unknown parameters is served all the same', async () => {
    expect((await callbackOf({ ui_locales: 'de', x_tracking: '1' })).searchParams.get('code')).toBeTruthy();
  });

  test('keeps a query that the registered redirect URI has', async () => {
    const redirectUri = `${CALLBACK}?tenant=a%20b`;
    const client = await followGuide(server, { oauthClient: { redirect_uris: [redirectUri] } });
    const agent = newUserAgent(server);
    const callback = mustLeave(await agent.signIn(authorizeUrl(client, newPkce()), client.user));
    expect(callback.href.startsWith(redirectUri)).toBe(true);
    expect(callback.searchParams.get('code')).toBeTruthy();
  });
});

describe('the response mode', () => {
  test('fragment puts the answer behind the #', async () => {
    const callback = await callbackOf({ response_mode: 'fragment', state: 'xyz' });
    expect(callback.search).toBe('');
    const answer = new URLSearchParams(callback.hash.slice(1));
    expect(answer.get('state')).toBe('xyz');
    expect(answer.get('code')).toBeTruthy();
  });

  test('form_post is a page whose form posts the answer to the redirect URI', async () => {
    const visit = await signedIn.open(authorizeUrl(guide, newPkce(), { response_mode: 'form_post', state: 'xyz' }));
    expect(visit.status).toBe(200);
    const form = formOf(visit.html);
    expect(form).toMatchObject({ action: CALLBACK, method: 'post', fields: { state: 'xyz' } });
    expect(form?.fields.code).toBeTruthy();
    expect(visit.headers.get('cache-control')).toContain('no-store');
  });

  test('form_post is a page without inline script that may post by the scheme of the redirect URI', async () => {
    const visit = await signedIn.open(authorizeUrl(guide, newPkce(), { response_mode: 'form_post' }));
    const policy = visit.headers.get('content-security-policy') ?? '';
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'/);
    // The callback may itself redirect, and browsers hold the whole way against this list: so a scheme, not an origin.
    expect(policy).toMatch(/form-action [^;*]*http:/);
  });

  test('okta_post_message is a page that hands the code to the origin of the redirect URI', async () => {
    const url = authorizeUrl(guide, newPkce(), { response_mode: 'okta_post_message', state: 'xyz', prompt: 'none' });
    const visit = await signedIn.open(url);
    expect(visit.status).toBe(200);
    expect(visit.html).toContain(new URL(CALLBACK).origin);
    expect(visit.html).toContain('xyz');
    expect(visit.headers.get('x-frame-options')).toBeNull();
  });

  test('that does not exist is refused by the default mode', async () => {
    expect(await refusalOf({ response_mode: 'pigeon', state: 'xyz' })).toEqual({
      error: 'unsupported_response_mode',
      error_description:
        'The response mode is not supported by the authorization server. Valid response modes: [query, fragment, form_post, okta_post_message].',
      state: 'xyz',
    });
  });

  test('carries errors too', async () => {
    const changes = { response_mode: 'form_post', scope: 'nothing-of-the-kind', state: 'xyz' };
    const visit = await signedIn.open(authorizeUrl(guide, newPkce(), changes));
    expect(formOf(visit.html)?.fields).toMatchObject({ error: 'invalid_scope', state: 'xyz' });
    const callback = await callbackOf({ ...changes, response_mode: 'fragment' });
    expect(new URLSearchParams(callback.hash.slice(1)).get('error')).toBe('invalid_scope');
  });
});

describe('an error goes to the callback', () => {
  test.each([
    { wrong: 'no state', changes: { state: null }, error: 'invalid_request' },
    { wrong: 'a state with other characters', changes: { state: 'a b<' }, error: 'invalid_request' },
    { wrong: 'an unknown response type', changes: { response_type: 'kode' }, error: 'unsupported_response_type' },
    { wrong: 'no response type', changes: { response_type: null }, error: 'invalid_request' },
    { wrong: 'an unknown prompt', changes: { prompt: 'please' }, error: 'invalid_request' },
    { wrong: 'prompt none and login at once', changes: { prompt: 'none login' }, error: 'invalid_request' },
    { wrong: 'a negative max_age', changes: { max_age: '-1' }, error: 'invalid_request' },
    { wrong: 'a max_age beyond 31 bits', changes: { max_age: '2147483648' }, error: 'invalid_request' },
    { wrong: 'a max_age that is no number', changes: { max_age: 'old' }, error: 'invalid_request' },
    { wrong: 'prompt none with max_age 0', changes: { prompt: 'none', max_age: '0' }, error: 'invalid_request' },
    { wrong: 'an unknown scope', changes: { scope: 'openid nothing-of-the-kind' }, error: 'invalid_scope' },
    { wrong: 'a scope of 1025 characters', changes: { scope: `openid ${'x'.repeat(1018)}` }, error: 'invalid_scope' },
    { wrong: 'OpenID scopes without openid', changes: { scope: 'profile' }, error: 'invalid_scope' },
    { wrong: 'an unknown identity provider', changes: { idp: '0oaNotThere' }, error: 'invalid_request' },
  ])('for $wrong', async ({ changes, error }) => {
    const refusal = await refusalOf(changes);
    expect(refusal.error).toBe(error);
    expect(refusal.error_description).toBeTruthy();
    expect(refusal).not.toHaveProperty('code');
  });

  test('with the exact words that clients know', async () => {
    expect((await refusalOf({ state: 'a b' })).error_description).toBe(
      "The authentication request has an invalid 'state' parameter.",
    );
    expect((await refusalOf({ max_age: '-1' })).error_description).toBe(
      "Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1.",
    );
    expect((await refusalOf({ prompt: 'none', max_age: '0' })).error_description).toBe(
      "'prompt' parameter must not have the value 'none' for request with 'zero' as max_age.",
    );
    expect((await refusalOf({ scope: 'openid nothing-of-the-kind' })).error_description).toBe(
      'One or more scopes are not configured for the authorization server resource.',
    );
  });

  test('and an illegal state is not repeated there', async () => {
    expect(await refusalOf({ state: 'a b' })).not.toHaveProperty('state');
  });

  test('when the user is not assigned to the application', async () => {
    const stranger = await makeUser(guide.api);
    const visit = await newUserAgent(server).signIn(authorizeUrl(guide, newPkce()), stranger);
    expect(Object.fromEntries(mustLeave(visit).searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: 'User is not assigned to the client application.',
    });
  });

  test('when a custom scope is asked of the org server', async () => {
    const refusal = await refusalOf({ scope: 'openid catalogue' }, { ...guide, issuer: server.url });
    expect(refusal.error).toBe('invalid_scope');
  });
});

describe('an error page is shown instead of a redirect', () => {
  const page = async (changes: Record<string, string | null>) =>
    signedIn.open(authorizeUrl(guide, newPkce(), { state: 'secret-state', ...changes }));

  test.each([
    { wrong: 'no client_id', changes: { client_id: null } },
    { wrong: 'an unknown client_id', changes: { client_id: '0oaNotThere' } },
    { wrong: 'no redirect_uri', changes: { redirect_uri: null } },
    { wrong: 'a foreign redirect_uri', changes: { redirect_uri: 'https://evil.example/callback' } },
    { wrong: 'a relative redirect_uri', changes: { redirect_uri: '/callback' } },
  ])('for $wrong', async ({ changes }) => {
    const visit = await page(changes);
    expect(visit.left).toBeNull();
    expect(visit.status).toBe(400);
    expect(visit.headers.get('content-type')).toMatch(/^text\/html\b/);
    expect(visit.headers.get('location')).toBeNull();
  });

  test('and says what happened, which setting to look at and the request id, and nothing of our insides', async () => {
    const visit = await page({ redirect_uri: 'https://evil.example/callback' });
    expect(visit.html).toContain('redirect_uri');
    expect(visit.html).toContain('https://evil.example/callback');
    const requestId = visit.headers.get('x-okta-request-id');
    expect(requestId).toBeTruthy();
    expect(visit.html).toContain(requestId);
    expect(visit.html).not.toMatch(/\bat \S+\.ts:\d+|node_modules/);
  });

  test('for an application that was deactivated', async () => {
    const app = await makeApplication(guide.api);
    await guide.api.post(`/api/v1/apps/${app.id}/lifecycle/deactivate`);
    const visit = await page({ client_id: app.credentials.oauthClient.client_id });
    expect(visit.status).toBe(400);
    expect(visit.left).toBeNull();
  });

  test('with a script in a parameter shown as text', async () => {
    const visit = await page({ redirect_uri: 'https://evil.example/<script>alert(1)</script>"onload=x' });
    expect(visit.status).toBe(400);
    expect(visit.html).not.toContain('<script>alert');
    expect(visit.html).not.toContain('"onload');
  });
});
