// Owns: a provider that answers authorize, token and revoke requests from memory, well or badly as a test wants it.
// Does not own: signing and keys (signing-provider.ts); any network; nothing listens.
import { createHash, randomUUID } from 'node:crypto';
import type { Fetch } from '../src/discovery.ts';
import { CLIENT_ID, type Claims, createSigningProvider, ISSUER } from './signing-provider.ts';

/** Seconds that access tokens live. */
export const LIFETIME = 600;

type Grant = { challenge: string; nonce: string; redirectUri: string; scope: string };
type Refusal = { error: string; error_description?: string };

export type FakeProvider = Awaited<ReturnType<typeof createFakeProvider>>;

export async function createFakeProvider(issuer = ISSUER, clock?: () => number) {
  const signing = await createSigningProvider(issuer, clock);
  const codes = new Map<string, Grant>();
  const refreshTokens = new Set<string>();
  const state = {
    /** Whose session the provider's cookie holds. */
    sessionOf: 'ada' as string | undefined,
    refuseAuthorize: undefined as Refusal | undefined,
    refuseToken: undefined as Refusal | undefined,
    offline: false,
    refreshable: true,
    lifetime: LIFETIME,
    endSession: true,
    revocable: true,
    idChanges: {} as Claims,
    tokenChanges: {} as Claims,
    tokenRequests: [] as URLSearchParams[],
    revoked: [] as string[],
    authorizeRequests: [] as URL[],
    /** Held back until it resolves, to interleave requests. */
    tokenGate: Promise.resolve() as Promise<unknown>,
  };

  async function issue(grant: { nonce?: string; scope: string }) {
    const accessToken = await signing.sign(signing.accessClaims({ jti: `AT.${randomUUID()}` }));
    const digest = createHash('sha256').update(accessToken).digest();
    const claims = signing.idClaims({
      sub: state.sessionOf,
      nonce: grant.nonce,
      at_hash: digest.subarray(0, 16).toString('base64url'),
      ...state.idChanges,
    });
    const refreshToken = state.refreshable && grant.scope.includes('offline_access') ? randomUUID() : undefined;
    if (refreshToken !== undefined) refreshTokens.add(refreshToken);
    return Response.json({
      token_type: 'Bearer',
      expires_in: state.lifetime,
      access_token: accessToken,
      scope: grant.scope,
      refresh_token: refreshToken,
      id_token: await signing.sign(claims),
      ...state.tokenChanges,
    });
  }

  async function token(body: URLSearchParams): Promise<Response> {
    state.tokenRequests.push(body);
    await state.tokenGate;
    const refused = (refusal: Refusal) => Response.json(refusal, { status: 400 });
    if (state.refuseToken !== undefined) return refused(state.refuseToken);
    if (body.get('client_id') !== CLIENT_ID || body.has('client_secret')) return refused({ error: 'invalid_client' });
    if (body.get('grant_type') === 'refresh_token') {
      const dead = { error: 'invalid_grant', error_description: 'The refresh token is invalid or expired.' };
      if (!refreshTokens.delete(body.get('refresh_token') ?? '')) return refused(dead);
      return issue({ scope: 'openid profile email offline_access' });
    }
    const grant = codes.get(body.get('code') ?? '');
    codes.delete(body.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant === undefined || challenge !== grant.challenge || body.get('redirect_uri') !== grant.redirectUri)
      return refused({ error: 'invalid_grant', error_description: 'PKCE verification failed.' });
    return issue(grant);
  }

  const fetch: Fetch = async (url, init) => {
    if (state.offline) throw new TypeError('Failed to fetch');
    if (url.endsWith('/.well-known/openid-configuration'))
      return Response.json({
        issuer: signing.state.announcedIssuer,
        jwks_uri: `${issuer}/v1/keys`,
        authorization_endpoint: `${issuer}/v1/authorize`,
        token_endpoint: `${issuer}/v1/token`,
        ...(state.revocable ? { revocation_endpoint: `${issuer}/v1/revoke` } : {}),
        ...(state.endSession ? { end_session_endpoint: `${issuer}/v1/logout` } : {}),
      });
    const body = new URLSearchParams(String(init?.body ?? ''));
    if (url === `${issuer}/v1/token`) return token(body);
    if (url === `${issuer}/v1/revoke`) {
      state.revoked.push(body.get('token_type_hint') ?? '');
      return new Response(null, { status: 200 });
    }
    return signing.fetch(url, init);
  };

  /** What the provider would send to the redirect URI. */
  function authorize(url: string): URLSearchParams {
    const request = new URL(url);
    state.authorizeRequests.push(request);
    const asked = request.searchParams;
    const answer = new URLSearchParams({ state: asked.get('state') ?? '' });
    const refusal =
      state.refuseAuthorize ??
      (asked.get('prompt') === 'none' && state.sessionOf === undefined ? { error: 'login_required' } : undefined);
    if (refusal !== undefined) {
      for (const [name, value] of Object.entries(refusal)) answer.set(name, value);
      return answer;
    }
    const code = randomUUID();
    codes.set(code, {
      challenge: asked.get('code_challenge') ?? '',
      nonce: asked.get('nonce') ?? '',
      redirectUri: asked.get('redirect_uri') ?? '',
      scope: asked.get('scope') ?? '',
    });
    answer.set('code', code);
    return answer;
  }

  return { ...signing, state, keys: signing.state, fetch, authorize, killRefreshTokens: () => refreshTokens.clear() };
}
