import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessDecision, type AccessRequest, decide } from './access-policy.ts';
import { anyPolicies, anyRequest, policyOf, type RuleParts, requestOf, ruleOf } from './test-policies.ts';

function decidedBy(decision: AccessDecision): string | null {
  return decision.allowed ? decision.rule.ruleId : null;
}

describe('an access policy', () => {
  it('denies everything when the server has none', () => {
    expect(decide([], requestOf())).toEqual({
      allowed: false,
      reason: 'no_matching_policy',
      deniedScopes: [],
      trace: [],
    });
  });

  it('grants the scopes in the order asked, with the lifetimes of the rule that fits', () => {
    const token = { accessTokenLifetimeMinutes: 5, refreshTokenLifetimeMinutes: 600, refreshTokenWindowMinutes: 10 };
    const decision = decide([policyOf([ruleOf({ token })])], requestOf({ scopes: ['b', 'a'] }));
    expect(decision).toMatchObject({
      allowed: true,
      rule: {
        policyId: 'policy',
        policyName: 'A policy',
        ruleId: 'rule',
        ruleName: 'A rule',
        inlineHookId: null,
      },
      scopes: ['b', 'a'],
      lifetimes: { accessTokenMinutes: 5, refreshTokenMinutes: 600, refreshTokenWindowMinutes: 10 },
    });
  });

  it('is asked in ascending priority, whatever order it is stored in, and the first rule that fits decides', () => {
    const second = policyOf([ruleOf({ id: 'other' })], { id: 'second', priority: 2 });
    const first = policyOf([ruleOf({ id: 'late', priority: 2 }), ruleOf({ id: 'early', priority: 1 })], {
      id: 'first',
    });
    expect(decidedBy(decide([second, first], requestOf()))).toBe('early');
  });

  it('does not count while it, or its rule, is INACTIVE', () => {
    const asleep = policyOf([ruleOf()], { status: 'INACTIVE' });
    const sleeping = policyOf([ruleOf({ status: 'INACTIVE' }), ruleOf({ id: 'awake', priority: 2 })]);
    expect(decide([asleep], requestOf()).allowed).toBe(false);
    expect(decidedBy(decide([asleep, sleeping], requestOf()))).toBe('awake');
  });

  it('is for the clients that it names, or for all', () => {
    const named = policyOf([ruleOf()], { clients: ['client-1'] });
    expect(decide([named], requestOf()).allowed).toBe(true);
    expect(decide([named], requestOf({ clientId: 'client-2' })).allowed).toBe(false);
    expect(decide([policyOf([ruleOf()], { clients: [] })], requestOf()).allowed).toBe(false);
  });

  it('hands on to the next policy when it is for the client but none of its rules fits', () => {
    const strict = policyOf([ruleOf({ grantTypes: ['password'] })], { id: 'strict' });
    const loose = policyOf([ruleOf({ id: 'loose' })], { id: 'loose', priority: 2 });
    expect(decidedBy(decide([strict, loose], requestOf()))).toBe('loose');
  });

  it('fits by grant type', () => {
    const policies = [policyOf([ruleOf({ grantTypes: ['implicit', 'password'] })])];
    expect(decide(policies, requestOf({ grantType: 'implicit' })).allowed).toBe(true);
    expect(decide(policies, requestOf()).allowed).toBe(false);
  });
});

