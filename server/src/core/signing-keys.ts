// Owns the keys that sign tokens: which exist for whom, which of them signs now, which the world may see. A key lives NEXT (published
// before it signs), ACTIVE (signs), EXPIRED (verifies what it signed). Whatever its status, a key signs only once every cache of the
// published set knows it: until then the one before it goes on signing, so rotating by hand, however often, breaks no verifier. Private halves are sealed at rest and parsed once.
// Not here: the mathematics (base/key-pair.ts), JWTs (json-web-tokens.ts), and who decides to rotate (key-rotation.ts).
import {
  importPrivateKey,
  importPublicKey,
  type Jwk,
  type KeyObject,
  type KeyPair,
  makeKeyPair,
  type SignatureAlgorithm,
} from '../base/key-pair.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../base/time.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { holdOrg } from './org.ts';

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
  /** Every cache of the published set knows it from then on. */
  signsFrom: number;
  statusChanged: number;
};

/** A key ready for use. */
export type ParsedKey = Pick<SigningKey, 'kid' | 'alg' | 'header'> & { key: KeyObject };

/** Which keys: an authorization server's id or `org`, and what they are for. */
export type KeyRing = { owner: string; purpose: KeyPurpose };

/** The owner of the org server's keys. */
export const ORG_OWNER = 'org';

export const DEFAULT_ALGORITHM: SignatureAlgorithm = 'RS256';
/** How long clients may keep the published keys, in seconds. */
export const KEYS_MAX_AGE = 3600;
/** A process may answer with what it read two seconds ago, and clocks differ. */
const KNOWN_TO_CACHES = KEYS_MAX_AGE * SECOND + MINUTE;
/** A key may sign until its successor is known to caches; then the longest life of an access token, and an hour for clocks. */
const EXPIRED_KEYS_PUBLISHED = KNOWN_TO_CACHES + DAY + HOUR;
/** This long an ID token is a hint of who signs out, expired as it is, though nobody else can verify it. */
const EXPIRED_KEYS_KEPT = 90 * DAY;
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
  const signer = signerAmong(env, keys, purpose);
  if (!signer) throw new Error(`There is no active signing key: ${owner}, ${purpose}`);
  return parsed(env, 'private', signer, () => importPrivateKey(unsealed(env, signer)));
}

/** The keys come ACTIVE first, then EXPIRED, the latest first: the first that caches know. */
function signerAmong(env: Env, keys: readonly SigningKey[], purpose: KeyPurpose): SigningKey | undefined {
  const signers = keys.filter((key) => key.purpose === purpose && key.status !== 'NEXT');
  return signers.find(({ signsFrom }) => signsFrom <= env.now()) ?? signers[0];
}

/** The algorithms of the keys that sign or may come to sign before verifiers look again, what is chosen for the ring first. */
export async function publishedAlgorithms(env: Env, owner: string): Promise<SignatureAlgorithm[]> {
  const keys = (await keysOf(env, owner)).filter(({ purpose }) => purpose === 'sig');
  const concerned = [...keys.filter(({ status }) => status !== 'EXPIRED'), signerAmong(env, keys, 'sig')];
  return [...new Set(concerned.flatMap((key) => (key ? [key.alg] : [])))];
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
    await holdOrg(env);
    if (!(await hasKeys(env, ring))) await insertKeys(env, ring, pairs);
  });
  forgetKeys(env);
}

/** Stores fresh pairs, the first as ACTIVE, the second as NEXT. Take them (takeKeyPairs) before the transaction opens. */
export async function insertKeys(env: Env, ring: KeyRing, [active, next]: readonly KeyPair[]): Promise<void> {
  // The first set that anybody can have kept has both in it.
  if (active) await insertKey(env, ring, active, 'ACTIVE', env.now());
  if (next) await insertKey(env, ring, next, 'NEXT', env.now());
}

/** NEXT is ACTIVE, what was is EXPIRED, and the given pair is the new NEXT. The caller holds a lock on the owner's row. */
export async function advanceKeys(env: Env, ring: KeyRing, newNext: KeyPair): Promise<void> {
  await setStatus(env, ring, 'ACTIVE', 'EXPIRED');
  // Nobody keeps a set of a ring that is not published, so it needs no NEXT.
  if (ring.purpose !== 'sig') return insertKey(env, ring, newNext, 'ACTIVE', env.now());
  await setStatus(env, ring, 'NEXT', 'ACTIVE');
  await insertKey(env, ring, newNext, 'NEXT', env.now() + KNOWN_TO_CACHES);
}

