// Owns the keys that sign tokens: which exist for whom, which of them signs now, which the world may see. A key lives NEXT (published
// before it signs), ACTIVE (signs), EXPIRED (verifies what it signed). Private halves are sealed at rest and parsed once.
// Not here: the mathematics (base/key-pair.ts), JWTs (json-web-tokens.ts), and who decides to rotate (authorization-servers.ts).
import {
  importPrivateKey,
  importPublicKey,
  type Jwk,
  type KeyObject,
  type KeyPair,
  makeKeyPair,
  type SignatureAlgorithm,
} from '../base/key-pair.ts';
import { HOUR } from '../base/time.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';

/** `sig`: published, for everybody to verify with. `org-access-token`: for the org's own management API alone, not published. */
export type KeyPurpose = 'sig' | 'org-access-token';

export type KeyStatus = 'ACTIVE' | 'NEXT' | 'EXPIRED';

export type SigningKey = {
  kid: string;
  purpose: KeyPurpose;
  status: KeyStatus;
  alg: SignatureAlgorithm;
  /** The header of every JWT that it signs, encoded: kid and alg in that order and nothing else, since clients know it so. */
  header: string;
  publicJwk: Jwk;
  sealedPrivateJwk: string;
  statusChanged: number;
};

/** A key ready for use. */
export type ParsedKey = Pick<SigningKey, 'kid' | 'alg' | 'header'> & { key: KeyObject };

/** Which keys: an authorization server's id or `org`, and what they are for. */
export type KeyRing = { owner: string; purpose: KeyPurpose };

/** The owner of the org server's keys. */
export const ORG_OWNER = 'org';

const DEFAULT_ALGORITHM: SignatureAlgorithm = 'RS256';
/** The longest life of an access token, and an hour for clocks and caches. */
const EXPIRED_KEYS_PUBLISHED = 25 * HOUR;
const SPARE_PAIRS = 2;

const ORDER: readonly KeyStatus[] = ['ACTIVE', 'NEXT', 'EXPIRED'];

/** The keys that the world sees: ACTIVE, NEXT, then what expired lately enough for its tokens to be alive. */
export async function listPublishedKeys(env: Env, owner: string): Promise<SigningKey[]> {
  const keys = (await keysOf(env, owner)).filter(({ purpose }) => purpose === 'sig');
  const since = env.now() - EXPIRED_KEYS_PUBLISHED;
  return keys.filter(({ status, statusChanged }) => status !== 'EXPIRED' || statusChanged > since);
}

/** The same keys as the `keys` of a JWK set (RFC 7517 section 5). */
export async function publishedKeys(env: Env, owner: string): Promise<Jwk[]> {
  return (await listPublishedKeys(env, owner)).map(toPublishedJwk);
}

/** A key as a JWK set shows it. */
function toPublishedJwk({ kid, alg, publicJwk }: SigningKey): Jwk {
  const { kty, ...members } = publicJwk;
  return { kty, alg, kid, use: 'sig', ...members };
}

/** The key that signs now. */
export async function activeSigningKey(env: Env, { owner, purpose }: KeyRing): Promise<ParsedKey> {
  const keys = await keysOf(env, owner);
  const active = keys.find((key) => key.status === 'ACTIVE' && key.purpose === purpose);
  if (!active) throw new Error(`There is no active signing key: ${owner}, ${purpose}`);
  return parsed(env, 'private', active, () => importPrivateKey(unsealed(env, active)));
}

/** The key whose JWTs have this header, whatever its status; null when the owner has no such key for these purposes. */
export async function verificationKey(
  env: Env,
  owner: string,
  purposes: readonly KeyPurpose[],
  header: string,
): Promise<ParsedKey | null> {
  const known = (await keysOf(env, owner)).find((key) => key.header === header);
  // Another process may have made it since this one last looked.
  const found = known ?? (await readKeys(env, owner)).find((key) => key.header === header);
  if (!found || !purposes.includes(found.purpose)) return null;
  return parsed(env, 'public', found, () => importPublicKey(found.publicJwk));
}

/** Makes the keys of this ring unless there are some: ACTIVE, and for a published ring NEXT. Not for use inside a transaction. */
export async function ensureKeys(env: Env, ring: KeyRing, alg: SignatureAlgorithm = DEFAULT_ALGORITHM): Promise<void> {
  if (await hasKeys(env, ring)) return;
  const pairs = await takeKeyPairs(env, ring.purpose === 'sig' ? 2 : 1, alg);
  await transact(env, async (env) => {
    await lockOrg(env);
    if (!(await hasKeys(env, ring))) await insertKeys(env, ring, pairs);
  });
  forgetKeys(env);
}

/** Stores fresh pairs, the first as ACTIVE, the second as NEXT. Take them (takeKeyPairs) before the transaction opens. */
export async function insertKeys(env: Env, ring: KeyRing, [active, next]: readonly KeyPair[]): Promise<void> {
  if (active) await insertKey(env, ring, active, 'ACTIVE');
  if (next) await insertKey(env, ring, next, 'NEXT');
}

