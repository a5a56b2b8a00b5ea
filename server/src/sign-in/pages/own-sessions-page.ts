// Owns the page that shows where a person is signed in.
import { html } from 'hono/html';
import type { Session } from '../../core/sessions.ts';
import type { Markup } from '../../http/page.ts';
import { done, hidden } from './form-parts.ts';
import { agentWords, momentWords } from './words.ts';

type EndForm = { action: string; session: string; csrf: string };

export type OwnSessionsParts = {
  /** `form` null: the browser that asks. */
  sessions: readonly (Session & { form: EndForm | null })[];
  others: EndForm | null;
  ended: boolean;
  now: number;
};

export function ownSessionsBody({ sessions, others, ended, now }: OwnSessionsParts): Markup {
  return html`<h1>Devices</h1>
<p class="lead">Where you are signed in. If you do not know one of them, sign it out and <a href="/account/password">change your password</a>.</p>
${ended && done('Signed out there. Applications that were used there have to ask you again.')}
<ul class="rows">
${sessions.map(
  ({ user_agent: agent, ip_address: ip, created, last_used: used, form }) => html`<li>
<div><strong>${agentWords(agent)}</strong>${form === null ? html` <span class="tag">This browser</span>` : ''}
<p class="lead">From ${ip} · last used ${momentWords(used, now)} · signed in ${momentWords(created, now)}</p></div>
${form && endButton(form, 'Sign out', `Sign out ${agentWords(agent)} from ${ip}, last used ${momentWords(used, now)}`)}
</li>`,
)}
</ul>
${others && endButton(others, 'Sign out everywhere else')}`;
}

function endButton({ action, session, csrf }: EndForm, text: string, name?: string): Markup {
  return html`<form method="post" action="${action}" class="narrow">
${hidden({ session, csrf })}
<button type="submit" class="quiet"${name ? html` aria-label="${name}"` : ''}>${text}</button>
</form>`;
}
