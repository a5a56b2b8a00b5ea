// Owns RP-initiated logout (OIDC RP-Initiated Logout 1.0): the browser's session ends, tokens do not; then back to the
// application, to an address that it registered. Not here: signing out on this server's own pages (sign-in/).
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { isRegisteredPostLogoutUri } from '../core/redirect-uris.ts';
import { endSession, findSession, type SignedIn } from '../core/sessions.ts';
import { frontChannelUris } from '../core/single-logout.ts';
import { clearCookie, readCookie } from '../http/cookies.ts';
import { readForm } from '../http/read-body.ts';
import { redirect } from '../http/reply.ts';
import { frontChannelPage } from '../http/signed-out.ts';
import { readIdTokenHint } from './id-token-hint.ts';
import { questionBeforeLogout, signedOutPage } from './logout-question.ts';
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
  if (hint === undefined && server.conformance === 'STRICT')
    return (
      (await questionBeforeLogout(env, request, parameters)) ?? leave(env, server, await sessionOf(env, request), null)
    );
  if (hint === undefined) throw oauthError('missing_id_token_hint');
  const known = await readIdTokenHint(env, server, hint);
  if (!known) throw oauthError('invalid_id_token_hint');
  const target = parameters.get('post_logout_redirect_uri');
  if (target !== undefined && !isRegisteredPostLogoutUri(known.client, target))
    throw oauthError('illegal_post_logout_redirect_uri', target);
  const signedIn = await sessionOf(env, request);
  if (signedIn && signedIn.user.id !== known.subject) throw oauthError('id_token_does_not_match_session');
  return leave(env, server, signedIn, target === undefined ? null : withState(target, parameters.get('state')));
}

function sessionOf(env: Env, request: Request): Promise<SignedIn | null> {
  return findSession(env, readCookie(request, 'idx'));
}

/** `target`: null when the client names none; then Okta shows the sign-in page. */
async function leave(
  env: Env,
  server: AuthorizationServer,
  signedIn: SignedIn | null,
  target: string | null,
): Promise<Response> {
  const next = target ?? '/signin';
  const cookie = clearCookie(env, 'idx');
  if (signedIn) {
    const uris = await frontChannelUris(env, signedIn.session.id);
    await endSession(env, signedIn.session.id, 'SIGNED_OUT');
    const told = frontChannelPage(env, { uris, target: next, cookies: [cookie] });
    if (told) return told;
  }
  if (target === null && server.conformance === 'STRICT') return signedOutPage(env, cookie);
  return redirect(next, {
    'set-cookie': cookie,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
}

function withState(uri: string, state: string | undefined): string {
  return state === undefined ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}
