// PKCE and its downgrades: contract sections 1.2, 1.6; RFC 7636; peers 6b.2.
import { describe, expect, test } from 'vitest';
import { allow, CALLBACK, followGuide, makeWebApplication } from '../support/guide.ts';
import {
  authorizeUrl,
  basic,
  endpointsOf,
  mustLeave,
  newPkce,
  type OAuthClient,
  type OAuthError,
  postForm,
  s256,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const agent = newUserAgent(server);
await agent.signIn(authorizeUrl(guide, newPkce()), guide.user);

type Web = OAuthClient & { secret: string };

async function webClient(credentials: object): Promise<Web> {
  const app = await makeWebApplication(guide.api, {}, credentials);
  const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
  await allow(guide.api, guide.authorizationServer.id, [clientId]);
  await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
  return { issuer: guide.issuer, clientId, secret, redirectUri: CALLBACK, scope: 'openid' };
}

const relaxed = await webClient({ pkce_required: false });
const demanding = await webClient({ pkce_required: true });

type Cell = {
  challenge: 'none' | 'S256 of the verifier' | 'the verifier itself';
  method: string | null;
  verifier: 'none' | 'right' | 'wrong' | 'the challenge' | 'short';
};

const challenges = ['none', 'S256 of the verifier', 'the verifier itself'] as const;
const methods = [null, 'S256', 'plain', 's256', 'S512'];
const verifiers = ['none', 'right', 'wrong', 'the challenge', 'short'] as const;
const cells: Cell[] = challenges.flatMap((challenge) =>
  methods.flatMap((method) => verifiers.map((verifier) => ({ challenge, method, verifier }))),
);

/** Whether this way of asking and redeeming ends in tokens. */
async function givesTokens(client: OAuthClient, cell: Cell, secret: string | null): Promise<boolean> {
  const { verifier } = newPkce();
  const challenge = { none: null, 'S256 of the verifier': s256(verifier), 'the verifier itself': verifier }[
    cell.challenge
  ];
  const url = authorizeUrl(client, newPkce(), { code_challenge: challenge, code_challenge_method: cell.method });
  const code = mustLeave(await agent.open(url)).searchParams.get('code');
  if (code === null) return false;
  const presented = {
    none: null,
    right: verifier,
    wrong: newPkce().verifier,
    'the challenge': challenge ?? s256(verifier),
    short: verifier.slice(0, 42),
  }[cell.verifier];
  const form = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri, code_verifier: presented };
  const answer = await postForm<OAuthError>(
    `${endpointsOf(client.issuer)}/token`,
    secret === null ? { ...form, client_id: client.clientId } : form,
    secret === null ? {} : { authorization: basic(client.clientId, secret) },
  );
  return answer.status === 200;
}

const isProper = ({ challenge, method, verifier }: Cell) =>
  challenge === 'S256 of the verifier' && method === 'S256' && verifier === 'right';

describe('of all ways to combine challenge, method and verifier', () => {
  test('one gives tokens to a public client: S256 of the verifier that it then shows', async () => {
    for (const cell of cells) expect(await givesTokens(guide, cell, null), JSON.stringify(cell)).toBe(isProper(cell));
  });

  test('one gives tokens to a client with a secret whose settings demand PKCE', async () => {
    for (const cell of cells)
      expect(await givesTokens(demanding, cell, demanding.secret), JSON.stringify(cell)).toBe(isProper(cell));
  });

  test('a client that may do without PKCE cannot be talked out of it once it has sent a challenge, nor into it', async () => {
    for (const cell of cells) {
      const doesWithout = cell.challenge === 'none' && cell.verifier === 'none';
      if (doesWithout && cell.method !== null) continue;
      expect(await givesTokens(relaxed, cell, relaxed.secret), JSON.stringify(cell)).toBe(
        doesWithout || isProper(cell),
      );
    }
  });
});

describe('the words of a refusal', () => {
  const refusalOf = async (client: OAuthClient, changes: Record<string, string | null>) =>
    mustLeave(await agent.open(authorizeUrl(client, newPkce(), changes))).searchParams.get('error_description');

  test('at the authorize endpoint', async () => {
    expect(await refusalOf(guide, { code_challenge: null, code_challenge_method: null })).toBe(
      'PKCE code challenge is required by the application.',
    );
    expect(await refusalOf(guide, { code_challenge_method: 'plain' })).toBe(
      'PKCE code challenge method is not supported. Valid values: [S256]',
    );
    expect(await refusalOf(guide, { code_challenge: `${'a'.repeat(42)}!` })).toBe(
      'PKCE code challenge contains illegal characters.',
    );
  });

  test('at the token endpoint', async () => {
    const redeemWith = async (client: Web, changes: Record<string, string | null>, codeVerifier: string | null) => {
      const code = mustLeave(await agent.open(authorizeUrl(client, newPkce(), changes))).searchParams.get('code');
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: codeVerifier };
      const headers = { authorization: basic(client.clientId, client.secret) };
      return (await postForm<OAuthError>(`${endpointsOf(client.issuer)}/token`, form, headers)).body;
    };
    expect(await redeemWith(relaxed, {}, newPkce().verifier)).toEqual({
      error: 'invalid_grant',
      error_description: 'PKCE verification failed.',
    });
    expect((await redeemWith(relaxed, {}, null)).error_description).toBe(
      'PKCE code verifier is required by the application.',
    );
    const without = { code_challenge: null, code_challenge_method: null };
    expect((await redeemWith(relaxed, without, newPkce().verifier)).error_description).toBe(
      'PKCE code challenge should be specified in the authorize request for code verification.',
    );
  });
});
