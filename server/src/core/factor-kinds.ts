// Owns the table of factors that this server has: how the API names each, which authenticator of the org it belongs to, and what
// proving by it is called in tokens. What is not in it cannot be enrolled. Not here: who enrolled which (factors.ts).
import { type IdPrefix, idPrefixes } from '../base/id.ts';
import type { AuthenticatorKey } from './authenticator-kinds.ts';

export type FactorKind = {
  factorType: string;
  provider: string;
  /** Its name among the factors of the org. */
  orgFactor: string;
  authenticator: AuthenticatorKey;
  idPrefix: IdPrefix;
  /** RFC 8176, or Okta's name where that has none. */
  amr: string;
  /** What people call it. */
  label: string;
};

export const factorKinds = [
  {
    factorType: 'question',
    provider: 'OKTA',
    orgFactor: 'okta_question',
    authenticator: 'security_question',
    idPrefix: idPrefixes.questionFactor,
    amr: 'kba',
    label: 'Security question',
  },
  {
    factorType: 'token:software:totp',
    provider: 'OKTA',
    orgFactor: 'okta_otp',
    authenticator: 'okta_verify',
    idPrefix: idPrefixes.oktaTotpFactor,
    amr: 'otp',
    label: 'Okta Verify',
  },
  {
    factorType: 'token:software:totp',
    provider: 'GOOGLE',
    orgFactor: 'google_otp',
    authenticator: 'google_otp',
    idPrefix: idPrefixes.googleTotpFactor,
    amr: 'otp',
    label: 'Google Authenticator',
  },
] as const satisfies readonly FactorKind[];

/** null: this server has no such factor. */
export function findFactorKind(factorType: string, provider: string): FactorKind | null {
  return factorKinds.find((one) => one.factorType === factorType && one.provider === provider) ?? null;
}

export function kindOf({ factor_type, provider }: { factor_type: string; provider: string }): FactorKind {
  const kind = findFactorKind(factor_type, provider);
  if (!kind) throw new Error(`A stored factor is of no kind that this server has: ${factor_type} of ${provider}`);
  return kind;
}
