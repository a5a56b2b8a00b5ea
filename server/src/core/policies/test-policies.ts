// Owns policies, rules and requests made by chance, for the tests of the decision and of what would change it.
import fc from 'fast-check';
import type { AccessRequest, JudgedPolicy, JudgedRule } from './access-policy.ts';

export type RuleParts = Partial<Omit<JudgedRule, 'conditions'>> & {
  grantTypes?: string[];
  users?: { include?: string[]; exclude?: string[] };
  groups?: { include?: string[]; exclude?: string[] };
  scopes?: string[];
};

/** A rule for everybody, every scope and the code flow, but for what is given. */
export function ruleOf({ grantTypes, users, groups, scopes, ...rest }: RuleParts = {}): JudgedRule {
  return {
    id: 'rule',
    name: 'A rule',
    status: 'ACTIVE',
    priority: 1,
    conditions: {
      people: { users: { include: [], exclude: [], ...users }, groups: { include: [], exclude: [], ...groups } },
      grantTypes: { include: grantTypes ?? ['authorization_code'] },
      scopes: { include: scopes ?? ['*'] },
    },
    token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
    ...rest,
  };
}

export function policyOf(rules: JudgedRule[], parts: Partial<JudgedPolicy> = {}): JudgedPolicy {
  return { id: 'policy', name: 'A policy', status: 'ACTIVE', priority: 1, clients: ['ALL_CLIENTS'], rules, ...parts };
}

export function requestOf(parts: Partial<AccessRequest> = {}): AccessRequest {
  return {
    clientId: 'client-1',
    userId: 'user-1',
    groupIds: ['group-1'],
    grantType: 'authorization_code',
    scopes: ['openid'],
    defaultScopes: [],
    ...parts,
  };
}

const name = fc.constantFrom<string[]>('a', 'b', 'c', 'd');
const names = fc.uniqueArray(name, { maxLength: 3 });
const status = fc.constantFrom('ACTIVE' as const, 'INACTIVE' as const);
const grantType = fc.constantFrom('authorization_code', 'implicit', 'client_credentials');
const groups = fc.uniqueArray(fc.constantFrom('EVERYONE', 'g1', 'g2'), { maxLength: 2 });
const rule = fc.record({
  status,
  grantTypes: fc.uniqueArray(grantType, { minLength: 1 }),
  users: fc.record({
    include: fc.uniqueArray(name, { maxLength: 1 }),
    exclude: fc.uniqueArray(name, { maxLength: 1 }),
  }),
  groups: fc.record({ include: groups, exclude: groups }),
  scopes: fc.oneof(fc.constant<string[]>(['*']), names),
});

export const anyPolicies = fc
  .array(
    fc.record({
      status,
      clients: fc.oneof(fc.constant<string[]>(['ALL_CLIENTS']), names),
      rules: fc.array(rule, { maxLength: 4 }),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map((policy, i) =>
      policyOf(
        policy.rules.map((parts, j) => ruleOf({ ...parts, id: `rule-${i}-${j}`, priority: j + 1 })),
        { status: policy.status, clients: policy.clients, id: `policy-${i}`, priority: i + 1 },
      ),
    ),
  );

export const anyRequest: fc.Arbitrary<AccessRequest> = fc.record({
  clientId: name,
  userId: fc.option(name),
  groupIds: fc.uniqueArray(fc.constantFrom('g1', 'g2')),
  grantType,
  scopes: fc.option(fc.uniqueArray(name, { minLength: 1 })),
  defaultScopes: names,
});
