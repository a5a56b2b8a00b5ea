// Owns the change of a password's hash from another system's to ours, when its owner has proved the password.
import { readImported } from '../base/imported-password.ts';
import { toJson } from '../storage/schema.ts';
import { type Env, transact } from './env.ts';
import { recordUserEvent, type User } from './users.ts';

/** Puts our own hash in the place of one that was imported, once its owner has proved the password. */
export async function upgradeImported(env: Env, user: User, password: string): Promise<void> {
  const { id, password_hash: old } = user;
  if (old === null || !readImported(old)) return;
  const password_hash = await env.passwords.hash(password);
  const ours = { password_hash, credential_provider: toJson({ type: 'OKTA', name: 'OKTA' }) };
  await transact(env, async (env) => {
    // A password that was set meanwhile stays.
    const upgraded = await env.db
      .updateTable('users')
      .set(ours)
      .where('id', '=', id)
      .where('password_hash', '=', old)
      .returning('id')
      .executeTakeFirst();
    if (upgraded) await recordUserEvent(env, user, 'user.import.password', 'Password of imported user taken over');
  });
}
