// Owns the way of a person who came from a device (RFC 8628 section 3.3): the code that the device shows, signing in where needed,
// and the decision. A code that was typed right is bound to the browser that typed it, and the decision to the session that was
// shown; nothing can be tried out or decided from elsewhere. Not here: what the pages say (activate-pages.ts).
import { findClient } from '../core/applications.ts';
import { authenticationBy } from '../core/authorization.ts';
import { giveConsent, openQuestions } from '../core/consents.ts';
import { type DeviceCode, decideDeviceCode, findByUserCode, readUserCode } from '../core/device-codes.ts';
import { type Env, transact } from '../core/env.ts';
import { listScopes } from '../core/scopes.ts';
import { findSession, proofOf, type SignedIn } from '../core/sessions.ts';
import { record } from '../core/system-log.ts';
import { readCookie } from '../http/cookies.ts';
import { type Browser, browserOf, formToken, isOwnForm } from '../http/csrf.ts';
import { readForm } from '../http/read-body.ts';
import { giveAttemptBack, secondsToWait, takeAttempt, USER_CODES } from '../http/sign-in-throttle.ts';
import { judge, recordDenial, requireSignOn } from './access-gate.ts';
import { confirmPage, decidedPage, userCodePage } from './activate-pages.ts';
import { readAnswer, scopeList } from './asked-scopes.ts';
import { authorizationServerById } from './authorization-server-of.ts';
import { deviceCodeGrant } from './grants/device-code.ts';
import { OAuthError, oauthError } from './oauth-error.ts';
import { showAuthorizationError } from './oauth-error-page.ts';
import { deviceEvents } from './token-events.ts';

const NOT_FOUND = 'This code is not valid, or it has expired. Check it against what your device shows.';

/** GET /activate, with the code already in `user_code` when the device showed a link. */
export async function showActivate(env: Env, request: Request): Promise<Response> {
  const typed = new URL(request.url).searchParams.get('user_code') ?? '';
  return askForCode(env, browserOf(env, request), { typed: readUserCode(typed) ?? '' });
}

/** POST /activate: the code was typed, or seen to be the one on the device. */
export async function enterUserCode(env: Env, request: Request): Promise<Response> {
  return guarded(env, async () => {
    const browser = browserOf(env, request);
    const form = await readForm(request);
    if (!form || !isOwnForm(env, browser, 'activate', form.get('csrf'))) throw oauthError('expired_transaction');
    const typed = form.get('user_code') ?? '';
    if (!takeAttempt(env, USER_CODES)) return askForCode(env, browser, { typed, wait: secondsToWait(env, USER_CODES) });
    const userCode = readUserCode(typed);
    if (userCode === null || !(await findByUserCode(env, userCode)))
      return askForCode(env, browser, { typed, problem: NOT_FOUND });
    giveAttemptBack(env, USER_CODES);
    return seeOther(confirmPath(env, browser, userCode));
  });
}

/** GET /activate/confirm: what is asked, by whom, of whom. */
export async function showConfirm(env: Env, request: Request): Promise<Response> {
  return guarded(env, async () => {
    const { searchParams } = new URL(request.url);
    const browser = browserOf(env, request);
    const userCode = searchParams.get('user_code') ?? '';
    if (!isOwnForm(env, browser, typedPurpose(userCode), searchParams.get('proof')))
      return seeOther(`/activate?${new URLSearchParams({ user_code: userCode })}`);
    const code = await findByUserCode(env, userCode);
    if (!code) return askForCode(env, browser, { typed: '', problem: NOT_FOUND });
    const signedIn = await findSession(env, readCookie(request, 'idx'));
    if (!signedIn) return seeOther(`/signin?${new URLSearchParams({ fromURI: confirmPath(env, browser, userCode) })}`);
    const { application, judgement, known, asked, declined } = await judged(env, code, signedIn);
    const granted = known.filter(({ name }) => judgement.scopes.includes(name));
    return confirmPage(env, {
      application: application.label,
      login: signedIn.user.login,
      userCode,
      scopes: scopeList(granted, (scope) => scope.optional && asked.includes(scope), declined),
      csrf: formToken(env, browser, decisionPurpose(userCode, signedIn)),
      otherAccount: `/login/signout?${new URLSearchParams({ fromURI: confirmPath(env, browser, userCode) })}`,
    });
  });
}

