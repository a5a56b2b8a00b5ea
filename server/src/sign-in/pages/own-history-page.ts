// Owns the page of what was done in a person's name, in their words.
import { html } from 'hono/html';
import type { OwnEvent } from '../../core/own-history.ts';
import type { Markup } from '../../http/page.ts';
import { agentWords, momentWords } from './words.ts';

/** Those that people meet; others are told as the log tells them. */
const WORDS: Readonly<Record<string, string>> = {
  'user.session.start': 'Signed in',
  'user.session.end': 'Signed out',
  'user.session.clear': 'Signed out everywhere else',
  'user.authentication.verify': 'Proved who you are again',
  'user.account.update_password': 'Password changed',
  'user.account.update_profile': 'Profile changed',
  'user.account.lock': 'Account locked after too many wrong passwords',
  'user.account.unlock': 'Account unlocked',
  'user.mfa.factor.activate': 'Second factor set up',
  'user.mfa.factor.deactivate': 'Second factor taken away',
};

const REFUSED: Readonly<Record<string, string>> = {
  INVALID_CREDENTIALS: 'Sign-in with a wrong password',
  LOCKED_OUT: 'Sign-in while the account was locked',
};

export function ownHistoryBody(parts: { events: readonly OwnEvent[]; older: string | null; now: number }): Markup {
  const { events, older, now } = parts;
  return html`<h1>History</h1>
<p class="lead">What was done with your account in the last 90 days, or tried. If you do not know something, <a href="/account/password">change your password</a> and tell your administrator.</p>
${
  events.length === 0
    ? html`<p class="note">Nothing, as far as is kept.</p>`
    : html`<ul class="rows">
${events.map(
  (event) => html`<li>
<div><strong>${wordsOf(event)}</strong>${event.succeeded ? '' : html` <span class="tag alarming">Refused</span>`}
<p class="lead">${momentWords(event.published, now)} · ${agentWords(event.userAgent)} · from ${event.ipAddress}</p></div>
</li>`,
)}
</ul>`
}
${older !== null && html`<p><a href="${older}">Older</a></p>`}`;
}

function wordsOf({ eventType, displayMessage, succeeded, reason }: OwnEvent): string {
  if (eventType === 'user.session.start' && !succeeded)
    return (reason === null ? undefined : REFUSED[reason]) ?? 'Sign-in that was refused';
  return WORDS[eventType] ?? displayMessage;
}
