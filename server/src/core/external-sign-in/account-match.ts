// Owns the question which account a person from another provider means, when they are not linked yet: the name that the provider's
// policy makes of what was said, whether the provider vouches for that name, and who goes by it here. Nobody gets an account by a
// name that the other side lets people write as they like. Not here: what then happens to the account (accounts.ts).
import { sql } from 'kysely';
import { textKey } from '../../base/text-key.ts';
import type { Env } from '../env.ts';
import { ExpressionError } from '../expressions/expression-error.ts';
import { patternOf } from '../expressions/pattern.ts';
import { thingOf } from '../expressions/values.ts';
import type { IdentityProvider } from '../identity-providers.ts';
import { isObject, type Json } from '../policies/policy-defaults.ts';
import type { User } from '../users.ts';
import type { ExternalIdentity } from './external-identity.ts';
import { nameByTemplate } from './name-template.ts';

export type NameProblem = 'NO_USERNAME' | 'USERNAME_FILTERED' | 'EMAIL_NOT_VERIFIED' | 'USERNAME_NOT_VOUCHED_FOR';

/** How the provider's policy names the person here. */
export function nameFor(
  env: Env,
  provider: IdentityProvider,
  identity: ExternalIdentity,
): { userName: string } | { problem: NameProblem } {
  const subject = subjectOf(provider);
  const template = isObject(subject.userNameTemplate) ? String(subject.userNameTemplate.template) : 'idpuser.email';
  const userName = evaluated(env, template, identity);
  if (userName === null) return { problem: 'NO_USERNAME' };
  if (!passesFilter(subject.filter, userName)) return { problem: 'USERNAME_FILTERED' };
  const problem = objectionTo(provider, template, userName, identity);
  return problem === null ? { userName } : { problem };
}

/** Accounts that go by this name, by what the policy compares; two are enough to know that it is not one. */
export async function accountsNamed(env: Env, provider: IdentityProvider, userName: string): Promise<User[]> {
  const { matchType, matchAttribute } = subjectOf(provider);
  const key = textKey(userName);
  return env.db
    .selectFrom('users')
    .selectAll()
    .where((eb) => {
      if (matchType === 'CUSTOM_ATTRIBUTE') {
        if (typeof matchAttribute !== 'string' || !/^\w{1,100}$/.test(matchAttribute)) return eb.lit(false);
        return sql<boolean>`(${sql.ref('users.profile')} ->> ${sql.lit(matchAttribute)}) = ${userName}`;
      }
      if (matchType === 'EMAIL') return eb('email_key', '=', key);
      if (matchType === 'USERNAME_OR_EMAIL') return eb.or([eb('login_key', '=', key), eb('email_key', '=', key)]);
      return eb('login_key', '=', key);
    })
    .limit(2)
    .execute();
}

/** Null: what was said makes no name. */
function evaluated(env: Env, template: string, identity: ExternalIdentity): string | null {
  const { claims, externalId, profile } = identity;
  const idpuser = thingOf('idpuser', { ...claims, ...profile, externalId });
  try {
    return nameByTemplate(template, { roots: { idpuser }, account: null, groups: [], now: env.now() });
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}

/** A filter that cannot be read lets nobody through. */
function passesFilter(filter: unknown, userName: string): boolean {
  if (typeof filter !== 'string' || filter === '') return true;
  try {
    return patternOf(filter).matches(userName);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

// What a policy reads of `email` counts when the provider verified the address. Of the other claims a service at which anybody may
// have an account vouches for its own id alone; of an organization that an administrator chose to trust, for the claim they chose.
function objectionTo(
  provider: IdentityProvider,
  template: string,
  userName: string,
  { email, emailVerified, externalId }: ExternalIdentity,
): NameProblem | null {
  const isAddress = email !== null && textKey(email) === textKey(userName);
  if (/\bemail\b/.test(template)) return emailVerified === true ? null : 'EMAIL_NOT_VERIFIED';
  if (isAddress && emailVerified !== null) return emailVerified ? null : 'EMAIL_NOT_VERIFIED';
  if (provider.type === 'OIDC' || userName === externalId) return null;
  return 'USERNAME_NOT_VOUCHED_FOR';
}

function subjectOf({ policy }: IdentityProvider): Json {
  return isObject(policy) && isObject(policy.subject) ? policy.subject : {};
}
