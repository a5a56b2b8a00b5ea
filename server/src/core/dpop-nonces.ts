// Owns the nonces that DPoP proofs must carry at the token endpoint (RFC 9449 section 8): they show that a proof was made now and not
// stored up. A window of time under the org's own key, so nothing is kept, every process knows every other's, and a nonce is good
// for five to ten minutes. Not here: the proofs (dpop-proofs.ts).
import { MINUTE } from '../base/time.ts';
import type { Env } from './env.ts';

const WINDOW = 5 * MINUTE;
const PURPOSE = 'dpop-nonce';

/** What a proof should carry from now on. */
export function currentDpopNonce(env: Env): string {
  return env.sealer.mac(String(windowOf(env)), PURPOSE);
}

/** Whether it was handed out in this window or the one before. */
export function isDpopNonce(env: Env, nonce: string): boolean {
  const now = windowOf(env);
  return [now, now - 1].some((window) => env.sealer.checkMac(String(window), PURPOSE, nonce));
}

function windowOf(env: Env): number {
  return Math.floor(env.now() / WINDOW);
}
