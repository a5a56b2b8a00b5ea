// Owns what an application can ask of the sign-in by `acr_values` (OIDC Core 3.1.2.1): which levels there are, which this server can
// reach, and which one a session meets. The first one that is met goes into the tokens as `acr`.
// Not here: how a person proves who they are (sign-in/).
import { oauthError } from './oauth-error.ts';
import type { Parameters } from './parameters.ts';

type Level = {
  /** Some sign-in of this server meets it. */
  reachable: boolean;
  /** Whether a session of these methods (RFC 8176) meets it. */
  isMet(amr: readonly string[]): boolean;
};

const levels: Readonly<Record<string, Level>> = {
  'urn:okta:loa:1fa:any': { reachable: true, isMet: (amr) => amr.length > 0 },
  'urn:okta:loa:1fa:pwd': { reachable: true, isMet: (amr) => amr.includes('pwd') },
  // Two factors where a person has two: nobody has yet.
  'urn:okta:loa:2fa:any:ifpossible': { reachable: true, isMet: (amr) => amr.length > 0 },
  'urn:okta:loa:2fa:any': { reachable: false, isMet: (amr) => amr.includes('mfa') },
  phr: { reachable: false, isMet: () => false },
  phrh: { reachable: false, isMet: () => false },
};

/** The levels asked for, in the order of preference; those that nobody knows are passed over. Throws when none can be reached. */
export function acrValuesOf(parameters: Parameters): string[] {
  const asked = (parameters.get('acr_values') ?? '').split(' ').filter((value) => Object.hasOwn(levels, value));
  if (asked.length > 0 && !asked.some((value) => levels[value]?.reachable)) throw oauthError('unmet_acr_values');
  return asked;
}

/** The one that this session meets; undefined when none was asked for. Throws when it meets none. */
export function metAcr(asked: readonly string[], amr: readonly string[]): string | undefined {
  const met = asked.find((value) => levels[value]?.isMet(amr));
  if (asked.length > 0 && met === undefined) throw oauthError('unmet_acr_values');
  return met;
}
