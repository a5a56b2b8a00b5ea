// Owns the secrets of applications: how they are made, sealed at rest, and checked. At most two at a time, so that one can be
// replaced without a moment in which neither works. Not here: which authentication method a client must use (oauth2/).
import { equalInConstantTime } from '../base/opaque-token.ts';
import type { Application } from './applications.ts';
import type { Env } from './env.ts';

const SECRET_BYTES = 48;

/** A fresh secret: 64 URL-safe characters, 384 bits. */
export function newSecret(env: Env): string {
  return Buffer.from(env.random(SECRET_BYTES)).toString('base64url');
}

/** Whether this is an active secret of the application. Every one is compared, in a time that tells nothing. */
export async function checkClientSecret(env: Env, application: Application, secret: string): Promise<boolean> {
  const active = await activeSecrets(env, application);
  let matches = 0;
  for (const one of active) if (equalInConstantTime(one, secret)) matches++;
  return matches > 0;
}

/** The active secrets in the clear: for client_secret_jwt, whose signature they verify. Never log or show them. */
export async function activeSecrets(env: Env, application: Application): Promise<string[]> {
  const rows = await env.db
    .selectFrom('client_secrets')
    .select(['id', 'sealed_secret'])
    .where('application_id', '=', application.id)
    .where('status', '=', 'ACTIVE')
    .orderBy('id')
    .execute();
  return rows.map(({ id, sealed_secret }) => env.sealer.unseal(sealed_secret, placeOf(id)));
}

function placeOf(id: string): string {
  return `client_secrets:${id}`;
}