/** POST /activate/confirm: `allow` or `deny`. */
export async function decide(env: Env, request: Request): Promise<Response> {
  return guarded(env, async () => {
    const form = (await readForm(request)) ?? new URLSearchParams();
    const userCode = form.get('user_code') ?? '';
    const signedIn = await findSession(env, readCookie(request, 'idx'));
    const isOwn =
      signedIn && isOwnForm(env, browserOf(env, request), decisionPurpose(userCode, signedIn), form.get('csrf'));
    if (!isOwn) throw oauthError('expired_transaction');
    const code = await findByUserCode(env, userCode);
    if (!code) throw oauthError('expired_transaction');
    if (form.get('answer') !== 'allow') return deny(env, code, signedIn);
    return approve(env, code, signedIn, form);
  });
}

async function approve(env: Env, code: DeviceCode, signedIn: SignedIn, form: URLSearchParams): Promise<Response> {
  const { application, server, judgement, asked } = await judged(env, code, signedIn);
  const { given, declined } = readAnswer(form, asked);
  const scopes = judgement.scopes.filter((scope) => !declined.includes(scope));
  // Whoever leaves everything out has refused.
  if (scopes.length === 0) return deny(env, code, signedIn);
  const { user, session } = signedIn;
  const authentication = authenticationBy(session);
  await transact(env, async (env) => {
    const party = { server, application, user };
    if (asked.length > 0) await giveConsent(env, party, given, declined);
    if (!(await decideDeviceCode(env, code, { userId: user.id, authentication, scopes })))
      throw oauthError('expired_transaction');
    await record(env, ...deviceEvents(party, session.id, 'approved', scopes));
  });
  return decidedPage(env, { allowed: true, application: application.label });
}

async function deny(env: Env, code: DeviceCode, { user, session }: SignedIn): Promise<Response> {
  const { application, server } = await partyOf(env, code);
  await transact(env, async (env) => {
    if (!(await decideDeviceCode(env, code, 'DENIED'))) throw oauthError('expired_transaction');
    await record(env, ...deviceEvents({ server, application, user }, session.id, 'denied', code.scopes ?? []));
  });
  return decidedPage(env, { allowed: false, application: application.label });
}

async function partyOf(env: Env, code: DeviceCode) {
  const application = await findClient(env, code.client_id);
  if (application?.status !== 'ACTIVE') throw oauthError('invalid_client_id');
  return { application, server: await authorizationServerById(env, code.authorization_server_id) };
}

/**
 * What the device would get if this person agreed, and what there is to decide: scopes not agreed to yet, and those declined before,
 * since the person is asked anyway. Throws when policy would give it nothing.
 */
async function judged(env: Env, code: DeviceCode, { user, session }: SignedIn) {
  const party = await partyOf(env, code);
  const { type } = deviceCodeGrant;
  const plea = { user, scopes: code.scopes, policyGrantType: type };
  try {
    const signOn = await requireSignOn(env, party.application, user, proofOf(session).identityProviderId);
    if (signOn.needsFactor && !session.amr.includes('mfa')) throw oauthError('application_sign_on_denied');
    const judgement = await judge(env, party, plea);
    const { asking, declined } = await openQuestions(env, { ...party, user }, judgement.scopes, false);
    const known = await listScopes(env, party.server);
    const asked = known.filter(({ name }) => asking.includes(name) || declined.includes(name));
    return { ...party, judgement, known, asked, declined };
  } catch (error) {
    if (error instanceof OAuthError)
      await recordDenial(env, party, { at: 'authorize', grantType: type, proof: plea, rule: null, error });
    throw error;
  }
}

function askForCode(
  env: Env,
  browser: Browser,
  { typed, problem, wait }: { typed: string; problem?: string; wait?: number },
): Response {
  const said = wait === undefined ? problem : `Too many codes were tried. Try again in ${wait} seconds.`;
  return userCodePage(env, {
    typed,
    csrf: formToken(env, browser, 'activate'),
    cookies: browser.cookie === null ? [] : [browser.cookie],
    ...(said === undefined ? {} : { problem: said, status: wait === undefined ? 400 : 429 }),
    ...(wait === undefined ? {} : { headers: { 'retry-after': String(wait) } }),
  });
}

async function guarded(env: Env, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    return showAuthorizationError(env, error);
  }
}

// Only a browser that has typed the code gets this address, and it serves no other browser.
function confirmPath(env: Env, browser: Browser, userCode: string): string {
  const proof = formToken(env, browser, typedPurpose(userCode));
  return `/activate/confirm?${new URLSearchParams({ user_code: userCode, proof })}`;
}

function typedPurpose(userCode: string): string {
  return `activate:${userCode}`;
}

function decisionPurpose(userCode: string, { session }: SignedIn): string {
  return `activate:${userCode}:${session.id}`;
}

function seeOther(location: string): Response {
  const headers = { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  return new Response(null, { status: 303, headers });
}
