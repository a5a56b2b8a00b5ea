// The logout endpoint: contract section 1.10.
import { describe, expect, test } from 'vitest';
import { followGuide, makeApplication } from '../support/guide.ts';
import { authorizeUrl, endpointsOf, mustLeave, newPkce, refresh, tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent, type UserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const SIGNED_OUT = 'http://localhost:4555/signed-out';

function logoutUrl(parameters: Record<string, string>, issuer = guide.issuer): string {
  return `${endpointsOf(issuer)}/logout?${new URLSearchParams(parameters)}`;
}

async function isSignedIn(agent: UserAgent): Promise<boolean> {
  const visit = await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'none' }));
  return mustLeave(visit).searchParams.has('code');
}

async function begin() {
  const agent = newUserAgent(server);
  const tokens = await tokensFor(agent, guide, guide.user);
  return { agent, tokens };
}

describe('logout', () => {
  test('ends the session and goes to the registered URI with the state', async () => {
    const { agent, tokens } = await begin();
    const url = logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT, state: 'x.1' });
    expect(mustLeave(await agent.open(url)).href).toBe(`${SIGNED_OUT}?state=x.1`);
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('may come as a form', async () => {
    const { agent, tokens } = await begin();
    const form = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT });
    expect(mustLeave(await agent.open(`${endpointsOf(guide.issuer)}/logout`, form)).href).toBe(SIGNED_OUT);
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('without a session just redirects', async () => {
    const { tokens } = await begin();
    const url = logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT });
    expect(mustLeave(await newUserAgent(server).open(url)).href).toBe(SIGNED_OUT);
  });

  test('without a post_logout_redirect_uri ends at a page of ours', async () => {
    const { agent, tokens } = await begin();
    const visit = await agent.open(logoutUrl({ id_token_hint: tokens.id_token }));
    expect(visit.left).toBeNull();
    expect(visit.status).toBe(200);
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('does not revoke tokens', async () => {
    const { agent, tokens } = await begin();
    await agent.open(logoutUrl({ id_token_hint: tokens.id_token }));
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
  });

  test('at the org server takes an ID token of the org server', async () => {
    const atOrg = { ...guide, issuer: server.url };
    const agent = newUserAgent(server);
    const tokens = await tokensFor(agent, atOrg, guide.user);
    const url = logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT }, server.url);
    expect(mustLeave(await agent.open(url)).href).toBe(SIGNED_OUT);
    expect(await isSignedIn(agent)).toBe(false);
  });
});

describe('logout shows an error page, and the session stays,', () => {
  const refused = async (agent: UserAgent, url: string) => {
    const visit = await agent.open(url);
    expect(visit.left).toBeNull();
    expect(visit.status).toBe(400);
    expect(await isSignedIn(agent)).toBe(true);
    return visit.html;
  };

  test.each([
    ['a URI that is not registered', 'https://evil.example/'],
    ['a registered sign-in URI, because it has a list of its own', 'http://localhost:4555/callback'],
    ['a URI that merely begins right', `${SIGNED_OUT}/more`],
    ['the registered URI with a query', `${SIGNED_OUT}?a=b`],
  ])('for %s', async (_, uri) => {
    const { agent, tokens } = await begin();
    const html = await refused(agent, logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: uri }));
    expect(html).toContain('post_logout_redirect_uri');
  });

  test('for the URI of another application', async () => {
    const { agent, tokens } = await begin();
    const uri = 'http://localhost:4666/bye';
    await makeApplication(guide.api, { post_logout_redirect_uris: [uri] });
    await refused(agent, logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: uri }));
  });

  test('for a hint that is missing, made up, not an ID token or unsigned', async () => {
    const { agent, tokens } = await begin();
    const [, payload] = tokens.id_token.split('.');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    await refused(agent, logoutUrl({}));
    for (const hint of ['made-up', tokens.access_token, unsigned, `${tokens.id_token.slice(0, -8)}AAAAAAAA`])
      await refused(agent, logoutUrl({ id_token_hint: hint, post_logout_redirect_uri: SIGNED_OUT }));
  });

  test('for the hint of another authorization server', async () => {
    const { agent, tokens } = await begin();
    await refused(agent, logoutUrl({ id_token_hint: tokens.id_token }, server.url));
    const elsewhere = await followGuide(server);
    await refused(agent, logoutUrl({ id_token_hint: tokens.id_token }, elsewhere.issuer));
  });
});

test('the hint of another user does not end the session of this one', async () => {
  const { agent } = await begin();
  const other = await followGuide(server);
  const foreign = await tokensFor(newUserAgent(server), other, other.user);
  const visit = await agent.open(logoutUrl({ id_token_hint: foreign.id_token }, other.issuer));
  expect(visit.left?.origin ?? null).toBeNull();
  expect(visit.html).toMatch(/id_token_does_not_match_session|does not match the current session/);
  expect(await isSignedIn(agent)).toBe(true);
});
