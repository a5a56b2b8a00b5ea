// Owns trusted origins: web origins outside this server that may call it by script (CORS), be sent to (REDIRECT) or frame its
// pages (IFRAME_EMBED). Not here: the origins that follow from redirect URIs (redirect-uris.ts), and the headers.
import { remembered } from './brief-memory.ts';
import type { Env } from './env.ts';

export type TrustedOriginScope = 'CORS' | 'REDIRECT' | 'IFRAME_EMBED';

const CACHE = 'trusted-origins';

/** Whether an active entry trusts exactly this origin for this purpose. */
export async function isTrustedOrigin(env: Env, origin: string, scope: TrustedOriginScope): Promise<boolean> {
  const trusted = await remembered(env, CACHE, 'active', () => readActive(env));
  return trusted?.get(origin)?.includes(scope) ?? false;
}

async function readActive(env: Env): Promise<Map<string, string[]>> {
  const rows = await env.db
    .selectFrom('trusted_origins')
    .select(['origin', 'scopes'])
    .where('status', '=', 'ACTIVE')
    .execute();
  return new Map(rows.map(({ origin, scopes }) => [origin, scopes.map(({ type }) => type)]));
}
