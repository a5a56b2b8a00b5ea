// Owns what the one-time set-up link is good for: making the first administrator, once, and only while there is none.
// Not here: issuing and printing the link (first-start.ts) and its page (sign-in/set-up.ts).
import { type Env, transact } from './env.ts';
import { findOneTimeToken, redeemOneTimeToken } from './one-time-tokens.ts';
import { holdOrg } from './org.ts';
import { assignRole, hasAdministrator } from './roles.ts';
import { createUser, type User } from './users.ts';

export type FirstAdministrator = { firstName: string; lastName: string; email: string; password: string };

/** Whether the link may be used now. */
export async function isSetUpLink(env: Env, token: string): Promise<boolean> {
  return (await findOneTimeToken(env, 'set-up', token)) !== null && !(await hasAdministrator(env));
}

/** Makes the administrator; null when the link is no longer good. Throws E0000001 for what the form must correct. */
export async function makeFirstAdministrator(
  env: Env,
  token: string,
  { password, firstName, lastName, email }: FirstAdministrator,
): Promise<User | null> {
  // The account and the end of the link are one transaction, and hashing must not happen inside: so it is done before.
  const hash = await env.passwords.hash(password);
  const passwords = { ...env.passwords, hash: () => Promise.resolve(hash) };
  return transact(env, async (env) => {
    // Two links may be out after a restart: whoever uses one waits for whoever uses the other.
    await holdOrg(env);
    if (!(await redeemOneTimeToken(env, 'set-up', token)) || (await hasAdministrator(env))) return null;
    const profile = { firstName, lastName, email, login: email };
    const user = await createUser({ ...env, passwords }, { profile, password });
    await assignRole(env, { userId: user.id, type: 'SUPER_ADMIN' });
    return user;
  });
}
