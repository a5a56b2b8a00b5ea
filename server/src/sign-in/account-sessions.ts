// Owns where a person is signed in, and signing out elsewhere. Not here: signing out of this browser (home.ts).
import { endSessionOfUser, endSessionsOfUser, listSessionsOfUser } from '../core/sessions.ts';
import { ownPage } from '../http/own-page.ts';
import { type Route, route } from '../http/route.ts';
import { backTo, wasDone, withOwnAccount, withOwnForm } from './own-account.ts';
import { single } from './own-form.ts';
import { ownSessionsBody } from './pages/own-sessions-page.ts';

const PATH = '/account/sessions';
/** In place of a session's id. */
const ALL_OTHERS = 'others';
const tags = ['Account'];

export const accountSessionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'showOwnSessions',
    summary: 'Where a person is signed in',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnAccount(env, request, async (account) => {
        const { user, session, browser, formToken } = account;
        const sessions = await listSessionsOfUser(env, user.id);
        const form = (id: string) => ({ action: PATH, session: id, csrf: formToken(purposeOf(id)) });
        const body = ownSessionsBody({
          sessions: sessions.map((one) => ({
            ...one,
            form: one.id === session.id ? null : form(one.id),
          })),
          others: sessions.length > 1 ? form(ALL_OTHERS) : null,
          ended: wasDone(PATH, account, request),
          now: env.now(),
        });
        return ownPage(env, browser, { here: PATH, title: 'Devices', body, login: user.login });
      }),
  }),
  route({
    method: 'POST',
    path: PATH,
    operationId: 'endOwnSession',
    summary: 'Sign out of another browser, or of all others',
    tags,
    access: 'public',
    responses: { 303: null },
    handle: ({ env, request }) =>
      withOwnForm(
        env,
        request,
        (fields) => purposeOf(single(fields, 'session') ?? ''),
        async (account, form) => {
          const { env, user, session } = account;
          const id = single(form, 'session') ?? '';
          if (id === ALL_OTHERS) await endSessionsOfUser(env, user.id, { oauthTokens: true, keep: session.id });
          else await endSessionOfUser(env, user.id, id);
          return backTo(PATH, account);
        },
      ),
  }),
];

function purposeOf(sessionId: string): string {
  return `end-session:${sessionId}`;
}
