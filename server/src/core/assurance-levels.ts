// Owns the levels of assurance that an application can ask of a sign-in by `acr_values` (OIDC Core 3.1.2.1): which there are, and which
// ones what a person has proven meets. Not here: the request's parameter and its errors (oauth2/acr-values.ts).

/** What was proven (values of RFC 8176), and whether the person has a further factor at all. */
export type Proven = { amr: readonly string[]; hasFactor: boolean };

type Level = { isMet(proven: Proven): boolean };

const levels: Readonly<Record<string, Level>> = {
  'urn:okta:loa:1fa:any': { isMet: ({ amr }) => amr.length > 0 },
  'urn:okta:loa:1fa:pwd': { isMet: ({ amr }) => amr.includes('pwd') },
  // Two factors of whoever has two.
  'urn:okta:loa:2fa:any:ifpossible': { isMet: ({ amr, hasFactor }) => amr.includes('mfa') || !hasFactor },
  'urn:okta:loa:2fa:any': { isMet: ({ amr }) => amr.includes('mfa') },
  // Resistant to phishing, as no factor here is.
  phr: { isMet: () => false },
  phrh: { isMet: () => false },
};

/** Those of the list that there are, in its order, which is that of preference. */
export function knownLevels(list: string): string[] {
  return list.split(' ').filter((value) => Object.hasOwn(levels, value));
}

/** The first that is met; undefined: none. */
export function metLevel(asked: readonly string[], proven: Proven): string | undefined {
  return asked.find((value) => levels[value]?.isMet(proven));
}

/** Whether any sign-in of this server meets one of them. */
export function isReachable(asked: readonly string[]): boolean {
  return metLevel(asked, { amr: ['pwd', 'mfa'], hasFactor: true }) !== undefined;
}

/** Whether a further factor is what is missing. */
export function asksForFactor(asked: readonly string[], proven: Proven): boolean {
  return asked.length > 0 && metLevel(asked, proven) === undefined && isReachable(asked);
}
