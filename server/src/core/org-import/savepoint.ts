// Owns trying a change: it happens whole or not at all, in a transaction of its own, or within one that is open already.
import { sql } from 'kysely';
import { type Env, transact } from '../env.ts';

/** As transact; inside a transaction, a throw undoes this change alone. */
export async function attempt<T>(env: Env, change: (env: Env) => Promise<T>): Promise<T> {
  if (!env.db.isTransaction) return transact(env, change);
  await sql`savepoint attempt`.execute(env.db);
  try {
    const result = await change(env);
    await sql`release savepoint attempt`.execute(env.db);
    return result;
  } catch (error) {
    await sql`rollback to savepoint attempt`.execute(env.db);
    await sql`release savepoint attempt`.execute(env.db);
    throw error;
  }
}
