// Owns the place to which an application's own sign-in page sends the browser with a session token: the token becomes this server's
// cookie, and the browser goes on to a trusted place. Not here: how the token is earned (management/authn.ts).
import { redeemSessionToken } from '../core/session-tokens.ts';
import { errorPage } from '../http/error-page.ts';
import { establishSession } from '../http/establish-session.ts';
import { type Route, route } from '../http/route.ts';
import { single } from './own-form.ts';
import { safeTarget } from './safe-target.ts';
import { seeOther } from './see-other.ts';

export const sessionCookieRedirectRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/login/sessionCookieRedirect',
    operationId: 'redeemSessionToken',
    summary: 'Turn a session token into the session cookie and go on to `redirectUrl`',
    tags: ['Sign-in'],
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const query = new URL(request.url).searchParams;
      // Judged first: a token must not be used up by a request that leads nowhere.
      const target = await safeTarget(env, single(query, 'redirectUrl'));
      if (target === null)
        return errorPage(env, {
          status: 400,
          title: 'This place is not trusted',
          what: 'The address to go on to is not one that this organization trusts for redirects. Nobody was signed in.',
          check: 'Security > API > Trusted Origins: the address needs an entry of type Redirect.',
        });
      const redeemed = await redeemSessionToken(env, single(query, 'token') ?? '');
      if (!redeemed) return seeOther(`/signin?${new URLSearchParams({ fromURI: target })}`);
      const { cookie } = await establishSession(env, request, redeemed.userId, redeemed);
      return seeOther(target, [cookie]);
    },
  }),
];
