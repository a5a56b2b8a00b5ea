import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ORIGIN } from '../test-support/fake-browser.ts';
import { type FakeProvider, LIFETIME } from '../test-support/fake-provider.ts';
import { createWorld, failure } from '../test-support/open-app.ts';
import { ISSUER } from '../test-support/signing-provider.ts';

let provider: FakeProvider;
let open: Awaited<ReturnType<typeof createWorld>>['open'];
let signedIn: Awaited<ReturnType<typeof createWorld>>['signedIn'];

beforeEach(async () => {
  ({ provider, open, signedIn } = await createWorld());
});

const until = (holds: () => void) => vi.waitFor(holds, { interval: 1, timeout: 5_000 });

describe('staying signed in', () => {
  it('a token that is still good is handed out without a request', async () => {
    const { app } = await signedIn();
    const requests = provider.state.tokenRequests.length;
    expect(await app.getAccessToken()).toBe(await app.getAccessToken());
    expect(provider.state.tokenRequests).toHaveLength(requests);
  });

  it('the timer renews before the end by the refresh token, and the old refresh token is replaced', async () => {
    const { tab, app, heard } = await signedIn();
    for (const renewals of [1, 2, 3]) {
      provider.advance(LIFETIME - 59);
      tab.runTimers();
      await until(() => expect(heard).toHaveLength(1 + renewals));
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
    await until(() => expect(heard).toContain('error network'));
    expect(await app.getAccessToken()).toBe(token);
    provider.advance(31);
    expect((await failure(app.getAccessToken())).code).toBe('network');
    expect(app.user()?.subject).toBe('ada');
    provider.state.offline = false;
    tab.runTimers();
    await until(() => expect(heard.at(-1)).toBe('changed ada refresh-token'));
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
    await until(() => expect(second.heard.at(-1)).toBe('changed nobody undefined'));
    expect(second.app.user()).toBeUndefined();
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
    await until(() => expect(provider.state.tokenRequests).toHaveLength(2));
    const leaving = app.signOut();
    open();
    await Promise.all([renewal, leaving]);
    expect(app.user()).toBeUndefined();
    expect(provider.state.revoked.filter((hint) => hint === 'refresh_token')).toHaveLength(2);
  });
});