/** NEXT begins to sign, what signed is EXPIRED, and the given pair is the new NEXT. The caller holds a lock on the owner's row. */
export async function advanceKeys(env: Env, ring: KeyRing, newNext: KeyPair): Promise<void> {
  await setStatus(env, ring, 'ACTIVE', 'EXPIRED');
  await setStatus(env, ring, 'NEXT', 'ACTIVE');
  await insertKey(env, ring, newNext, 'NEXT');
}

/** Deletes all keys of an owner. */
export async function deleteKeys(env: Env, owner: string): Promise<void> {
  await env.db.deleteFrom('signing_keys').where('owner', '=', owner).execute();
}

/** What this process remembers of keys is forgotten; call it after a change of keys has committed. */
export function forgetKeys(env: Env): void {
  forget(env, 'signing-keys');
  parsedKeys(env).clear();
}

/**
 * Fresh key pairs, from those made ahead if there are. Making an RSA key takes a tenth of a second, so a few are always made
 * while nobody waits. They are in this process's memory only until they are taken.
 */
export async function takeKeyPairs(
  env: Env,
  count: number,
  alg: SignatureAlgorithm = DEFAULT_ALGORITHM,
): Promise<KeyPair[]> {
  if (alg !== DEFAULT_ALGORITHM) return Promise.all(Array.from({ length: count }, () => makeKeyPair(alg)));
  const spares = env.memory.of('spare-key-pairs', (): Promise<KeyPair>[] => []);
  const taken = spares.splice(0, count);
  while (taken.length < count) taken.push(makeKeyPair(alg));
  const pairs = await Promise.all(taken);
  while (spares.length < SPARE_PAIRS) spares.push(makeKeyPair(alg));
  return pairs;
}

/** All keys of an owner, ACTIVE first, then NEXT, then EXPIRED with the latest first. */
async function keysOf(env: Env, owner: string): Promise<SigningKey[]> {
  return (await remembered(env, 'signing-keys', owner, () => readKeys(env, owner))) ?? [];
}

async function readKeys(env: Env, owner: string): Promise<SigningKey[]> {
  const rows = await env.db.selectFrom('signing_keys').selectAll().where('owner', '=', owner).execute();
  const keys = rows.map(toSigningKey);
  return keys.sort(
    (one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status) || other.statusChanged - one.statusChanged,
  );
}

/** The columns are written by this module alone, so their texts are of these types. */
function toSigningKey(row: Row<'signing_keys'>): SigningKey {
  const { kid } = row;
  const alg = row.alg as SignatureAlgorithm;
  return {
    kid,
    purpose: row.purpose as KeyPurpose,
    status: row.status as KeyStatus,
    alg,
    header: Buffer.from(JSON.stringify({ kid, alg })).toString('base64url'),
    publicJwk: row.public_jwk as Jwk,
    sealedPrivateJwk: row.sealed_private_jwk,
    statusChanged: row.status_changed,
  };
}

async function hasKeys(env: Env, { owner, purpose }: KeyRing): Promise<boolean> {
  const found = await env.db
    .selectFrom('signing_keys')
    .select('kid')
    .where('owner', '=', owner)
    .where('purpose', '=', purpose)
    .where('status', '=', 'ACTIVE')
    .executeTakeFirst();
  return found !== undefined;
}

async function insertKey(env: Env, { owner, purpose }: KeyRing, pair: KeyPair, status: KeyStatus): Promise<void> {
  const now = env.now();
  await env.db
    .insertInto('signing_keys')
    .values({
      kid: pair.kid,
      owner,
      purpose,
      status,
      alg: pair.alg,
      public_jwk: toJson(pair.publicJwk),
      sealed_private_jwk: env.sealer.seal(JSON.stringify(pair.privateJwk), placeOf(pair.kid)),
      created: now,
      status_changed: now,
    })
    .execute();
}

async function setStatus(env: Env, { owner, purpose }: KeyRing, from: KeyStatus, to: KeyStatus): Promise<void> {
  await env.db
    .updateTable('signing_keys')
    .set({ status: to, status_changed: env.now() })
    .where('owner', '=', owner)
    .where('purpose', '=', purpose)
    .where('status', '=', from)
    .execute();
}

/** Processes that start together on one database take turns here; an update is a lock on both kinds of database. */
async function lockOrg(env: Env): Promise<void> {
  await env.db
    .updateTable('org')
    .set((eb) => ({ id: eb.ref('id') }))
    .execute();
}

function unsealed(env: Env, { kid, sealedPrivateJwk }: SigningKey): Jwk {
  return JSON.parse(env.sealer.unseal(sealedPrivateJwk, placeOf(kid)));
}

function placeOf(kid: string): string {
  return `signing_keys:${kid}`;
}

function parsed(env: Env, half: 'private' | 'public', key: SigningKey, parse: () => KeyObject): ParsedKey {
  const keys = parsedKeys(env);
  const place = `${half}:${key.kid}`;
  const known = keys.get(place);
  if (known) return known;
  const made = { kid: key.kid, alg: key.alg, header: key.header, key: parse() };
  keys.set(place, made);
  return made;
}

function parsedKeys(env: Env): Map<string, ParsedKey> {
  return env.memory.of('parsed-signing-keys', () => new Map());
}
