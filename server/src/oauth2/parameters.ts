// Owns reading the parameters of an OAuth request: where they may stand, and that each stands there once.
// Not here: what they mean.
import { readForm } from '../http/read-body.ts';
import { queryOf } from '../http/received.ts';
import { oauthError } from './oauth-error.ts';

/** Parameters by name. An empty value counts as absent (RFC 6749 section 3.1). */
export type Parameters = ReadonlyMap<string, string>;

const CREDENTIALS = ['client_secret', 'client_assertion', 'client_assertion_type', 'password', 'code_verifier'];

/** The form of a POST to token, introspect, revoke and their like. */
export async function formParameters(request: Request): Promise<Parameters> {
  const query = queryOf(request);
  if (query !== '') refuseCredentials(new URLSearchParams(query));
  const form = await readForm(request);
  if (!form) throw oauthError('not_a_form');
  return single(form);
}

// What is in an address ends up in logs.
function refuseCredentials(query: URLSearchParams): void {
  if (CREDENTIALS.some((name) => query.has(name))) throw oauthError('credentials_in_query');
}

/** Refuses a name that stands twice; RFC 6749 section 3.1 wants each once. */
export function single(given: URLSearchParams): Parameters {
  const parameters = new Map<string, string>();
  const seen = new Set<string>();
  for (const [name, value] of given) {
    if (seen.has(name)) throw oauthError('duplicate_parameters');
    seen.add(name);
    if (value !== '') parameters.set(name, value);
  }
  return parameters;
}

/** The scope parameter as a list without repetition; null when absent. */
export function scopeList(value: string | undefined): string[] | null {
  if (value === undefined) return null;
  return [...new Set(value.split(' ').filter((scope) => scope !== ''))];
}
