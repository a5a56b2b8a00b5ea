// Owns the small world that unit tests run in: an empty embedded database in memory with an org in it, a clock that the test
// moves, chance that repeats, and password hashes that cost nothing. Not here: anything that the server itself uses.
import { createHash } from 'node:crypto';
import { type IdPrefix, idPrefixes, newId } from '../base/id.ts';
import type { Network } from '../base/network.ts';
import type { PasswordHashing } from '../base/password-hash.ts';
import { createSealer } from '../base/seal.ts';
import { readConfig } from '../config.ts';
import { type Database, openDatabase } from '../storage/database.ts';
import { migrate } from '../storage/migrate.ts';
import { toJson } from '../storage/schema.ts';
import { createMemory, type Env, type Log } from './env.ts';

export type TestEnv = {
  env: Env;
  database: Database;
  /** Moves the clock forward. */
  advance(milliseconds: number): void;
  /** What was logged, oldest first. */
  logged: { level: string; facts: object; message: string }[];
  /** How often a password was compared with a stored hash or with nothing. */
  verifications(): number;
  close(): Promise<void>;
};

type Options = {
  /** Epoch milliseconds at the start. */
  now?: number;
  databaseUrl?: string;
  /** Settings as the environment would give them. */
  settings?: Record<string, string>;
  network?: Network;
  /** Whether the org row exists already; the default. */
  org?: boolean;
};

const START = Date.UTC(2026, 10, 24, 10, 0, 0);

export async function createTestEnv(options: Options = {}): Promise<TestEnv> {
  let now = options.now ?? START;
  const random = repeatableRandom();
  const database = openDatabase(options.databaseUrl ?? 'sqlite::memory:');
  await migrate(database, now);
  const passwords = cheapPasswords();
  const logged: TestEnv['logged'] = [];
  const config = readConfig({ GATEHOUSE_URL: 'https://sso.example.com', ...options.settings });
  const env: Env = {
    config,
    db: database.db,
    now: () => now,
    random,
    sealer: createSealer(random(32), random),
    passwords: passwords.hashing,
    network: options.network ?? { request: () => Promise.reject(new Error('This test gave the server no network')) },
    log: keepingLog(logged),
    memory: createMemory(),
    request: { id: 'request-1', ip: '203.0.113.7', userAgent: 'unit test', origin: config.url, path: '/' },
    actor: null,
  };
  if (options.org ?? true) await insertOrg(env);
  return {
    env,
    database,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    logged,
    verifications: passwords.verifications,
    close: () => database.close(),
  };
}

async function insertOrg(env: Env): Promise<void> {
  const id = (prefix: IdPrefix) => newId(env, prefix);
  const typeId = id(idPrefixes.userType);
  await env.db
    .insertInto('org')
    .values({
      id: id(idPrefixes.org),
      subdomain: 'sso',
      company_name: 'Example',
      status: 'ACTIVE',
      details: toJson({}),
      default_user_type_id: typeId,
      created: env.now(),
      last_updated: env.now(),
    })
    .execute();
  const [created, last_updated] = [env.now(), env.now()];
  await env.db
    .insertInto('user_types')
    .values({
      id: typeId,
      name: 'user',
      display_name: 'User',
      description: null,
      created,
      created_by: 'system',
      last_updated,
      last_updated_by: 'system',
    })
    .execute();
}

/** The same bytes in every run, never twice the same in one run. */
function repeatableRandom(): (bytes: number) => Uint8Array {
  let drawn = 0;
  return (bytes) => {
    const blocks: Buffer[] = [];
    for (let have = 0; have < bytes; have += 32) blocks.push(createHash('sha256').update(String(drawn++)).digest());
    return new Uint8Array(Buffer.concat(blocks).subarray(0, bytes));
  };
}

function cheapPasswords(): { hashing: PasswordHashing; verifications(): number } {
  let verified = 0;
  const hash = (password: string) => `test-hash:${createHash('sha256').update(password).digest('base64url')}`;
  return {
    verifications: () => verified,
    hashing: {
      hash: (password) => Promise.resolve(hash(password)),
      verify(password, stored) {
        verified++;
        return Promise.resolve(stored !== null && stored === hash(password));
      },
    },
  };
}

function keepingLog(logged: TestEnv['logged']): Log {
  const at = (level: string) => (facts: object, message: string) => void logged.push({ level, facts, message });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
