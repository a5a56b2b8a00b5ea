// Owns what a provider said of a person, in the words of this server: its own name for them, what it is sure of, and what may be
// believed of it. Not here: getting it (ask-provider.ts) and whose account it is (account-match.ts).
import type { ProviderType } from '../identity-provider-types.ts';

export type ExternalIdentity = {
  /** The provider's name for the person, which never changes hands. */
  externalId: string;
  email: string | null;
  /** Whether the provider made sure that the address is the person's; null: it does not say. */
  emailVerified: boolean | null;
  /** Attributes for the profile of an account. */
  profile: Record<string, string>;
  /** Everything that was said. */
  claims: Record<string, unknown>;
};

export function identityOf(type: ProviderType, claims: Record<string, unknown>): ExternalIdentity {
  const email = textIn(claims, 'email');
  const named = [
    ['firstName', textIn(claims, 'given_name')],
    ['lastName', textIn(claims, 'family_name')],
    ['displayName', textIn(claims, 'name')],
    ['email', email],
  ].filter((pair): pair is [string, string] => pair[1] !== null);
  return {
    externalId: String(claims.sub),
    email,
    emailVerified: email === null ? null : verdictOn(type, claims),
    profile: Object.fromEntries(named),
    claims,
  };
}

// The `email` of a Microsoft account is whatever its tenant wrote there; only xms_edov says that the domain is the tenant's.
function verdictOn(type: ProviderType, claims: Record<string, unknown>): boolean | null {
  if (type === 'MICROSOFT') return truth(claims.xms_edov) ?? false;
  return truth(claims.email_verified);
}

/** Apple and others write it as text. */
function truth(value: unknown): boolean | null {
  if (value === true || value === 'true' || value === 1 || value === '1') return true;
  return value === undefined || value === null ? null : false;
}

function textIn(claims: Record<string, unknown>, name: string): string | null {
  const value = claims[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
