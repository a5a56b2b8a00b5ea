// Owns the page on which a person sees which application may do what in their name, and takes it back. Not here: giving (consent.ts).
import { html } from 'hono/html';
import { findClient } from '../core/applications.ts';
import { findAuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { type Consent, listConsents, revokeConsents } from '../core/given-consents.ts';
import { listScopes } from '../core/scopes.ts';
import { findSession } from '../core/sessions.ts';
import { readCookie } from '../http/cookies.ts';
import { browserOf, formToken, isOwnForm } from '../http/csrf.ts';
import { ownPage } from '../http/own-page.ts';
import { readForm } from '../http/read-body.ts';
import { oauthError } from './oauth-error.ts';
import { showAuthorizationError } from './oauth-error-page.ts';

const MOST_SHOWN = 500;
const PATH = '/oauth2/consents';

type Shown = { clientId: string; label: string; scopes: string[] };

/** GET /oauth2/consents */
export async function showOwnConsents(env: Env, request: Request): Promise<Response> {
  const signedIn = await findSession(env, readCookie(request, 'idx'));
  if (!signedIn) return seeOther('/signin');
  const browser = browserOf(env, request);
  const given = await listConsents(env, { userId: signedIn.user.id }, { after: null, limit: MOST_SHOWN });
  const applications = await byApplication(env, given);
  const form = ({ clientId, label }: Shown) => html`<form method="post" action="${PATH}">
<input type="hidden" name="client" value="${clientId}">
<input type="hidden" name="csrf" value="${formToken(env, browser, purposeOf(signedIn.session.id, clientId))}">
<button type="submit" class="quiet" aria-label="Revoke what ${label} may do">Revoke</button>
</form>`;
  return ownPage(env, browser, {
    here: PATH,
    title: 'Consents',
    login: signedIn.user.login,
    body: html`<h1>Consents</h1>
<p class="lead">What applications may do in your name, because you agreed.</p>
${
  applications.length === 0
    ? html`<p class="note">You have agreed to nothing yet.</p>`
    : html`<ul class="rows">
${applications.map(
  (one) => html`<li>
<div><strong>${one.label}</strong>
<p class="lead">${one.scopes.join(' · ')}</p></div>
${form(one)}
</li>`,
)}
</ul>`
}`,
  });
}

/** POST /oauth2/consents: takes back all that one application was given. */
export async function revokeOwnConsents(env: Env, request: Request): Promise<Response> {
  const signedIn = await findSession(env, readCookie(request, 'idx'));
  if (!signedIn) return seeOther('/signin');
  const form = (await readForm(request)) ?? new URLSearchParams();
  const clientId = form.get('client') ?? '';
  const { session, user } = signedIn;
  if (!isOwnForm(env, browserOf(env, request), purposeOf(session.id, clientId), form.get('csrf')))
    return showAuthorizationError(env, oauthError('expired_transaction'));
  const actor = { id: user.id, type: 'User', alternateId: user.login, displayName: user.login } as const;
  await revokeConsents({ ...env, actor }, { userId: user.id, clientId });
  return seeOther(PATH);
}

function purposeOf(sessionId: string, clientId: string): string {
  return `revoke-consents:${sessionId}:${clientId}`;
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
}

async function byApplication(env: Env, given: readonly Consent[]): Promise<Shown[]> {
  const shown = new Map<string, Shown>();
  for (const consent of given) {
    const { client_id: clientId, authorization_server_id: serverId, scope } = consent;
    const client = await findClient(env, clientId);
    const server = await findAuthorizationServer(env, serverId);
    if (!client || !server) continue;
    const known = (await listScopes(env, server)).find(({ name }) => name === scope);
    const one = shown.get(clientId) ?? { clientId, label: client.label, scopes: [] };
    one.scopes.push(known?.displayName || scope);
    shown.set(clientId, one);
  }
  return [...shown.values()].sort((a, b) => a.label.localeCompare(b.label));
}
