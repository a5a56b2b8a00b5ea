import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeBrowser, ORIGIN } from '../test-support/fake-browser.ts';
import { createFakeProvider, type FakeProvider, LIFETIME } from '../test-support/fake-provider.ts';
import { CLIENT_ID, compact, generateSigningKey, ISSUER } from '../test-support/signing-provider.ts';
import { createSignIn, type SignIn, SignInError, type SignInOptions } from './browser.ts';

let provider: FakeProvider;
let browser: ReturnType<typeof createFakeBrowser>;

beforeEach(async () => {
  provider = await createFakeProvider();
  browser = createFakeBrowser(provider);
});

function open(path = '/', options: Partial<SignInOptions> = {}) {
  const tab = browser.openTab(path);
  const app = createSignIn({ issuer: ISSUER, clientId: CLIENT_ID, ...options }, tab.page);
  const heard: string[] = [];
  const reasons: SignInError[] = [];
  app.on('changed', ({ user, session }) => heard.push(`changed ${user?.subject ?? 'nobody'} ${session?.obtainedBy}`));
  app.on('expired', ({ reason }) => {
    heard.push('expired');
    reasons.push(reason);
  });
  app.on('error', ({ error }) => heard.push(`error ${error.code}`));
  return { tab, app, heard, reasons };
}

async function signedIn(path?: string, options?: Partial<SignInOptions>) {
  const opened = open(path, options);
  await opened.app.signIn();
  opened.tab.comeBack();
  await opened.app.handleCallback();
  return opened;
}

