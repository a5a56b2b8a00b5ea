import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { ORIGIN } from '../test-support/fake-browser.ts';
import type { FakeProvider } from '../test-support/fake-provider.ts';
import { createWorld, failure } from '../test-support/open-app.ts';
import { CLIENT_ID, compact, generateSigningKey, ISSUER } from '../test-support/signing-provider.ts';
import { createSignIn, type SignIn, type SignInError } from './browser.ts';

let provider: FakeProvider;
let open: Awaited<ReturnType<typeof createWorld>>['open'];
let signedIn: Awaited<ReturnType<typeof createWorld>>['signedIn'];

beforeEach(async () => {
  ({ provider, open, signedIn } = await createWorld());
});

/** Opens the callback with the ID token or token answer changed. */
async function callbackWith(change: (state: FakeProvider['state']) => void): Promise<SignInError> {
  const { tab, app } = open();
  await app.signIn();
  change(provider.state);
  tab.comeBack();
  return failure(app.handleCallback());
}

describe('a visible sign-in', () => {
  it('needs nothing but issuer and client ID, and always sends state, nonce and an S256 challenge', async () => {
    const { tab, app } = open();
    await app.signIn();
    const url = new URL(tab.state.visited[0] ?? '');
    expect(url.origin + url.pathname).toBe(`${ISSUER}/v1/authorize`);
    const sent = Object.fromEntries(url.searchParams);
    expect(sent).toMatchObject({
      client_id: CLIENT_ID,
      response_type: 'code',
      redirect_uri: `${ORIGIN}/callback`,
      scope: 'openid profile email offline_access',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(sent[name]).toMatch(/^[\w-]{43}$/);
  });

  it('state, nonce and challenge are new each time', async () => {
    const { tab, app } = open();
    await app.signIn();
    await app.signIn();
    const [first, second] = tab.state.visited.map((url) => new URL(url).searchParams);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(first?.get(name)).not.toBe(second?.get(name));
  });

  it('the callback yields the person and the place to return to', async () => {
    const { tab, app, heard } = open('/tables/orders?tab=owners#top');
    await app.signIn();
    tab.comeBack();
    const { user, returnTo } = await app.handleCallback();
    expect(user).toMatchObject({ subject: 'ada', name: 'Ada Lovelace' });
    expect(returnTo).toBe('/tables/orders?tab=owners#top');
    expect(app.session()).toMatchObject({ obtainedBy: 'sign-in', hasRefreshToken: true });
    expect(heard).toEqual(['changed ada sign-in']);
  });

  it('nothing that is stored holds a token, and nothing is left after the callback', async () => {
    const { tab, app } = open();
    await app.signIn();
    expect([...tab.state.stored.values()].join()).not.toContain('eyJ');
    tab.comeBack();
    await app.handleCallback();
    expect(tab.state.stored.size).toBe(0);
    expect(await app.getAccessToken()).toMatch(/^eyJ/);
  });

  it('the callback is handled once however often it is asked for', async () => {
    const { tab, app } = open();
    await app.signIn();
    tab.comeBack();
    await Promise.all([app.handleCallback(), app.handleCallback()]);
    expect(provider.state.tokenRequests).toHaveLength(1);
  });

  it('two sign-ins begun in one tab do not spoil each other', async () => {
    const { tab, app } = open('/first');
    await app.signIn();
    const first = tab.state.visited[0] ?? '';
    await app.signIn({ returnTo: '/second' });
    tab.state.url = new URL(`/callback?${provider.authorize(first)}`, ORIGIN);
    expect((await app.handleCallback()).returnTo).toBe('/first');
  });

  it('a return to another site, or to the callback itself, becomes a return to the start page', async () => {
    for (const returnTo of ['https://evil.example', '//evil.example', '/callback?code=x', '/silent-callback']) {
      const { tab, app } = open();
      await app.signIn({ returnTo });
      tab.comeBack();
      expect((await app.handleCallback()).returnTo).toBe('/');
    }
  });

  it('settings that cannot work are refused at once', () => {
    for (const options of [
      { issuer: 'http://sso.example' },
      { issuer: 'sso.example' },
      { issuer: `${ISSUER}?x=1` },
      { clientId: '' },
      { redirectUri: 'https://elsewhere.example/callback' },
      { scopes: ['profile'] },
    ])
      expect(() => open('/', options)).toThrow(expect.objectContaining({ code: 'configuration' }));
  });
});

describe('a callback that cannot be trusted', () => {
  it('an unknown, missing or foreign state is refused, and a stranger’s error text is not repeated', async () => {
    for (const query of [
      '',
      '?code=x',
      '?code=x&state=guess',
      '?error=access_denied&error_description=Call+0800&state=g',
    ]) {
      const { app } = open(`/callback${query}`);
      const error = await failure(app.handleCallback());
      expect(error.code).toBe('state_unknown');
      expect(`${error.message} ${error.description} ${error.advice}`).not.toContain('0800');
    }
    expect(provider.state.tokenRequests).toHaveLength(0);
  });

  it('a callback that is opened a second time redeems nothing', async () => {
    const { tab, app } = await signedIn();
    expect(app.user()).toBeDefined();
    const again = createSignIn({ issuer: ISSUER, clientId: CLIENT_ID }, tab.page);
    expect((await failure(again.handleCallback())).code).toBe('state_unknown');
    expect(provider.state.tokenRequests).toHaveLength(1);
  });

  it('a duplicated parameter is refused', async () => {
    const { tab, app } = open();
    await app.signIn();
    tab.comeBack();
    tab.state.url.searchParams.append('code', 'second');
    expect((await failure(app.handleCallback())).code).toBe('response_invalid');
    expect(provider.state.tokenRequests).toHaveLength(0);
  });

  it('an ID token with a wrong nonce, audience, issuer, time or hash is refused', async () => {
    const now = Math.floor(provider.now() / 1000);
    const cases: Record<string, Record<string, unknown>> = {
      nonce: { nonce: 'other' },
      'no nonce': { nonce: undefined },
      audience: { aud: 'another-client' },
      'further audience': { aud: [CLIENT_ID, 'another-client'] },
      issuer: { iss: `${ISSUER}x` },
      expired: { iat: now - 7200, exp: now - 3600 },
      future: { iat: now + 3600, exp: now + 7200 },
      hash: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' },
      kind: { jti: 'AT.x' },
    };
    for (const [name, idChanges] of Object.entries(cases)) {
      const error = await callbackWith((state) => {
        state.idChanges = idChanges;
      });
      expect([name, ['id_token_invalid', 'response_invalid'].includes(error.code)]).toEqual([name, true]);
    }
  });

  it('an ID token signed by anyone but the provider is refused', async () => {
    const attacker = await generateSigningKey();
    const key = { ...attacker, kid: provider.activeKey().kid };
    const { tab, app } = open();
    await app.signIn();
    const nonce = new URL(tab.state.visited[0] ?? '').searchParams.get('nonce');
    provider.state.tokenChanges = { id_token: await provider.sign(provider.idClaims({ nonce }), {}, key) };
    tab.comeBack();
    expect(await failure(app.handleCallback())).toMatchObject({ code: 'id_token_invalid' });
    expect(app.user()).toBeUndefined();
  });

  it('no failure carries a token, in its words or in its causes', async () => {
    for (const id_token of [undefined, 7, 'not-a-token', compact({ alg: 'none' }, provider.idClaims())]) {
      const error = await callbackWith((state) => {
        state.tokenChanges = { id_token, access_token: 'SECRET-ACCESS', refresh_token: 'SECRET-REFRESH' };
      });
      expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/SECRET|eyJ/);
    }
  });

  it('an answer without an ID token is refused', async () => {
    const error = await callbackWith((state) => {
      state.tokenChanges = { id_token: undefined };
    });
    expect(error.code).toBe('response_invalid');
  });

  it('an issuer that discovery does not echo exactly is refused before anyone is sent anywhere', async () => {
    provider.keys.announcedIssuer = `${ISSUER}/`;
    const { tab, app } = open();
    expect(await failure(app.signIn())).toMatchObject({ code: 'issuer_mismatch', guideStep: 5 });
    expect(tab.state.visited).toEqual([]);
  });
});

describe('what the provider refuses', () => {
  it('an error at the callback carries the provider’s words and what to check', async () => {
    const error = await callbackWith((state) => {
      state.refuseAuthorize = {
        error: 'access_denied',
        error_description: 'Policy evaluation failed for this request, please check the policy configurations.',
      };
    });
    expect(error).toMatchObject({ code: 'authorization_refused', error: 'access_denied', guideStep: 7 });
    expect(error.description).toMatch(/^Policy evaluation failed/);
    expect(error.advice).toMatch(/access policy/i);
  });

  it('an error of the token endpoint does too', async () => {
    const error = await callbackWith((state) => {
      state.refuseToken = {
        error: 'invalid_client',
        error_description: 'Browser requests to the token endpoint must use Proof Key for Code Exchange.',
      };
    });
    expect(error).toMatchObject({ code: 'token_refused', error: 'invalid_client', guideStep: 3 });
  });

  it('no answer at all points to the network and to the trusted origin', async () => {
    const { tab, app } = open();
    await app.signIn();
    tab.comeBack();
    provider.state.offline = true;
    expect(await failure(app.handleCallback())).toMatchObject({ code: 'network', guideStep: 3 });
  });
});

const shape: Record<keyof SignIn, 'function'> = {
  signIn: 'function',
  handleCallback: 'function',
  handleSilentCallback: 'function',
  restore: 'function',
  ensureSignedIn: 'function',
  getAccessToken: 'function',
  renew: 'function',
  renewSilently: 'function',
  user: 'function',
  session: 'function',
  signOut: 'function',
  on: 'function',
  close: 'function',
};

it('the surface is what the README tells', () => {
  const { app } = open();
  expect(Object.fromEntries(Object.entries(app).map(([name, value]) => [name, typeof value]))).toEqual(shape);
});
