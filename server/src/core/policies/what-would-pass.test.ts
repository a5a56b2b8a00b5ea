// What is said to help helps, and nothing smaller is left out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessRequest, decide, type JudgedPolicy, type JudgedRule } from './access-policy.ts';
import { anyPolicies, anyRequest, policyOf, requestOf, ruleOf } from './test-policies.ts';
import { changeSentence, type PolicyChange, whatWouldPass } from './what-would-pass.ts';

type World = { policies: JudgedPolicy[]; request: AccessRequest };

/** The world after an administrator, or the application, made the change. */
function after({ policies, request }: World, change: PolicyChange): World {
  const inPolicy = (edit: (policy: JudgedPolicy) => JudgedPolicy): World => ({
    request,
    policies: policies.map((policy) => ('policyId' in change && policy.id === change.policyId ? edit(policy) : policy)),
  });
  const inRule = (edit: (rule: JudgedRule) => JudgedRule) =>
    inPolicy((policy) => ({
      ...policy,
      rules: policy.rules.map((rule) => ('ruleId' in change && rule.id === change.ruleId ? edit(rule) : rule)),
    }));
  const inConditions = (edit: (conditions: JudgedRule['conditions']) => JudgedRule['conditions']) =>
    inRule((rule) => ({ ...rule, conditions: edit(rule.conditions) }));
  const inPeople = (edit: (people: JudgedRule['conditions']['people']) => JudgedRule['conditions']['people']) =>
    inConditions((conditions) => ({ ...conditions, people: edit(conditions.people) }));
  switch (change.kind) {
    case 'add-policy': {
      const rule = ruleOf({ id: 'new', grantTypes: [change.grantType], scopes: [...change.scopes] });
      return {
        request,
        policies: [...policies, policyOf([rule], { id: 'new', clients: [change.clientId], priority: 99 })],
      };
    }
    case 'add-rule': {
      const rule = ruleOf({ id: 'new', grantTypes: [change.grantType], scopes: [...change.scopes] });
      return inPolicy((policy) => ({ ...policy, rules: [...policy.rules, rule] }));
    }
    case 'activate-policy':
      return inPolicy((policy) => ({ ...policy, status: 'ACTIVE' }));
    case 'assign-policy-to-client':
      return inPolicy((policy) => ({ ...policy, clients: [...policy.clients, change.clientId] }));
    case 'activate-rule':
      return inRule((rule) => ({ ...rule, status: 'ACTIVE' }));
    case 'add-grant-type':
      return inConditions((all) => ({
        ...all,
        grantTypes: { include: [...all.grantTypes.include, change.grantType] },
      }));
    case 'permit-scopes':
      return inConditions((all) => ({ ...all, scopes: { include: [...all.scopes.include, ...change.scopes] } }));
    case 'stop-excluding':
      return inPeople(({ users, groups }) => ({
        users: { ...users, exclude: users.exclude.filter((id) => !change.users.includes(id)) },
        groups: { ...groups, exclude: groups.exclude.filter((id) => !change.groups.includes(id)) },
      }));
    case 'include-user':
      return inPeople(({ users, groups }) => ({
        users: { ...users, include: [...users.include, change.userId] },
        groups,
      }));
    case 'include-everyone':
      return inPeople(({ users, groups }) => ({
        users,
        groups: { ...groups, include: [...groups.include, 'EVERYONE'] },
      }));
    case 'join-group':
      return { policies, request: { ...request, groupIds: [...request.groupIds, change.groupIds[0] ?? ''] } };
    case 'ask-for-scopes':
      return { policies, request: { ...request, scopes: [...change.scopes] } };
    case 'name-scopes':
    case 'set-default-scope':
      return { policies, request };
  }
}

const kindsOf = (policies: JudgedPolicy[], request: AccessRequest) =>
  whatWouldPass(policies, request).map((remedy) => remedy.map(({ kind }) => kind));

