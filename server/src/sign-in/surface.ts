// Owns how the sign-in surface answers what its handlers throw: with a page. Nothing here needs permission; each handler asks for
// the proof that it needs. Not here: the pages themselves.
import type { Env } from '../core/env.ts';
import { errorPage } from '../http/error-page.ts';
import { BodyTooLarge } from '../http/read-body.ts';
import type { Surface } from '../http/route.ts';

export const signInSurface: Surface = {
  async admit(env, access) {
    if (access !== 'public') throw new Error('A sign-in page is public: whoever opens it is not known yet');
    return env;
  },
  refuse(env, error) {
    if (error instanceof BodyTooLarge)
      return errorPage(env, {
        status: 413,
        title: 'Too much was sent',
        what: 'The form was larger than this server reads.',
      });
    return brokenPage(env, error);
  },
};

function brokenPage(env: Env, error: unknown): Response {
  env.log.error({ err: error, requestId: env.request.id, path: env.request.path }, 'A request failed');
  return errorPage(env, {
    status: 500,
    title: 'Something went wrong',
    what: 'The server could not do what was asked. Trying again may help.',
    check: 'The server’s log, which tells more under the request ID below.',
  });
}
