// Owns the list of a person's second factors. Not here: enrolling them and proving by them.
import { html } from 'hono/html';
import { kindOf } from '../core/factor-kinds.ts';
import { listFactors } from '../core/factors.ts';
import { ownPage } from '../http/own-page.ts';
import { type Route, route } from '../http/route.ts';
import { withOwnAccount } from './own-account.ts';
import { momentWords } from './pages/words.ts';

const PATH = '/account/factors';

export const accountFactorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'showOwnFactors',
    summary: 'A person’s own second factors',
    tags: ['Account'],
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnAccount(env, request, async ({ user, browser }) => {
        const factors = await listFactors(env, user.id);
        const body = html`<h1>Second factors</h1>
<p class="lead">What proves that you are you, beside your password.</p>
${
  factors.length === 0
    ? html`<p class="note">None is set up. If your organization asks for one, you are led through it when you sign in.</p>`
    : html`<ul class="rows">
${factors.map(
  (
    factor,
  ) => html`<li><div><strong>${kindOf(factor).label}</strong>${factor.status === 'ACTIVE' ? '' : html` <span class="tag">Not finished</span>`}
<p class="lead">Set up ${momentWords(factor.created, env.now())}</p></div></li>`,
)}
</ul>
<p class="aside">If you have lost one, ask your administrator to reset it.</p>`
}`;
        return ownPage(env, browser, { here: PATH, title: 'Second factors', body, login: user.login });
      }),
  }),
];
