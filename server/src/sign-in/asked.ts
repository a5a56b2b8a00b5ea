// Owns what a person came to the sign-in pages for: a waiting authorization request, which only the browser that began it may go on
// with, or a place on this server. Not here: the way on (continue-sign-in.ts).
import { type Application, findClient } from '../core/applications.ts';
import { type AuthorizationRequest, findAuthorizationRequest } from '../core/authorization-requests.ts';
import type { Env } from '../core/env.ts';
import type { Browser } from '../http/csrf.ts';
import { errorPage } from '../http/error-page.ts';
import type { Destination } from './continue-sign-in.ts';
import { single } from './own-form.ts';

export type Asked = Destination & {
  waiting: AuthorizationRequest | null;
  application: Application | null;
  loginHint: string | null;
};

/** What the person came for; null when the waiting request is not this browser's, or waits no more. */
export async function readAsked(env: Env, browser: Browser, fields: URLSearchParams): Promise<Asked | null> {
  const handle = fields.has('request') ? (single(fields, 'request') ?? '') : null;
  const fromURI = single(fields, 'fromURI');
  if (handle === null) return { handle, fromURI, waiting: null, application: null, loginHint: null };
  // A browser without a cookie of its own began nothing.
  const waiting = browser.cookie === null ? await findAuthorizationRequest(env, handle, browser.id) : null;
  if (waiting === null) return null;
  const client = await findClient(env, waiting.client_id);
  const { login_hint: hint } = waiting.parameters;
  return {
    handle,
    fromURI: null,
    waiting,
    application: client,
    loginHint: typeof hint === 'string' && hint !== '' ? hint : null,
  };
}

export function requestGonePage(env: Env): Response {
  return errorPage(env, {
    status: 400,
    title: 'This sign-in cannot go on',
    what: 'It was begun in another browser, it has been finished already, or it waited too long.',
    check: 'Go back to the application and sign in from there. The browser must accept cookies from this site.',
  });
}