describe('the people of a rule', () => {
  const people: { rule: RuleParts; who: Partial<AccessRequest>; fits: boolean; as: string }[] = [
    { as: 'nobody named: everybody', rule: {}, who: {}, fits: true },
    { as: 'nobody named: a client for itself too', rule: {}, who: { userId: null, groupIds: [] }, fits: true },
    { as: 'the user included', rule: { users: { include: ['user-1'] } }, who: {}, fits: true },
    { as: 'another user included', rule: { users: { include: ['user-2'] } }, who: {}, fits: false },
    { as: 'a group of the user included', rule: { groups: { include: ['group-1'] } }, who: {}, fits: true },
    { as: 'another group included', rule: { groups: { include: ['group-2'] } }, who: {}, fits: false },
    {
      as: 'the user or the group is enough',
      rule: { users: { include: ['user-1'] }, groups: { include: ['group-2'] } },
      who: {},
      fits: true,
    },
    { as: 'EVERYONE includes a user', rule: { groups: { include: ['EVERYONE'] } }, who: { groupIds: [] }, fits: true },
    {
      as: 'EVERYONE includes a client that acts for itself',
      rule: { groups: { include: ['EVERYONE'] } },
      who: { userId: null, groupIds: [] },
      fits: true,
    },
    {
      as: 'a rule for groups never fits a client that acts for itself',
      rule: { groups: { include: ['group-1'] } },
      who: { userId: null, groupIds: [] },
      fits: false,
    },
    {
      as: 'a rule for users never fits a client that acts for itself',
      rule: { users: { include: ['user-1'] } },
      who: { userId: null, groupIds: [] },
      fits: false,
    },
    {
      as: 'the user excluded, though a group is included',
      rule: { users: { exclude: ['user-1'] }, groups: { include: ['group-1'] } },
      who: {},
      fits: false,
    },
    {
      as: 'a group excluded, though the user is included',
      rule: { users: { include: ['user-1'] }, groups: { exclude: ['group-1'] } },
      who: {},
      fits: false,
    },
    { as: 'somebody else excluded', rule: { users: { exclude: ['user-2'] } }, who: {}, fits: true },
    { as: 'everyone excluded', rule: { groups: { exclude: ['EVERYONE'] } }, who: {}, fits: false },
  ];

  it.each(people)('$as', ({ rule, who, fits }) => {
    expect(decide([policyOf([ruleOf(rule)])], requestOf(who)).allowed).toBe(fits);
  });
});

describe('the scopes of a rule', () => {
  it('are an allow-list: one scope beyond it and the next rule is asked', () => {
    const narrow = ruleOf({ id: 'narrow', scopes: ['openid'] });
    const wide = ruleOf({ id: 'wide', priority: 2, scopes: ['openid', 'email'] });
    expect(decidedBy(decide([policyOf([narrow, wide])], requestOf({ scopes: ['openid'] })))).toBe('narrow');
    expect(decidedBy(decide([policyOf([narrow, wide])], requestOf({ scopes: ['openid', 'email'] })))).toBe('wide');
  });

  it('permit nothing when the list is empty', () => {
    expect(decide([policyOf([ruleOf({ scopes: [] })])], requestOf())).toMatchObject({
      allowed: false,
      reason: 'no_scope_allowed',
      deniedScopes: ['openid'],
    });
  });

  it('name what was denied by the rule that came nearest', () => {
    const far = ruleOf({ id: 'far', scopes: ['openid'] });
    const near = ruleOf({ id: 'near', priority: 2, scopes: ['openid', 'email'] });
    const decision = decide([policyOf([far, near])], requestOf({ scopes: ['openid', 'email', 'secret'] }));
    expect(decision).toMatchObject({ allowed: false, reason: 'scope_denied', deniedScopes: ['secret'] });
  });

  it('are not blamed when no rule came as far as scopes', () => {
    const decision = decide([policyOf([ruleOf({ grantTypes: ['password'], scopes: [] })])], requestOf());
    expect(decision).toMatchObject({ allowed: false, reason: 'no_matching_policy' });
  });
});

describe('a request without scopes', () => {
  it('gets those default scopes that the rule permits', () => {
    const request = requestOf({ scopes: null, defaultScopes: ['read', 'write'] });
    expect(decide([policyOf([ruleOf({ scopes: ['read'] })])], request)).toMatchObject({
      allowed: true,
      scopes: ['read'],
    });
    expect(decide([policyOf([ruleOf()])], request)).toMatchObject({ allowed: true, scopes: ['read', 'write'] });
  });

  it('does not fit a rule that permits none of them', () => {
    const request = requestOf({ scopes: null, defaultScopes: ['read'] });
    const decision = decide([policyOf([ruleOf({ scopes: ['write'] }), ruleOf({ id: 'next', priority: 2 })])], request);
    expect(decidedBy(decision)).toBe('next');
    expect(decide([policyOf([ruleOf({ scopes: ['write'] })])], request)).toMatchObject({ reason: 'no_scope_allowed' });
  });

  it('is refused when the server has no default scope', () => {
    expect(decide([policyOf([ruleOf()])], requestOf({ scopes: null }))).toMatchObject({ reason: 'no_default_scopes' });
  });
});

