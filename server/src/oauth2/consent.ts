// Owns the consent page: it names what the application asks for, and either records the person's yes and goes back to the
// dispatcher, or tells the client access_denied. Not here: whether consent is needed (core/consents.ts).
import { html } from 'hono/html';
import { findAuthorizationRequest, noteConsent } from '../core/authorization-requests.ts';
import { giveConsent, openQuestions } from '../core/consents.ts';
import { type Env, transact } from '../core/env.ts';
import { listScopes, type Scope } from '../core/scopes.ts';
import { findSession, type SignedIn } from '../core/sessions.ts';
import { readCookie } from '../http/cookies.ts';
import { browserOf, formToken, isOwnForm } from '../http/csrf.ts';
import { page } from '../http/page.ts';
import { readForm } from '../http/read-body.ts';
import { redirect } from '../http/reply.ts';
import { judgeAtAuthorize } from './access-gate.ts';
import { readAnswer, scopeList } from './asked-scopes.ts';
import { checkParameters, openChannel } from './authorization-parameters.ts';
import { authorizationServerById } from './authorization-server-of.ts';
import { oauthError } from './oauth-error.ts';
import { showAuthorizationError } from './oauth-error-page.ts';
import type { Pending } from './pending-authorization.ts';
import { deliverError } from './response-mode.ts';

type Asked = { pending: Pending & { kept: NonNullable<Pending['kept']> }; signedIn: SignedIn; scopes: Scope[] };

/** GET /oauth2/consent?request=HANDLE */
export async function showConsent(env: Env, request: Request): Promise<Response> {
  try {
    const handle = new URL(request.url).searchParams.get('request') ?? '';
    const asked = await load(env, request, handle);
    return asked ? consentPage(env, asked) : backToDispatcher(handle);
  } catch (error) {
    return showAuthorizationError(env, error);
  }
}

/** POST /oauth2/consent: `allow` or `deny`. */
export async function answerConsent(env: Env, request: Request): Promise<Response> {
  try {
    const form = (await readForm(request)) ?? new URLSearchParams();
    const handle = form.get('request') ?? '';
    if (!isOwnForm(env, browserOf(env, request), `consent:${handle}`, form.get('csrf')))
      throw oauthError('expired_transaction');
    const asked = await load(env, request, handle);
    if (!asked) return backToDispatcher(handle);
    const { pending, signedIn, scopes } = asked;
    if (form.get('answer') !== 'allow') return deliverError(env, pending.channel, oauthError('consent_refused'));
    const { server, application } = pending;
    const { given, declined } = readAnswer(form, scopes);
    await transact(env, async (env) => {
      await giveConsent(env, { server, application, user: signedIn.user }, given, declined);
      await noteConsent(env, pending.kept.row, signedIn.session.id);
    });
    return backToDispatcher(handle);
  } catch (error) {
    return showAuthorizationError(env, error);
  }
}

function backToDispatcher(handle: string): Response {
  return redirect(`/oauth2/resume?request=${encodeURIComponent(handle)}`, { 'cache-control': 'no-store' });
}

// Null when there is nothing to ask (any more): the dispatcher decides what is next.
async function load(env: Env, request: Request, handle: string): Promise<Asked | null> {
  const browser = browserOf(env, request);
  const row = await findAuthorizationRequest(env, handle, browser.id);
  if (!row) throw oauthError('expired_transaction');
  const server = await authorizationServerById(env, row.authorization_server_id);
  const given = new Map(Object.entries(row.parameters as Record<string, string>));
  const { application, channel } = await openChannel(env, server, given);
  const parameters = checkParameters(server, application, given);
  const signedIn = await findSession(env, readCookie(request, 'idx'));
  if (!signedIn) return null;
  const { user } = signedIn;
  const { judgement } = await judgeAtAuthorize(env, { server, application }, { user, ...parameters });
  const { scopes } = judgement;
  const { asking } = await openQuestions(env, { server, application, user }, scopes, parameters.prompt.has('consent'));
  if (asking.length === 0) return null;
  const known = await listScopes(env, server);
  const pending = { server, application, channel, parameters, given, browser, kept: { handle, row }, cookies: [] };
  return { pending, signedIn, scopes: known.filter(({ name }) => asking.includes(name)) };
}

function consentPage(env: Env, { pending, signedIn, scopes }: Asked): Response {
  const { application, browser, channel, kept } = pending;
  return page(env, {
    title: `Allow ${application.label}?`,
    formAction: [channel.redirectUri],
    body: html`<h1>Allow ${application.label}?</h1>
<p>You are signed in as <strong>${signedIn.user.login}</strong>. <strong>${application.label}</strong> asks for your leave to:</p>
<form method="post" action="/oauth2/consent">
${scopeList(scopes, ({ optional }) => optional)}
<input type="hidden" name="request" value="${kept.handle}">
<input type="hidden" name="csrf" value="${formToken(env, browser, `consent:${kept.handle}`)}">
<p class="actions"><button type="submit" name="answer" value="allow">Allow access</button>
<button type="submit" name="answer" value="deny" class="quiet">Do not allow</button></p>
</form>`,
  });
}
