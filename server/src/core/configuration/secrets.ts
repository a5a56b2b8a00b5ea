// Owns what a document says by reference alone: it names the variable of the environment in which the secret of a hook or of an
// identity provider stands. Here the values are fetched and the names taken out, so that nothing further on can print either.
import { invalid } from '../refusal.ts';
import type { Configuration } from './document.ts';

export type SecretSection = 'eventHooks' | 'inlineHooks' | 'identityProviders';
export type SecretOf = (section: SecretSection, name: string) => string | null;

const sections: readonly SecretSection[] = ['eventHooks', 'inlineHooks', 'identityProviders'];

/** The document without references, and the secrets that they lead to. Throws E0000001 for a variable that is not set. */
export function takeSecrets(
  wanted: Configuration,
  read: (variable: string) => string | undefined,
): { wanted: Configuration; secretOf: SecretOf } {
  const found = new Map<string, string>();
  const missing: string[] = [];
  const taken = sections.map((section) => {
    const parts = wanted[section]?.map(
      ({ secretVariable, ...part }: { secretVariable?: string | undefined; name: string }) => {
        if (secretVariable === undefined) return part;
        const secret = read(secretVariable);
        if (secret) found.set(`${section} ${part.name}`, secret);
        else missing.push(`${section}: ${part.name}: The environment variable ${secretVariable} is not set`);
        return part;
      },
    );
    return parts === undefined ? {} : { [section]: parts };
  });
  if (missing.length > 0) throw invalid('configuration', ...missing);
  return {
    wanted: Object.assign({}, wanted, ...taken) as Configuration,
    secretOf: (section, name) => found.get(`${section} ${name}`) ?? null,
  };
}

export const noSecrets: SecretOf = () => null;