describe('the trace', () => {
  it('tells in order what was looked at, up to the condition that failed', () => {
    const foreign = policyOf([], { id: 'foreign', name: 'Foreign', clients: ['client-2'] });
    const own = policyOf([ruleOf({ id: 'staff', name: 'Staff', groups: { include: ['group-2'] } })], {
      id: 'own',
      name: 'Own',
      priority: 2,
    });
    const { trace } = decide([foreign, own], requestOf());
    expect(trace.map(({ policyId, ruleId, condition, passed }) => [policyId, ruleId, condition, passed])).toEqual([
      ['foreign', null, 'status', true],
      ['foreign', null, 'clients', false],
      ['own', null, 'status', true],
      ['own', null, 'clients', true],
      ['own', 'staff', 'status', true],
      ['own', 'staff', 'grantTypes', true],
      ['own', 'staff', 'people', false],
    ]);
    expect(trace.at(-1)).toMatchObject({
      policyName: 'Own',
      ruleName: 'Staff',
      explanation: 'It includes neither the user user-1 nor a group of theirs',
      compared: { userId: 'user-1', groupIds: ['group-1'], groups: { include: ['group-2'] } },
    });
  });
});

describe('whatever the policies are', () => {
  it('nothing is granted that was not asked for, or is no default', () => {
    fc.assert(
      fc.property(anyPolicies, anyRequest, (policies, request) => {
        const decision = decide(policies, request);
        if (!decision.allowed) return;
        expect(decision.scopes.length).toBeGreaterThan(0);
        if (request.scopes !== null) expect(decision.scopes).toEqual(request.scopes);
        else expect(request.defaultScopes).toEqual(expect.arrayContaining(decision.scopes));
      }),
    );
  });

  it('a grant names an ACTIVE rule of an ACTIVE policy whose every condition held, and its trace ends there', () => {
    fc.assert(
      fc.property(anyPolicies, anyRequest, (policies, request) => {
        const decision = decide(policies, request);
        const last = decision.trace.at(-1);
        if (!decision.allowed) {
          expect(last?.passed ?? false).toBe(false);
          return;
        }
        const policy = policies.find(({ id }) => id === decision.rule.policyId);
        expect(policy?.status).toBe('ACTIVE');
        expect(policy?.rules.find(({ id }) => id === decision.rule.ruleId)?.status).toBe('ACTIVE');
        expect(last).toMatchObject({ ruleId: decision.rule.ruleId, condition: 'scopes', passed: true });
        const own = decision.trace.filter(({ ruleId }) => ruleId === decision.rule.ruleId);
        expect(own.every(({ passed }) => passed)).toBe(true);
      }),
    );
  });

  it('the order in which they are stored changes nothing', () => {
    fc.assert(
      fc.property(anyPolicies, anyRequest, (policies, request) => {
        const reversed = policies.map((policy) => ({ ...policy, rules: policy.rules.toReversed() })).toReversed();
        expect(decide(reversed, request)).toEqual(decide(policies, request));
      }),
    );
  });

  it('what stands behind the rule that decided does not matter', () => {
    fc.assert(
      fc.property(anyPolicies, anyRequest, (policies, request) => {
        const decision = decide(policies, request);
        if (!decision.allowed) return;
        const upTo = policies
          .filter(
            ({ priority }) => priority <= (policies.find(({ id }) => id === decision.rule.policyId)?.priority ?? 0),
          )
          .map((policy) =>
            policy.id === decision.rule.policyId
              ? {
                  ...policy,
                  rules: policy.rules.slice(0, policy.rules.findIndex(({ id }) => id === decision.rule.ruleId) + 1),
                }
              : policy,
          );
        expect(decide(upTo, request)).toEqual(decision);
      }),
    );
  });
});
