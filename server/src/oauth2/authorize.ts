// Owns the authorization endpoint and its one dispatcher. A request comes in (GET or POST, RFC 6749 section 3.1) or comes back
// from the sign-in or consent page (/oauth2/resume); both times the same function decides from stored state what is next:
// sign in, ask consent, refuse, or issue. Not here: the pages, and what the parameters may say.
import { SECOND } from '../base/time.ts';
import { findAuthorizationRequest, keepAuthorizationRequest } from '../core/authorization-requests.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import { openQuestions, withoutScopes } from '../core/consents.ts';
import type { Env } from '../core/env.ts';
import { activeTerms } from '../core/external-sign-in/provider-terms.ts';
import { authorizationGrantTypes } from '../core/judgement.ts';
import { redeemSessionToken } from '../core/session-tokens.ts';
import { findSession, proofOf, type SignedIn } from '../core/sessions.ts';
import { readCookie } from '../http/cookies.ts';
import { browserOf } from '../http/csrf.ts';
import { establishSession } from '../http/establish-session.ts';
import { readForm } from '../http/read-body.ts';
import { queryOf } from '../http/received.ts';
import { redirect } from '../http/reply.ts';
import { type Denial, judgeAtAuthorize, recordDenial, recordRefusedOnPage, requireSignOn } from './access-gate.ts';
import { assuranceOf } from './acr-values.ts';
import { checkParameters, openChannel } from './authorization-parameters.ts';
import { issueAuthorizationResponse } from './authorization-response.ts';
import { authorizationServerById } from './authorization-server-of.ts';
import { nextStep, type Step } from './authorization-step.ts';
import { gatherParameters } from './gather-parameters.ts';
import { readIdTokenHint } from './id-token-hint.ts';
import { OAuthError, oauthError } from './oauth-error.ts';
import { showAuthorizationError } from './oauth-error-page.ts';
import { type Parameters, single } from './parameters.ts';
import type { Pending } from './pending-authorization.ts';
import { deliverError } from './response-mode.ts';

/** GET or POST …/v1/authorize. */
export async function answerAuthorize(env: Env, server: AuthorizationServer, request: Request): Promise<Response> {
  return guarded(env, async () => {
    const written = await authorizeParameters(request);
    return told(env, server, written, async () => {
      const gathered = await gatherParameters(env, server, written).catch((error) =>
        answerTo(env, server, written, error),
      );
      return gathered instanceof Response ? gathered : decide(env, request, server, gathered, null);
    });
  });
}

/** GET /oauth2/resume?request=HANDLE: back from a page of this server. */
export async function resumeAuthorization(env: Env, request: Request): Promise<Response> {
  return guarded(env, async () => {
    const handle = new URL(request.url).searchParams.get('request') ?? '';
    const row = await findAuthorizationRequest(env, handle, browserOf(env, request).id);
    if (!row) throw oauthError('expired_transaction');
    const server = await authorizationServerById(env, row.authorization_server_id);
    const given = new Map(Object.entries(row.parameters as Record<string, string>));
    return told(env, server, given, () => decide(env, request, server, given, { handle, row }));
  });
}

// What finds no client to answer to is an event too: the page shows the id under which it is found.
async function told(
  env: Env,
  server: AuthorizationServer,
  given: Parameters,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OAuthError) await recordRefusedOnPage(env, server, given, error);
    throw error;
  }
}

// A request object that will not do is told to the client, if what stands beside it says where the client is.
async function answerTo(env: Env, server: AuthorizationServer, written: Parameters, error: unknown): Promise<Response> {
  if (!(error instanceof OAuthError) || !written.has('request')) throw error;
  const channel = await openChannel(env, server, written).then(
    (opened) => opened.channel,
    () => null,
  );
  if (!channel) throw error;
  return deliverError(env, channel, error);
}

// What is thrown here found no client to answer to: the person sees it.
async function guarded(env: Env, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    return showAuthorizationError(env, error);
  }
}

async function authorizeParameters(request: Request): Promise<Parameters> {
  const query = new URLSearchParams(queryOf(request));
  if (request.method !== 'POST') return single(query);
  if (query.size > 0) throw oauthError('parameters_in_query');
  const form = await readForm(request);
  if (!form) throw oauthError('not_a_form');
  return single(form);
}

async function decide(
  env: Env,
  request: Request,
  server: AuthorizationServer,
  given: Parameters,
  kept: Pending['kept'],
): Promise<Response> {
  const { application, channel } = await openChannel(env, server, given);
  const browser = browserOf(env, request);
  const cookies = browser.cookie === null ? [] : [browser.cookie];
  const known: Known = { grantType: null, proof: null, rule: null };
  try {
    const parameters = checkParameters(server, application, given);
    const { identityProviderId } = parameters;
    if (identityProviderId !== null && !(await activeTerms(env, identityProviderId))) throw oauthError('unknown_idp');
    const pending = { server, application, channel, parameters, given, browser, kept, cookies };
    return await proceed(env, request, pending, known);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    // That nobody is signed in is an answer, which single-page applications ask for again and again.
    if (error.errorName !== 'login_required')
      await recordDenial(env, { server, application }, { at: 'authorize', ...known, error });
    return deliverError(env, channel, error, cookies);
  }
}

/** What a denial can be told by, noted on the way. */
type Known = Pick<Denial, 'grantType' | 'proof' | 'rule'>;

