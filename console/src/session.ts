// Owns the console's session: an OIDC client of this very server, its tokens in memory only, continued through a hidden frame after
// a reload. Not here: the protocol (gatehouse-relying-party), what the tokens are used for (api.ts).
import { createSignIn, type SignIn } from 'gatehouse-relying-party/browser';
import { CONSOLE_CLIENT_ID } from './console-client.ts';

const MANAGED = [
  'apps',
  'appGrants',
  'apiTokens',
  'authenticators',
  'authorizationServers',
  'brands',
  'clients',
  'eventHooks',
  'groups',
  'idps',
  'inlineHooks',
  'orgs',
  'policies',
  'roles',
  'schemas',
  'sessions',
  'trustedOrigins',
  'users',
];

const BASE = '/admin';

let current: SignIn | undefined;

export function session(): SignIn {
  current ??= createSignIn({
    issuer: location.origin,
    clientId: CONSOLE_CLIENT_ID,
    redirectUri: `${location.origin}${BASE}/callback`,
    silentRedirectUri: `${location.origin}${BASE}/silent-callback`,
    postLogoutRedirectUri: `${location.origin}/`,
    scopes: ['openid', 'profile', 'email', ...MANAGED.map((name) => `okta.${name}.manage`), 'okta.logs.read'],
  });
  return current;
}

/** True once somebody is signed in; false while the browser leaves for the sign-in page. */
export async function beginSession(): Promise<boolean> {
  if (location.pathname === `${BASE}/callback`) {
    const { returnTo } = await session().handleCallback();
    history.replaceState(null, '', returnTo.startsWith(BASE) ? returnTo : BASE);
    return true;
  }
  return (await session().ensureSignedIn()) !== undefined;
}
