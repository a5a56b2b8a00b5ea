// Owns who a GitHub token is for. GitHub issues no ID tokens, so its API is asked, and its answer is put in the words of OpenID
// Connect: the number of an account never changes hands, its name does. Not here: getting the token (ask-provider.ts).
import type { Env } from '../env.ts';
import { isObject } from '../policies/policy-defaults.ts';
import { ask, jsonIn } from './provider-http.ts';

const API = 'https://api.github.com';

/** Null when GitHub does not say. */
export async function githubClaims(env: Env, accessToken: string): Promise<Record<string, unknown> | null> {
  const [user, emails] = [await get(env, '/user', accessToken), await get(env, '/user/emails', accessToken)];
  if (!isObject(user) || typeof user.id !== 'number' || !Number.isSafeInteger(user.id)) return null;
  // Without the scope for it the addresses stay unknown, and what the profile shows is verified by nobody.
  const primary = (Array.isArray(emails) ? emails : []).filter(isObject).find((one) => one.primary === true);
  const email = primary?.email ?? user.email;
  return {
    sub: String(user.id),
    preferred_username: user.login,
    name: user.name,
    ...(typeof email === 'string' ? { email, email_verified: primary?.verified === true } : {}),
  };
}

async function get(env: Env, path: string, accessToken: string): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${accessToken}`,
    accept: 'application/vnd.github+json',
    // GitHub hears nobody who does not say what they are.
    'user-agent': 'Gatehouse',
  };
  const answer = await ask(env, `${API}${path}`, { headers });
  return answer?.status === 200 ? jsonIn(answer.text) : null;
}