async function failure(task: Promise<unknown>): Promise<SignInError> {
  const outcome = await task.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  if (!(outcome instanceof SignInError)) throw new Error(`expected a SignInError, got ${String(outcome)}`);
  return outcome;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

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

describe('staying signed in', () => {
  it('a token that is still good is handed out without a request', async () => {
    const { app } = await signedIn();
    const requests = provider.state.tokenRequests.length;
    expect(await app.getAccessToken()).toBe(await app.getAccessToken());
    expect(provider.state.tokenRequests).toHaveLength(requests);
  });

  it('the timer renews before the end by the refresh token, and the old refresh token is replaced', async () => {
    const { tab, app, heard } = await signedIn();
    for (let i = 0; i < 3; i++) {
      provider.advance(LIFETIME - 59);
      tab.runTimers();
      await settled();
    }
    expect(heard).toEqual([
      'changed ada sign-in',
      'changed ada refresh-token',
      'changed ada refresh-token',
      'changed ada refresh-token',
    ]);
    expect(new Set(provider.state.tokenRequests.map((body) => body.get('refresh_token'))).size).toBe(4);
    expect(app.session()?.obtainedBy).toBe('refresh-token');
  });

  it('twenty callers of a token that is about to end cause one renewal', async () => {
    const { app } = await signedIn();
    provider.advance(LIFETIME - 10);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => app.getAccessToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(provider.state.tokenRequests).toHaveLength(2);
  });

  it('without a refresh token the hidden frame renews, with prompt=none on the silent callback', async () => {
    provider.state.refreshable = false;
    const { app, tab } = await signedIn();
    provider.advance(LIFETIME - 10);
    await app.getAccessToken();
    expect(app.session()?.obtainedBy).toBe('hidden-frame');
    const asked = provider.state.authorizeRequests.at(-1)?.searchParams;
    expect(asked?.get('prompt')).toBe('none');
    expect(asked?.get('redirect_uri')).toBe(`${ORIGIN}/silent-callback`);
    expect(tab.state.frames).toBe(1);
  });

  it('renewSilently takes the hidden frame although there is a refresh token', async () => {
    const { app } = await signedIn();
    await app.renewSilently();
    expect(app.session()?.obtainedBy).toBe('hidden-frame');
  });

  it('a refresh token that is refused is followed by the frame, once', async () => {
    const { app, tab } = await signedIn();
    provider.killRefreshTokens();
    await app.renew();
    expect(app.session()?.obtainedBy).toBe('hidden-frame');
    expect(tab.state.frames).toBe(1);
  });

  it('when the frame is refused too, the session ends and says why', async () => {
    const { app, heard, reasons, tab } = await signedIn();
    provider.killRefreshTokens();
    provider.state.sessionOf = undefined;
    expect((await failure(app.renew())).error).toBe('invalid_grant');
    expect(app.user()).toBeUndefined();
    expect(heard).toEqual(['changed ada sign-in', 'changed nobody undefined', 'expired']);
    expect(reasons[0]).toMatchObject({
      error: 'invalid_grant',
      description: 'The refresh token is invalid or expired.',
    });
    expect(tab.state.frames).toBe(1);
  });

  it('being offline ends nothing: the good token is used, and the renewal is tried again', async () => {
    const { app, tab, heard } = await signedIn();
    const token = await app.getAccessToken();
    provider.state.offline = true;
    provider.advance(LIFETIME - 30);
    tab.runTimers();
    await settled();
    expect(await app.getAccessToken()).toBe(token);
    provider.advance(31);
    expect((await failure(app.getAccessToken())).code).toBe('network');
    expect(app.user()?.subject).toBe('ada');
    expect(heard).toContain('error network');
    provider.state.offline = false;
    tab.runTimers();
    await settled();
    expect(await app.getAccessToken()).not.toBe(token);
  });

  it('a renewal that speaks of somebody else ends the session', async () => {
    for (const way of ['renew', 'renewSilently'] as const) {
      provider.state.sessionOf = 'ada';
      const { app, reasons } = await signedIn();
      provider.state.sessionOf = 'mallory';
      await failure(app[way]());
      expect(app.user()).toBeUndefined();
      expect(reasons[0]?.code).toBe('different_person');
      app.close();
    }
  });
});

describe('after a reload', () => {
  it('the session is restored through the hidden frame', async () => {
    const { app, tab } = open();
    expect(await app.restore()).toMatchObject({ subject: 'ada' });
    expect(app.session()?.obtainedBy).toBe('hidden-frame');
    expect(tab.state.visited).toEqual([]);
  });

  it('without a session at the provider nobody is signed in, and ensureSignedIn asks visibly', async () => {
    provider.state.sessionOf = undefined;
    const { app, tab } = open('/tables/orders');
    expect(await app.restore()).toBeUndefined();
    expect(await app.ensureSignedIn()).toBeUndefined();
    expect(new URL(tab.state.visited[0] ?? '').searchParams.get('prompt')).toBeNull();
    provider.state.sessionOf = 'ada';
    tab.comeBack();
    expect((await app.handleCallback()).returnTo).toBe('/tables/orders');
  });

  it('a frame that never answers is told as an error and asks visibly too', async () => {
    const { app, tab, heard } = open();
    tab.state.framesAnswer = false;
    expect(await app.restore()).toBeUndefined();
    expect(heard).toEqual(['error silent_timeout']);
  });

  it('a refusal that a sign-in page cannot cure is thrown, not asked about again and again', async () => {
    provider.state.refuseAuthorize = {
      error: 'access_denied',
      error_description: 'User is not assigned to the client application.',
    };
    const { app, tab } = open();
    expect(await failure(app.ensureSignedIn())).toMatchObject({ guideStep: 3 });
    expect(tab.state.visited).toEqual([]);
  });

  it('the fourth automatic sign-in within a minute is refused as a loop', async () => {
    provider.state.sessionOf = undefined;
    const { app, tab } = open();
    for (let i = 0; i < 3; i++) await app.ensureSignedIn();
    expect((await failure(app.ensureSignedIn())).code).toBe('sign_in_loop');
    expect(tab.state.visited).toHaveLength(3);
  });
});

describe('several tabs', () => {
  it('a second tab takes the session of the first without asking the provider', async () => {
    await signedIn();
    const requests = provider.state.tokenRequests.length;
    const second = open();
    expect(await second.app.restore()).toMatchObject({ subject: 'ada' });
    expect(second.app.session()?.obtainedBy).toBe('other-tab');
    expect(second.tab.state.frames).toBe(0);
    expect(provider.state.tokenRequests).toHaveLength(requests);
  });

  it('five tabs that reach the end of the token together cause one renewal', async () => {
    const first = await signedIn();
    const tabs = [first, ...Array.from({ length: 4 }, () => open())];
    for (const { app } of tabs) await app.restore();
    provider.advance(LIFETIME - 10);
    const tokens = await Promise.all(tabs.map(({ app }) => app.getAccessToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(provider.state.tokenRequests.filter((body) => body.has('refresh_token'))).toHaveLength(1);
  });

  it('signing out in one tab signs out the others', async () => {
    const first = await signedIn();
    const second = open();
    await second.app.restore();
    await first.app.signOut();
    await settled();
    expect(second.app.user()).toBeUndefined();
    expect(second.heard.at(-1)).toBe('changed nobody undefined');
    expect(second.tab.state.visited).toEqual([]);
  });
});

describe('signing out', () => {
  const visited = (opened: { tab: { state: { visited: string[] } } }) => new URL(opened.tab.state.visited.at(-1) ?? '');

  it('revokes the refresh token, then the access token, and ends the session at the provider', async () => {
    const opened = await signedIn();
    await opened.app.signOut();
    expect(provider.state.revoked).toEqual(['refresh_token', 'access_token']);
    const url = visited(opened);
    expect(url.origin + url.pathname).toBe(`${ISSUER}/v1/logout`);
    expect(url.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(ORIGIN);
    expect(opened.app.user()).toBeUndefined();
  });

  it('works on although the provider does not answer, and locally where it knows no sign-out', async () => {
    const offline = await signedIn();
    provider.state.offline = true;
    await offline.app.signOut();
    expect(offline.app.user()).toBeUndefined();
    provider.state.offline = false;
    provider.state.endSession = false;
    const local = await signedIn();
    await local.app.signOut();
    expect(visited(local).href).toBe(`${ORIGIN}/`);
  });

  it('nothing signs the person in again on the way out', async () => {
    const { app, tab } = await signedIn();
    const leaving = app.signOut();
    expect(await app.restore()).toBeUndefined();
    expect(await app.ensureSignedIn()).toBeUndefined();
    await leaving;
    expect(tab.state.frames).toBe(0);
    expect((await failure(app.getAccessToken())).code).toBe('sign_in_required');
  });

  it('tokens that arrive from a renewal under way are revoked, not kept', async () => {
    const { app } = await signedIn();
    let open: (value?: unknown) => void = () => {};
    provider.state.tokenGate = new Promise((resolve) => {
      open = resolve;
    });
    const renewal = app.renew();
    await settled();
    const leaving = app.signOut();
    open();
    await Promise.all([renewal, leaving]);
    await settled();
    expect(app.user()).toBeUndefined();
    expect(provider.state.revoked.filter((hint) => hint === 'refresh_token')).toHaveLength(2);
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
