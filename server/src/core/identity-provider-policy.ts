// Owns what an identity provider's policy may say, and what it says where its maker says nothing. A policy that could only fail at
// sign-in is refused when it is written. Not here: what follows from it (external-sign-in/).
import { ExpressionError } from './expressions/expression-error.ts';
import { patternOf } from './expressions/pattern.ts';
import { checkNameTemplate } from './external-sign-in/name-template.ts';
import type { ProviderType } from './identity-provider-types.ts';
import { ABSENT, completed, isObject, type Json } from './policies/policy-defaults.ts';
import { invalid } from './refusal.ts';

const NONE = { action: 'NONE' };

/** Path → the words that it may hold. */
const WORDS: readonly (readonly [path: string, words: readonly string[]])[] = [
  ['provisioning.action', ['AUTO', 'DISABLED', 'CALLOUT']],
  ['provisioning.groups.action', ['NONE', 'ASSIGN', 'APPEND', 'SYNC']],
  ['provisioning.conditions.deprovisioned.action', ['NONE', 'REACTIVATE']],
  ['provisioning.conditions.suspended.action', ['NONE', 'UNSUSPEND']],
  ['accountLink.action', ['AUTO', 'DISABLED']],
  ['subject.matchType', ['USERNAME', 'EMAIL', 'USERNAME_OR_EMAIL', 'CUSTOM_ATTRIBUTE']],
];

/** The policy, completed. Throws E0000001. */
export function providerPolicy(type: ProviderType, given: Json): Json {
  const policy = completed(
    {
      provisioning: {
        action: 'AUTO',
        profileMaster: false,
        groups: NONE,
        conditions: { deprovisioned: NONE, suspended: NONE },
      },
      accountLink: { filter: null, action: 'AUTO' },
      subject: {
        userNameTemplate: { template: 'idpuser.email' },
        filter: null,
        matchType: 'USERNAME',
        matchAttribute: null,
      },
      maxClockSkew: 0,
      trustClaims: type === 'OIDC' ? false : ABSENT,
      transformedUsernameMatchingEnabled: false,
    },
    given,
  );
  for (const [path, words] of WORDS) {
    const word = at(policy, path);
    if (typeof word !== 'string' || !words.includes(word))
      throw invalid(path, `policy.${path}: The value must be one of ${words.join(', ')}`);
  }
  if (
    at(policy, 'subject.matchType') === 'CUSTOM_ATTRIBUTE' &&
    !/^\w{1,100}$/.test(String(at(policy, 'subject.matchAttribute') ?? ''))
  )
    throw invalid('matchAttribute', 'policy.subject.matchAttribute: The field must name an attribute');
  readable(
    at(policy, 'subject.userNameTemplate.template'),
    'policy.subject.userNameTemplate.template',
    checkNameTemplate,
  );
  const filter = at(policy, 'subject.filter');
  if (filter !== null) readable(filter, 'policy.subject.filter', patternOf);
  return policy;
}

function readable(value: unknown, field: string, read: (text: string) => unknown): void {
  if (typeof value !== 'string') throw invalid(field, `${field}: The value must be a text`);
  try {
    read(value);
  } catch (error) {
    if (error instanceof ExpressionError) throw invalid(field, `${field}: ${error.message}`);
    throw error;
  }
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
}
