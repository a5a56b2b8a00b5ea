// Owns: what an application says about itself, its defaults, and which settings cannot work.
// Does not own: their use.
import { issuerFault } from './discovery.ts';
import { SignInError } from './sign-in-error.ts';

export type SignInOptions = {
  issuer: string;
  clientId: string;
  /** The application's origin + /callback unless told otherwise. */
  redirectUri?: string;
  /** The application's origin + /silent-callback unless told otherwise. */
  silentRedirectUri?: string;
  /** The application's origin unless told otherwise. */
  postLogoutRedirectUri?: string;
  /** openid profile email offline_access unless told otherwise. */
  scopes?: readonly string[];
  /** How far this machine's clock and the provider's may disagree; 60 unless told otherwise. */
  clockSkewSeconds?: number;
};

const DEFAULT_SCOPES = ['openid', 'profile', 'email', 'offline_access'];
const DEFAULT_SKEW_SECONDS = 60;

export function readOptions(options: SignInOptions, origin: string): Required<SignInOptions> {
  const fault = issuerFault(options.issuer);
  if (fault !== undefined) throw misconfigured(`"${options.issuer}" cannot be an issuer: ${fault}.`);
  if (options.clientId === '') throw misconfigured('A client ID is needed.');
  if (globalThis.crypto?.subtle === undefined)
    throw misconfigured('This page is not a secure context: it must be served over https, or from localhost.');
  const settings = {
    issuer: options.issuer,
    clientId: options.clientId,
    redirectUri: options.redirectUri ?? `${origin}/callback`,
    silentRedirectUri: options.silentRedirectUri ?? `${origin}/silent-callback`,
    postLogoutRedirectUri: options.postLogoutRedirectUri ?? origin,
    scopes: options.scopes ?? DEFAULT_SCOPES,
    clockSkewSeconds: options.clockSkewSeconds ?? DEFAULT_SKEW_SECONDS,
  };
  if (!settings.scopes.includes('openid')) throw misconfigured('The scopes must include openid.');
  for (const uri of [settings.redirectUri, settings.silentRedirectUri])
    if (!URL.canParse(uri) || new URL(uri).origin !== origin)
      throw misconfigured(`"${uri}" is not an address of this application, ${origin}.`);
  return settings;
}

function misconfigured(detail: string): SignInError {
  return new SignInError('configuration', { detail });
}