/** Keys of another algorithm take the places of ACTIVE and NEXT; what signed goes on until caches know them. */
export async function replaceKeys(env: Env, ring: KeyRing, [active, next]: readonly KeyPair[]): Promise<void> {
  await setStatus(env, ring, 'ACTIVE', 'EXPIRED');
  const { owner, purpose } = ring;
  await env.db
    .deleteFrom('signing_keys')
    .where('owner', '=', owner)
    .where('purpose', '=', purpose)
    .where('status', '=', 'NEXT')
    .execute();
  const known = env.now() + KNOWN_TO_CACHES;
  if (active) await insertKey(env, ring, active, 'ACTIVE', known);
  if (next) await insertKey(env, ring, next, 'NEXT', known);
}

/** Whether NEXT may become ACTIVE and sign at once. */
export async function isNextKnown(env: Env, { owner, purpose }: KeyRing): Promise<boolean> {
  if (purpose !== 'sig') return true;
  const next = (await readKeys(env, owner)).find((key) => key.purpose === purpose && key.status === 'NEXT');
  return next !== undefined && next.signsFrom <= env.now();
}

/**
 * The key is gone: nothing that it signed is believed here any more, and it is published no more. If it was the one that signs,
 * the key after it signs at once, whatever caches know. False: there is no such key. The caller holds a lock on the owner's row.
 */
export async function dropKey(env: Env, ring: KeyRing, kid: string, newNext: KeyPair): Promise<boolean> {
  const keys = await readKeys(env, ring.owner);
  const dropped = keys.find((key) => key.kid === kid && key.purpose === ring.purpose);
  if (!dropped) return false;
  const signed = dropped.kid === signerAmong(env, keys, ring.purpose)?.kid;
  await env.db.deleteFrom('signing_keys').where('kid', '=', kid).execute();
  if (dropped.status === 'ACTIVE') await setStatus(env, ring, 'NEXT', 'ACTIVE');
  if (dropped.status !== 'EXPIRED') await insertKey(env, ring, newNext, 'NEXT', env.now() + KNOWN_TO_CACHES);
  if (signed || dropped.status === 'ACTIVE') await changeKeys(env, ring, 'ACTIVE', { signs_from: env.now() });
  return true;
}

/** Deletes up to `limit` keys that are of no use any more, and tells how many. */
export async function deleteDeadKeys(env: Env, limit: number): Promise<number> {
  const { numDeletedRows } = await env.db
    .deleteFrom('signing_keys')
    .where('kid', 'in', (eb) =>
      eb
        .selectFrom('signing_keys')
        .select('kid')
        .where('status', '=', 'EXPIRED')
        .where('status_changed', '<', env.now() - EXPIRED_KEYS_KEPT)
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
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

/** Makes pairs of the default algorithm ahead, for a transaction that will take as many: making them is slow. */
export async function prepareKeyPairs(env: Env, count: number): Promise<void> {
  const spares = env.memory.of('spare-key-pairs', (): Promise<KeyPair>[] => []);
  while (spares.length < count) spares.push(makeKeyPair(DEFAULT_ALGORITHM));
  await Promise.all(spares);
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
    signsFrom: row.signs_from,
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

async function insertKey(
  env: Env,
  { owner, purpose }: KeyRing,
  pair: KeyPair,
  status: KeyStatus,
  signsFrom: number,
): Promise<void> {
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
      signs_from: signsFrom,
      status_changed: now,
    })
    .execute();
}

async function setStatus(env: Env, ring: KeyRing, from: KeyStatus, to: KeyStatus): Promise<void> {
  await changeKeys(env, ring, from, { status: to, status_changed: env.now() });
}

async function changeKeys(
  env: Env,
  { owner, purpose }: KeyRing,
  status: KeyStatus,
  change: { status?: KeyStatus; status_changed?: number; signs_from?: number },
): Promise<void> {
  await env.db
    .updateTable('signing_keys')
    .set(change)
    .where('owner', '=', owner)
    .where('purpose', '=', purpose)
    .where('status', '=', status)
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
