// Owns the password hash: argon2id of node:crypto, run on the thread pool, a bounded number at a time so that a burst of
// sign-ins cannot starve signatures and files of threads. Not here: which passwords are allowed (core/password-policy.ts).
import { argon2, timingSafeEqual } from 'node:crypto';
import { readImported, verifyImported } from './imported-password.ts';

export type PasswordHashing = {
  /** A PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
  hash(password: string): Promise<string>;
  /**
   * False for a wrong password. `stored` null stands for an account without a password: same work, always false. One that another
   * system hashed (imported-password.ts) costs that and the same work.
   */
  verify(password: string, stored: string | null): Promise<boolean>;
};

type Cost = { memory: number; passes: number; parallelism: number };

// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const DECOY = '$argon2id$v=19$m=19456,t=2,p=1$Z2F0ZWhvdXNlLWRlY295IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** `atOnce`: how many hashes may run together. */
export function createPasswordHashing(random: (bytes: number) => Uint8Array, atOnce = 2): PasswordHashing {
  const turn = createTurns(atOnce);
  const importedTurn = createTurns(1);
  return {
    async hash(password) {
      const salt = random(SALT_BYTES);
      const digest = await turn(() => derive(password, salt, COST));
      const { memory, passes, parallelism } = COST;
      return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(digest)}`;
    },
    async verify(password, stored) {
      const imported = stored === null ? null : readImported(stored);
      const parsed = parse(imported ? DECOY : (stored ?? DECOY));
      if (!parsed) throw new Error('A stored password hash is not an argon2id PHC string');
      const digest = await turn(() => derive(password, parsed.salt, parsed.cost));
      if (imported) return importedTurn(() => verifyImported(password, imported));
      const equal = digest.length === parsed.hash.length && timingSafeEqual(digest, parsed.hash);
      return equal && stored !== null;
    },
  };
}

function derive(password: string, nonce: Uint8Array, cost: Cost): Promise<Buffer> {
  const parameters = { message: password, nonce, tagLength: HASH_BYTES, ...cost };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(Buffer.from(key))));
  });
}

function parse(phc: string): { cost: Cost; salt: Buffer; hash: Buffer } | null {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (!match) return null;
  const [, memory, passes, parallelism, salt = '', hash = ''] = match;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

function createTurns(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
