// Owns how an authorization answer, good or bad, travels to the client (OAuth Multiple Response Type Encoding Practices,
// OAuth Form Post Response Mode, and okta_post_message for frames and pop-ups). Not here: what the answer says.
import { html } from 'hono/html';
import type { Env } from '../core/env.ts';
import { originOf } from '../core/redirect-uris.ts';
import { page } from '../http/page.ts';
import { redirect } from '../http/reply.ts';
import type { OAuthError } from './oauth-error.ts';

export const responseModes = ['query', 'fragment', 'form_post', 'okta_post_message'] as const;
export type ResponseMode = (typeof responseModes)[number];

/** Where answers of one authorization request go: proven to belong to the client. */
export type Channel = { redirectUri: string; mode: ResponseMode; state: string | null };

type Values = Readonly<Record<string, string>>;

/** Sends the values, and the state the client gave. */
export function deliver(env: Env, channel: Channel, values: Values, cookies: readonly string[] = []): Response {
  const all = channel.state === null ? values : { ...values, state: channel.state };
  const response = byMode(env, channel, all);
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
}

export function deliverError(env: Env, channel: Channel, error: OAuthError, cookies: readonly string[] = []): Response {
  return deliver(env, channel, { error: error.error, error_description: error.description }, cookies);
}

function byMode(env: Env, { redirectUri, mode }: Channel, values: Values): Response {
  const encoded = new URLSearchParams(values).toString();
  const headers = { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' };
  switch (mode) {
    // The registered URI is left as it is, character by character.
    case 'query':
      return redirect(`${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${encoded}`, headers);
    case 'fragment':
      return redirect(`${redirectUri}#${encoded}`, headers);
    case 'form_post':
      return formPost(env, redirectUri, values);
    case 'okta_post_message':
      return postMessage(env, redirectUri, values);
  }
}

function formPost(env: Env, redirectUri: string, values: Values): Response {
  return page(env, {
    title: 'Returning to the application',
    script: 'auto-submit',
    formAction: [redirectUri],
    body: html`<h1>Returning to the application</h1>
<form method="post" action="${redirectUri}">
${Object.entries(values).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button type="submit">Continue</button>
</form>`,
  });
}

function postMessage(env: Env, redirectUri: string, values: Values): Response {
  const origin = originOf(redirectUri);
  return page(env, {
    title: 'Returning to the application',
    script: 'post-message',
    ...(origin === null ? {} : { frameAncestors: [origin] }),
    body: html`<p id="message" data-target-origin="${origin ?? ''}" data-message="${JSON.stringify(values)}">Returning to the application.</p>`,
  });
}
