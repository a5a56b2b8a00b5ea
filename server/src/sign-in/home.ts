// Owns the server's root as a person sees it, and signing out. Not here: sign-out that an application asks for (oauth2/logout.ts).
import { userActor } from '../core/actors.ts';
import { followAppLink, listAppLinks } from '../core/app-links.ts';
import { signOutPlace } from '../core/brand-pages.ts';
import type { Env } from '../core/env.ts';
import { rolesOfUser } from '../core/roles.ts';
import { endSession, findSession } from '../core/sessions.ts';
import { frontChannelUris } from '../core/single-logout.ts';
import { clearCookie, readCookie } from '../http/cookies.ts';
import { browserOf } from '../http/csrf.ts';
import { errorPage } from '../http/error-page.ts';
import { type Route, route } from '../http/route.ts';
import { frontChannelPage } from '../http/signed-out.ts';
import { foreignFormPage, readOwnForm, single } from './own-form.ts';
import { homePage } from './pages/home-page.ts';
import { safeTarget } from './safe-target.ts';
import { seeOther } from './see-other.ts';

const tags = ['Sign-in'];

export const homeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/',
    operationId: 'showHome',
    summary: 'Who is signed in',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    async handle({ env, request }) {
      const found = await findSession(env, readCookie(request, 'idx'));
      if (!found) return seeOther('/signin');
      const { user } = found;
      return homePage(env, browserOf(env, request), {
        name: userActor(user).displayName,
        login: user.login,
        links: await listAppLinks(env, user.id),
        administers: (await rolesOfUser(env, user.id)).length > 0,
      });
    },
  }),
  route({
    method: 'GET',
    path: '/home/{appName}/{appId}/{linkId}',
    operationId: 'followAppLink',
    summary: 'Go to an application that the home page links to',
    tags,
    access: 'public',
    responses: { 303: null, 404: null },
    async handle({ env, params, request }) {
      const { pathname } = new URL(request.url);
      const found = await findSession(env, readCookie(request, 'idx'));
      if (!found) return seeOther(`/signin?fromURI=${encodeURIComponent(pathname)}`);
      const place = await followAppLink(env, pathname, params.appId, found.user.id);
      return place === null ? noSuchLinkPage(env) : seeOther(place);
    },
  }),
  route({
    method: 'POST',
    path: '/signout',
    operationId: 'signOut',
    summary: 'Sign out of this server',
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      if (!(await readOwnForm(env, request, browserOf(env, request), () => 'sign-out'))) return foreignFormPage(env);
      return signOut(env, request, (await signOutPlace(env)) ?? '/signin');
    },
  }),
  // Applications send the browser here from their own pages, so unlike the form it needs no proof: what it does is harmless.
  route({
    method: 'GET',
    path: '/login/signout',
    operationId: 'signOutByLink',
    summary: 'Sign out and go on to `fromURI`, if that place is trusted',
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const wanted = single(new URL(request.url).searchParams, 'fromURI');
      return signOut(env, request, (await safeTarget(env, wanted)) ?? (await signOutPlace(env)) ?? '/signin');
    },
  }),
];

function noSuchLinkPage(env: Env): Response {
  return errorPage(env, {
    status: 404,
    title: 'There is no way into this application from here',
    what: 'It is not assigned to you, it is not active, or this server cannot sign people in to it.',
    check: 'Who the application is assigned to, and whether it is active.',
  });
}

async function signOut(env: Env, request: Request, target: string): Promise<Response> {
  const found = await findSession(env, readCookie(request, 'idx'));
  if (found) {
    const uris = await frontChannelUris(env, found.session.id);
    await endSession(env, found.session.id, 'SIGNED_OUT');
    const told = frontChannelPage(env, { uris, target, cookies: [clearCookie(env, 'idx')] });
    if (told) return told;
  }
  return seeOther(target, [clearCookie(env, 'idx')]);
}
