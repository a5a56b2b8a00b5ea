// Owns what goes with an application or an authorization server: every request, code, token and consent that names it. Not here: the
// rest of what belongs to either, and rows that time removes (chores.ts).
import type { Env } from './env.ts';

/** Tables whose rows name both a client and an authorization server, and mean nothing without either. */
const TABLES = [
  'refresh_tokens',
  'authorization_codes',
  'authorization_requests',
  'pushed_authorization_requests',
  'device_codes',
  'consents',
  'session_clients',
  'logout_notices',
] as const;

/** Deletes all of them for this client, or for this server (an id as rows hold it). Call it in the transaction that deletes it. */
export async function deleteGrants(
  { db }: Env,
  column: 'client_id' | 'authorization_server_id',
  id: string,
): Promise<void> {
  const families = db.selectFrom('refresh_tokens').select('id').where(column, '=', id);
  await db.deleteFrom('refresh_token_secrets').where('refresh_token_id', 'in', families).execute();
  for (const table of TABLES) await db.deleteFrom(table).where(column, '=', id).execute();
}
