// Owns what was done in a person's name: their own sign-ins, refused ones too. Not here: finding it (core/own-history.ts).
import { listOwnEvents } from '../core/own-history.ts';
import { ownPage } from '../http/own-page.ts';
import { type Route, route } from '../http/route.ts';
import { withOwnAccount } from './own-account.ts';
import { single } from './own-form.ts';
import { ownHistoryBody } from './pages/own-history-page.ts';

const PATH = '/account/history';
const PAGE = 30;
const CURSOR = /^[\w-]{1,60}$/;

export const accountHistoryRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'showOwnHistory',
    summary: 'A person’s own sign-ins and changes',
    tags: ['Account'],
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnAccount(env, request, async ({ user, browser }) => {
        const given = single(new URL(request.url).searchParams, 'before');
        const before = given !== null && CURSOR.test(given) ? given : null;
        const { events, next } = await listOwnEvents(env, user.id, { before, limit: PAGE });
        const older = next === null ? null : `${PATH}?${new URLSearchParams({ before: next })}`;
        const body = ownHistoryBody({ events, older, now: env.now() });
        return ownPage(env, browser, { here: PATH, title: 'History', body, login: user.login });
      }),
  }),
];
