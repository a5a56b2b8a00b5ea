// Owns the moment at which a browser becomes signed in: its former session ends, a fresh token goes into its cookie. No cookie that
// was there before is ever taken over. Not here: who may sign in.
import { type Env, transact } from '../core/env.ts';
import {
  cookieLifetime,
  endSession,
  findSession,
  type IdentityProof,
  reauthenticate,
  replaceSessionToken,
  startSession,
} from '../core/sessions.ts';
import { readCookie, setCookie } from './cookies.ts';

/** The token and its Set-Cookie value. A session of the same person goes on under the new token, so that what belongs to it stays together. */
export async function establishSession(
  env: Env,
  request: Request,
  userId: string,
  proof: IdentityProof,
): Promise<{ token: string; cookie: string }> {
  const former = await findSession(env, readCookie(request, 'idx'));
  const { session, token } = await transact(env, async (env) => {
    if (former?.user.id === userId) {
      const renewed = await reauthenticate(env, former.session.id, proof);
      if (renewed) return renewed;
    } else if (former) {
      await endSession(env, former.session.id, 'REPLACED');
    }
    return startSession(env, { userId, ...proof });
  });
  return { token, cookie: setCookie(env, 'idx', token, cookieLifetime(env, session)) };
}

/** The Set-Cookie value of a fresh token for this session; null when it has ended. */
export async function renewSessionCookie(env: Env, sessionId: string): Promise<string | null> {
  const renewed = await replaceSessionToken(env, sessionId);
  return renewed && setCookie(env, 'idx', renewed.token, cookieLifetime(env, renewed.session));
}
