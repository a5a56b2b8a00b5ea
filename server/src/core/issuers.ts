// Owns an authorization server's public names: its issuer and where its endpoints are (contract of the three issuer modes).
// Not here: which path answers (server.ts mounts the endpoints for the org server and for every custom one).
import type { AuthorizationServer } from './authorization-servers.ts';
import type { Env } from './env.ts';

/**
 * `ORG_URL`: the org's own URL. `CUSTOM_URL`: the first registered domain. `DYNAMIC`: whichever of these the request came to; no
 * other host ever gets here, since env.request.origin is one of them.
 */
export type IssuerMode = 'ORG_URL' | 'CUSTOM_URL' | 'DYNAMIC';

type Named = Pick<AuthorizationServer, 'kind' | 'pathId' | 'issuerMode'>;

/** The issuer: the origin itself for the org server, with a path for a custom one. */
export function issuerOf(env: Env, server: Named): string {
  return server.kind === 'org' ? originOf(env, server.issuerMode) : endpointBase(env, server);
}

/** What every endpoint's URL begins with, such as `https://sso.example.com/oauth2/default`; `/v1/token` follows. */
export function endpointBase(env: Env, { pathId, issuerMode }: Named): string {
  const origin = originOf(env, issuerMode);
  return pathId === null ? `${origin}/oauth2` : `${origin}/oauth2/${pathId}`;
}

/** The host of the org that this mode means. */
export function originOf(env: Env, mode: IssuerMode): string {
  switch (mode) {
    case 'ORG_URL':
      return env.config.url;
    case 'CUSTOM_URL':
      return env.config.domains[0] ?? env.config.url;
    case 'DYNAMIC':
      return env.request.origin;
  }
}