async function proceed(env: Env, request: Request, pending: Pending, known: Known): Promise<Response> {
  const signedIn = await sessionFor(env, request, pending);
  const begun = pending.kept?.row.created ?? env.now();
  const authenticatedAt = signedIn?.session.authenticated_at ?? null;
  const signOn =
    signedIn &&
    (await requireSignOn(env, pending.application, signedIn.user, proofOf(signedIn.session).identityProviderId));
  const limits = { ...pending.parameters, maxAge: shorter(pending.parameters.maxAge, signOn?.proofLifetime ?? null) };
  const asked = nextStep(limits, authenticatedAt, begun, env.now());
  const step = (await meansSomebodyElse(env, pending, signedIn)) ? otherPerson(pending, authenticatedAt, begun) : asked;
  if (step === 'login_required') throw oauthError(step);
  if (step === 'sign-in' || signedIn === null) return goTo(env, signInPath(pending), pending);
  if (step !== 'judge') throw oauthError(step);
  const needsFactor = signOn?.needsFactor ?? false;
  const { application, parameters } = pending;
  const assurance = await assuranceOf(env, { acrValues: parameters.acrValues, application, needsFactor }, signedIn);
  if (assurance.is === 'unmet') throw oauthError(needsFactor ? 'application_sign_on_denied' : 'unmet_acr_values');
  if (assurance.is === 'met') return grantOrRefuse(env, pending, { ...signedIn, acr: assurance.acr }, known);
  if (pending.parameters.prompt.has('none')) throw oauthError('reauthentication_required');
  return goTo(env, '/signin/factor', pending);
}

/** The shorter of `max_age`, in seconds, and a lifetime in milliseconds, in seconds. */
function shorter(maxAge: number | null, lifetime: number | null): number | null {
  if (lifetime === null) return maxAge;
  return Math.min(maxAge ?? Number.POSITIVE_INFINITY, lifetime / SECOND);
}

/** Who names an identity provider is sent straight to it. */
function signInPath({ parameters: { identityProviderId } }: Pending): string {
  return identityProviderId === null ? '/signin' : `/sso/idps/${identityProviderId}`;
}

// OIDC Core 3.1.2.1, id_token_hint: nobody else gets in. Who has just signed in has answered, and not as the client wanted.
async function meansSomebodyElse(
  env: Env,
  { server, parameters }: Pending,
  signedIn: SignedIn | null,
): Promise<boolean> {
  if (parameters.idTokenHint === null) return false;
  const hint = await readIdTokenHint(env, server, parameters.idTokenHint);
  if (!hint) throw oauthError('invalid_id_token_hint');
  return signedIn !== null && signedIn.user.id !== hint.subject;
}

function otherPerson({ parameters }: Pending, authenticatedAt: number | null, begun: number): Step {
  const hasJustAnswered = authenticatedAt !== null && authenticatedAt > begun;
  return parameters.prompt.has('none') || hasJustAnswered ? 'login_required' : 'sign-in';
}

// A session token from the authentication API makes a session of its own, in place of whatever the browser had.
async function sessionFor(env: Env, request: Request, pending: Pending): Promise<SignedIn | null> {
  const { sessionToken } = pending.parameters;
  if (sessionToken === null) return findSession(env, readCookie(request, 'idx'));
  const redeemed = await redeemSessionToken(env, sessionToken);
  if (!redeemed) return null;
  const { token, cookie } = await establishSession(env, request, redeemed.userId, redeemed);
  pending.cookies.push(cookie);
  return findSession(env, token);
}

async function grantOrRefuse(
  env: Env,
  pending: Pending,
  { session, user, acr }: SignedIn & { acr: string | undefined },
  known: Known,
): Promise<Response> {
  const { server, application, parameters } = pending;
  const { scopes, responseTypes } = parameters;
  const [policyGrantType = 'implicit'] = authorizationGrantTypes(responseTypes);
  known.grantType = policyGrantType;
  known.proof = { user, scopes };
  const judged = await judgeAtAuthorize(env, { server, application }, { user, scopes, responseTypes });
  const { judgement } = judged;
  known.rule = judgement.rule;
  const alreadyAsked = pending.kept?.row.consented_session_id === session.id;
  const forced = parameters.prompt.has('consent') && !alreadyAsked;
  const { asking, declined } = await openQuestions(env, { server, application, user }, judgement.scopes, forced);
  if (asking.length > 0 && parameters.prompt.has('none')) throw oauthError('consent_required', asking.join(', '));
  if (asking.length > 0) return goTo(env, '/oauth2/consent', pending);
  const agreed = {
    judgement: withoutScopes(judgement, declined),
    frontChannel: withoutScopes(judged.frontChannel, declined),
  };
  // Whoever declines everything has refused.
  if (declined.length > 0 && agreed.judgement.scopes.length === 0) throw oauthError('consent_refused');
  return issueAuthorizationResponse(env, pending, { session, user, acr, ...agreed, policyGrantType });
}

// The way back is the handle; the path is relative, so the person stays on the host by which they came.
async function goTo(env: Env, path: string, pending: Pending): Promise<Response> {
  const handle = pending.kept?.handle ?? (await keep(env, pending));
  const response = redirect(`${path}?request=${handle}`, {
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  for (const cookie of pending.cookies) response.headers.append('set-cookie', cookie);
  return response;
}

function keep(env: Env, { server, application, given, browser }: Pending): Promise<string> {
  const { sessionToken: _used, ...parameters } = Object.fromEntries(given);
  return keepAuthorizationRequest(env, {
    serverId: server.id,
    clientId: application.client_id,
    parameters,
    browserId: browser.id,
  });
}
