// Owns what is done while nobody waits: rows that nobody will ask for again go away, in small batches with a pause between, so that
// no sign-in ever waits long behind one. Every chore may run at any time, twice, and in many processes at once.
// Not here: the timer (main.ts), and when a row stops to mean something, which is its own module's rule.
import { sql } from 'kysely';
import { DAY, HOUR } from '../base/time.ts';
import type { Row, TableName } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { rotateDueKeys } from './key-rotation.ts';
import { deleteDeadKeys } from './signing-keys.ts';
import { deliverLogoutNotices } from './single-logout.ts';
import { sequenceAt } from './system-log.ts';

/** Rows a statement. On the embedded database a statement holds up everything else while it runs. */
const BATCH = 500;
/** Statements a chore and run: what is left waits for the next run. */
const MOST_BATCHES = 100;
/** The longest life of an access token, which is good only while the row of its family says so, and some time for clocks. */
const ACCESS_TOKENS_DEAD = DAY + HOUR;

/** `run` does a batch and tells how much it did: less than BATCH means that it is done. */
type Chore = { name: string; run(env: Env): Promise<number> };

const chores: readonly Chore[] = [
  aged('authorization_requests', 'handle_hash', 'expires_at', 0),
  aged('pushed_authorization_requests', 'request_uri_hash', 'expires_at', 0),
  // A used code that comes again revokes what it gave (RFC 6749 section 4.1.2), as long as that may be alive.
  aged('authorization_codes', 'code_hash', 'expires_at', ACCESS_TOKENS_DEAD),
  aged('device_codes', 'device_code_hash', 'expires_at', HOUR),
  aged('revoked_access_tokens', 'jti', 'expires_at', HOUR),
  // Its expiry is the last moment at which the JWT could pass; the hour is for clocks of processes that differ.
  aged('used_jtis', 'id_hash', 'expires_at', HOUR),
  // So that an investigation can still tell a link that was too late from one that was made up.
  aged('one_time_tokens', 'token_hash', 'expires_at', 7 * DAY),
  aged('sessions', 'id', 'expires_at', DAY),
  { name: 'session_clients', run: forgetClientsOfNoSession },
  // Keeps a flood of made-up names from staying; an account that was locked stays so by its status.
  aged('sign_in_failures', 'login_key', 'last_failure', 30 * DAY),
  aged('recent_sign_ins', 'id', 'created', 90 * DAY),
  aged('remembered_devices', 'device_hash', 'factor_verified_at', 400 * DAY),
  aged('system_log', 'sequence', 'sequence', 90 * DAY, sequenceAt),
  { name: 'refresh_token_secrets', run: forgetSecretsOfDeadFamilies },
  { name: 'refresh_tokens', run: forgetDeadFamilies },
  { name: 'signing_keys', run: (env) => deleteDeadKeys(env, BATCH) },
];

/** What is more than a deletion. Each opens its own transactions. */
const duties: readonly { name: string; run(env: Env): Promise<void> }[] = [
  { name: 'rotate-keys', run: rotateDueKeys },
  { name: 'logout-notices', run: deliverLogoutNotices },
];

/** Does every chore once. A chore that fails is logged, and the others are done all the same. */
export async function runChores(env: Env): Promise<void> {
  for (const { name, run } of duties) await attempt(env, name, () => run(env));
  for (const chore of chores) await attempt(env, chore.name, () => inBatches(env, chore));
}

async function attempt(env: Env, chore: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    env.log.error({ err: error, chore }, 'A chore failed; it will be tried again');
  }
}

async function inBatches(env: Env, { name, run }: Chore): Promise<void> {
  let done = 0;
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const count = await transact(env, run);
    done += count;
    if (count < BATCH) break;
    await new Promise((resume) => setImmediate(resume));
  }
  if (done > 0) env.log.debug({ chore: name, rows: done }, 'Rows that nobody needs are gone');
}

/** Rows whose time is more than `kept` milliseconds ago. `written`: how the column writes a moment. */
function aged<T extends TableName>(
  table: T,
  key: keyof Row<T> & string,
  time: keyof Row<T> & string,
  kept: number,
  written: (moment: number) => number | string = (moment) => moment,
): Chore {
  const [from, id, when] = [sql.table(table), sql.ref(key), sql.ref(time)];
  return {
    name: table,
    async run(env) {
      const old = sql`select ${id} from ${from} where ${when} < ${written(env.now() - kept)} order by ${when} limit ${BATCH}`;
      const { numAffectedRows } = await sql`delete from ${from} where ${id} in (${old})`.execute(env.db);
      return Number(numAffectedRows ?? 0);
    },
  };
}

// A secret that was rotated out stays as long as its family, since its reuse must be noticed. A family's end is idle_expires_at,
// which is never later than its absolute end; a revoked family goes when it would have ended.
async function forgetSecretsOfDeadFamilies(env: Env): Promise<number> {
  const { numDeletedRows } = await env.db
    .deleteFrom('refresh_token_secrets')
    .where('secret_hash', 'in', (eb) =>
      eb
        .selectFrom('refresh_tokens')
        .innerJoin('refresh_token_secrets', 'refresh_token_secrets.refresh_token_id', 'refresh_tokens.id')
        .select('refresh_token_secrets.secret_hash')
        .where('refresh_tokens.idle_expires_at', '<', env.now() - ACCESS_TOKENS_DEAD)
        .limit(BATCH),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

async function forgetClientsOfNoSession(env: Env): Promise<number> {
  const { db } = env;
  const gone = await db
    .selectFrom('session_clients')
    .leftJoin('sessions', 'sessions.id', 'session_clients.session_id')
    .select('session_clients.session_id')
    .where('sessions.id', 'is', null)
    .limit(BATCH)
    .execute();
  if (gone.length === 0) return 0;
  const ids = [...new Set(gone.map(({ session_id }) => session_id))];
  await db.deleteFrom('session_clients').where('session_id', 'in', ids).execute();
  return gone.length;
}

async function forgetDeadFamilies(env: Env): Promise<number> {
  const { numDeletedRows } = await env.db
    .deleteFrom('refresh_tokens')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('refresh_tokens')
        .select('id')
        .where('idle_expires_at', '<', env.now() - ACCESS_TOKENS_DEAD)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('refresh_token_secrets')
                .select('secret_hash')
                .whereRef('refresh_token_secrets.refresh_token_id', '=', 'refresh_tokens.id'),
            ),
          ),
        )
        .limit(BATCH),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}
