// Owns password hashes that another system made: how they are kept until their owner signs in, and whether a password is the one
// that was hashed. Each is used once: what proved right is hashed anew (password-hash.ts). Not here: how they come in (core/).
import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto';
import { Worker } from 'node:worker_threads';

export const digestAlgorithms = { MD5: 'md5', 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-512': 'sha512' } as const;
export const pbkdf2Digests = { SHA256_HMAC: 'sha256', SHA512_HMAC: 'sha512' } as const;

export type ImportedPassword =
  | { algorithm: 'BCRYPT'; workFactor: number; salt: string; value: string }
  | {
      algorithm: keyof typeof digestAlgorithms;
      /** base64; empty without a salt. */
      salt: string;
      saltOrder: 'PREFIX' | 'POSTFIX';
      value: string;
    }
  | {
      algorithm: 'PBKDF2';
      digestAlgorithm: keyof typeof pbkdf2Digests;
      iterationCount: number;
      /** Bytes. */
      keySize: number;
      salt: string;
      value: string;
    }
  /** No hash at all: the other system keeps it, and a hook asks there (core/password-hook.ts). */
  | { algorithm: 'HOOK' };

const MARK = 'imported:';

export function storeImported(imported: ImportedPassword): string {
  return `${MARK}${JSON.stringify(imported)}`;
}

/** What was stored by storeImported; null for anything else. */
export function readImported(stored: string): ImportedPassword | null {
  return stored.startsWith(MARK) ? (JSON.parse(stored.slice(MARK.length)) as ImportedPassword) : null;
}

export async function verifyImported(password: string, imported: ImportedPassword): Promise<boolean> {
  if (imported.algorithm === 'BCRYPT') return verifyBcrypt(password, imported);
  if (imported.algorithm === 'HOOK') return false;
  const wanted = Buffer.from(imported.value, 'base64');
  const salt = Buffer.from(imported.salt, 'base64');
  if (imported.algorithm === 'PBKDF2') {
    const { iterationCount, keySize, digestAlgorithm } = imported;
    return same(await derive(password, salt, iterationCount, keySize, pbkdf2Digests[digestAlgorithm]), wanted);
  }
  const parts = imported.saltOrder === 'PREFIX' ? [salt, password] : [password, salt];
  const hash = createHash(digestAlgorithms[imported.algorithm]);
  for (const part of parts) hash.update(part);
  return same(hash.digest(), wanted);
}

function same(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function derive(password: string, salt: Buffer, iterations: number, bytes: number, digest: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, bytes, digest, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** In a thread of its own: the library computes in JavaScript, which would hold up every other request. */
function verifyBcrypt(password: string, { workFactor, salt, value }: ImportedPassword & { algorithm: 'BCRYPT' }) {
  const hash = `$2b$${String(workFactor).padStart(2, '0')}$${salt}${value}`;
  return new Promise<boolean>((resolve, reject) => {
    const worker = new Worker(new URL('./bcrypt-worker.ts', import.meta.url), { workerData: { password, hash } });
    worker.once('message', (isRight: unknown) => resolve(isRight === true));
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The bcrypt thread ended without an answer')));
  });
}