describe('what would pass', () => {
  it.each<[what: string, policies: JudgedPolicy[], request: Partial<AccessRequest>, kinds: string[][]]>([
    ['a policy, when there is none', [], {}, [['add-policy']]],
    ['a rule, when the policy has none', [policyOf([])], {}, [['add-rule']]],
    ['the policy awake', [policyOf([ruleOf()], { status: 'INACTIVE' })], {}, [['activate-policy']]],
    ['the policy for this client', [policyOf([ruleOf()], { clients: ['x'] })], {}, [['assign-policy-to-client']]],
    ['the rule awake', [policyOf([ruleOf({ status: 'INACTIVE' })])], {}, [['activate-rule']]],
    ['the grant type', [policyOf([ruleOf()])], { grantType: 'implicit' }, [['add-grant-type']]],
    [
      'the person, or a group',
      [policyOf([ruleOf({ groups: { include: ['g'] } })])],
      {},
      [['include-user'], ['join-group']],
    ],
    ['nobody shut out', [policyOf([ruleOf({ users: { exclude: ['user-1'] } })])], {}, [['stop-excluding']]],
    [
      'everyone, where a client acts alone',
      [policyOf([ruleOf({ users: { include: ['u'] } })])],
      { userId: null },
      [['include-everyone']],
    ],
    [
      'the scopes, here or there',
      [policyOf([ruleOf({ scopes: ['a'] })])],
      { scopes: ['a', 'b'] },
      [['permit-scopes'], ['ask-for-scopes']],
    ],
    ['a scope at all', [policyOf([ruleOf()])], { scopes: null }, [['name-scopes'], ['set-default-scope']]],
    ['nothing, when it passes', [policyOf([ruleOf()])], {}, []],
  ])('is %s', (_, policies, request, kinds) => expect(kindsOf(policies, requestOf(request))).toEqual(kinds));

  it('is the least: of two rules the one that lacks less', () => {
    const far = ruleOf({ id: 'far', status: 'INACTIVE', grantTypes: ['implicit'] });
    const near = ruleOf({ id: 'near', priority: 2, users: { include: ['user-2'] } });
    expect(whatWouldPass([policyOf([far, near])], requestOf())).toEqual([
      [expect.objectContaining({ kind: 'include-user', ruleId: 'near', userId: 'user-1' })],
    ]);
  });

  it('is said in sentences that name policy, rule and group', () => {
    const [[change] = []] = whatWouldPass([policyOf([ruleOf({ scopes: ['a'] })])], requestOf({ scopes: ['b'] }));
    expect(change && changeSentence(change, (id) => id)).toBe(
      'Permit the scopes b in the rule "A rule" of the policy "A policy"',
    );
    const remedies = whatWouldPass([policyOf([ruleOf({ groups: { include: ['g1'] } })])], requestOf());
    const sentences = remedies.flat().map((one) => changeSentence(one, (id) => `"Staff" (${id})`));
    expect(sentences).toEqual([
      'Include the user user-1 in the rule "A rule" of the policy "A policy"',
      'Make the user user-1 a member of the group "Staff" (g1), for the rule "A rule" of the policy "A policy"',
    ]);
  });

  it('is offered exactly when the request is denied, and once done, lets it through', () => {
    fc.assert(
      fc.property(anyPolicies, anyRequest, (policies, request) => {
        const decision = decide(policies, request);
        const remedies = whatWouldPass(policies, request);
        expect(remedies.length > 0).toBe(!decision.allowed);
        for (const remedy of remedies) {
          const world = remedy.reduce(after, { policies, request });
          const done = decide(world.policies, world.request);
          if (remedy[0]?.kind === 'name-scopes' || remedy[0]?.kind === 'set-default-scope') continue;
          expect(done.allowed, JSON.stringify(remedy)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('holds nothing that could be left out', () => {
    fc.assert(
      fc.property(anyPolicies, anyRequest, (policies, request) => {
        for (const remedy of whatWouldPass(policies, request))
          for (const left of remedy) {
            const world = remedy.filter((change) => change !== left).reduce(after, { policies, request });
            expect(decide(world.policies, world.request).allowed).toBe(false);
          }
      }),
      { numRuns: 500 },
    );
  });
});
