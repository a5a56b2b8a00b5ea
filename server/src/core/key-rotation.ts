// Owns when signing keys change: by an administrator's hand, after ninety days by themselves, and in an emergency.
// Not here: what a change does to the keys (signing-keys.ts).
import { DAY } from '../base/time.ts';
import {
  type AuthorizationServer,
  forgetServers,
  getAuthorizationServer,
  lockServer,
  recordServerChange,
} from './authorization-servers.ts';
import { type Env, transact } from './env.ts';
import { holdOrg } from './org.ts';
import { notFound } from './refusal.ts';
import {
  advanceKeys,
  dropKey,
  forgetKeys,
  isNextKnown,
  type KeyPurpose,
  ORG_OWNER,
  takeKeyPairs,
} from './signing-keys.ts';
import { record } from './system-log.ts';

/** How long a key is ACTIVE before the next one takes its place by itself. */
export const ROTATION_PERIOD = 90 * DAY;
/** Servers whose turn it is that one run looks at; making an RSA key takes a tenth of a second. */
const MOST_AT_ONCE = 50;

/** NEXT is ACTIVE from now on, and a new NEXT is published. It signs as soon as caches know it, which NEXT usually is. */
export async function rotateSigningKeys(env: Env, idOrDefault: string): Promise<AuthorizationServer> {
  const current = await findAlgorithm(env, idOrDefault);
  const [pair] = await takeKeyPairs(env, 1, current);
  if (!pair) throw new Error('No key pair was made');
  const server = await transact(env, async (env) => {
    const locked = await lockServer(env, idOrDefault);
    await advanceKeys(env, { owner: locked.id, purpose: 'sig' }, pair);
    const server = { ...locked, lastRotated: env.now() };
    await env.db
      .updateTable('authorization_servers')
      .set({ last_rotated: server.lastRotated })
      .where('id', '=', server.id)
      .execute();
    await recordRollover(env, server);
    return server;
  });
  forgetServers(env);
  return server;
}

/** In an emergency: what this key signed is believed no more, and if it was the one that signs, another signs at once. */
export async function revokeSigningKey(env: Env, idOrDefault: string, kid: string): Promise<AuthorizationServer> {
  const [pair] = await takeKeyPairs(env, 1, await findAlgorithm(env, idOrDefault));
  if (!pair) throw new Error('No key pair was made');
  const server = await transact(env, async (env) => {
    const server = await lockServer(env, idOrDefault);
    if (!(await dropKey(env, { owner: server.id, purpose: 'sig' }, kid, pair))) throw notFound(kid, 'JsonWebKey');
    await recordServerChange(
      env,
      'app.oauth2.as.key.revoke',
      'Revoke a signing key of an authorization server',
      server,
    );
    return server;
  });
  forgetServers(env);
  return server;
}

/** Rotates what is due, each by one process only. */
export async function rotateDueKeys(env: Env): Promise<void> {
  const due = env.now() - ROTATION_PERIOD;
  const servers = await env.db
    .selectFrom('authorization_servers')
    .select('id')
    .where('rotation_mode', '=', 'AUTO')
    .where('last_rotated', '<=', due)
    .limit(MOST_AT_ONCE)
    .execute();
  for (const { id } of servers) await rotateServerIfDue(env, id, due);
  for (const purpose of ['sig', 'org-access-token'] as const) await rotateOrgIfDue(env, purpose, due);
}

async function rotateServerIfDue(env: Env, id: string, due: number): Promise<void> {
  const ring = { owner: id, purpose: 'sig' } as const;
  if (!(await isNextKnown(env, ring))) return;
  const [pair] = await takeKeyPairs(env, 1, await findAlgorithm(env, id));
  if (!pair) return;
  await transact(env, async (env) => {
    const claimed = await env.db
      .updateTable('authorization_servers')
      .set({ last_rotated: env.now() })
      .where('id', '=', id)
      .where('rotation_mode', '=', 'AUTO')
      .where('last_rotated', '<=', due)
      .returning('id')
      .executeTakeFirst();
    if (!claimed) return;
    await advanceKeys(env, ring, pair);
    await recordRollover(env, await lockServer(env, id));
  });
  forgetServers(env);
}

// The org server has no row: its keys tell when they changed.
async function rotateOrgIfDue(env: Env, purpose: KeyPurpose, due: number): Promise<void> {
  const ring = { owner: ORG_OWNER, purpose };
  if (!(await isOrgDue(env, purpose, due)) || !(await isNextKnown(env, ring))) return;
  const [pair] = await takeKeyPairs(env, 1);
  if (!pair) return;
  await transact(env, async (env) => {
    await holdOrg(env);
    if (!(await isOrgDue(env, purpose, due))) return;
    await advanceKeys(env, ring, pair);
    await record(env, { eventType: 'app.oauth2.key.rollover', displayMessage: 'Rotate the signing keys of the org' });
  });
  forgetKeys(env);
}

async function isOrgDue(env: Env, purpose: KeyPurpose, due: number): Promise<boolean> {
  const found = await env.db
    .selectFrom('signing_keys')
    .select('kid')
    .where('owner', '=', ORG_OWNER)
    .where('purpose', '=', purpose)
    .where('status', '=', 'ACTIVE')
    .where('status_changed', '<=', due)
    .executeTakeFirst();
  return found !== undefined;
}

async function findAlgorithm(env: Env, idOrDefault: string) {
  return (await getAuthorizationServer(env, idOrDefault)).signingAlg;
}

function recordRollover(env: Env, server: AuthorizationServer): Promise<void> {
  return recordServerChange(
    env,
    'app.oauth2.as.key.rollover',
    'Rotate the signing keys of an authorization server',
    server,
  );
}
