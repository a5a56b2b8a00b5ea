// Owns RP-initiated logout (OIDC RP-Initiated Logout 1.0): the browser's session ends, tokens do not; then back to the
// application, to an address that it registered. Not here: signing out on this server's own pages (sign-in/).
import { findClient } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { verifyOwnJwt } from '../core/json-web-tokens.ts';
import { isRegisteredPostLogoutUri } from '../core/redirect-uris.ts';
import { endSession, findSession } from '../core/sessions.ts';
import { frontChannelUris } from '../core/single-logout.ts';
import { clearCookie, readCookie } from '../http/cookies.ts';
import { readForm } from '../http/read-body.ts';
import { redirect } from '../http/reply.ts';
import { frontChannelPage } from '../http/signed-out.ts';
import { oauthError } from './oauth-error.ts';
import { showAuthorizationError } from './oauth-error-page.ts';
import { type Parameters, single } from './parameters.ts';

/** GET or POST …/v1/logout?id_token_hint&post_logout_redirect_uri&state */
export async function answerLogout(env: Env, server: AuthorizationServer, request: Request): Promise<Response> {
  try {
    return await logOut(env, server, request, await logoutParameters(request));
  } catch (error) {
    return showAuthorizationError(env, error);
  }
}

async function logoutParameters(request: Request): Promise<Parameters> {
  if (request.method !== 'POST') return single(new URL(request.url).searchParams);
  const form = await readForm(request);
  if (!form) throw oauthError('not_a_form');
  return single(form);
}

async function logOut(
  env: Env,
  server: AuthorizationServer,
  request: Request,
  parameters: Parameters,
): Promise<Response> {
  const hint = parameters.get('id_token_hint');
  if (hint === undefined) throw oauthError('missing_id_token_hint');
  const claims = await verifyOwnJwt(env, server.id, ['sig'], hint);
  const isIdToken = typeof claims?.jti === 'string' && claims.jti.startsWith('ID.');
  const client = isIdToken && typeof claims.aud === 'string' ? await findClient(env, claims.aud) : null;
  if (!claims || !client) throw oauthError('invalid_id_token_hint');
  const target = parameters.get('post_logout_redirect_uri');
  if (target !== undefined && !isRegisteredPostLogoutUri(client, target))
    throw oauthError('illegal_post_logout_redirect_uri', target);
  const signedIn = await findSession(env, readCookie(request, 'idx'));
  if (signedIn && signedIn.user.id !== claims.sub) throw oauthError('id_token_does_not_match_session');
  const next = target === undefined ? '/signin' : withState(target, parameters.get('state'));
  const cookie = clearCookie(env, 'idx');
  if (signedIn) {
    const uris = await frontChannelUris(env, signedIn.session.id);
    await endSession(env, signedIn.session.id, 'SIGNED_OUT');
    const told = frontChannelPage(env, { uris, target: next, cookies: [cookie] });
    if (told) return told;
  }
  return redirect(next, {
    'set-cookie': cookie,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
}

function withState(uri: string, state: string | undefined): string {
  return state === undefined ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}
