import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Env } from '../env.ts';
import { activateGroupRule, createGroupRule } from '../group-rules.ts';
import { createGroup } from '../groups.ts';
import { Refusal } from '../refusal.ts';
import { createUser } from '../users.ts';
import { applyConfiguration } from './apply.ts';
import { exportConfiguration } from './export.ts';
import { printChanges } from './plan.ts';
import { apply, newOrg, planOf, textOf } from './test-org.ts';
import { parseConfiguration } from './text.ts';

const countEvents = async ({ db }: Env) => (await db.selectFrom('system_log').select('uuid').execute()).length;

const SHOP = `
gatehouse: 1
groups: [{ name: Buyers, description: Who buys }, { name: Sellers }]
trustedOrigins: [{ name: Shop, origin: https://shop.example, scopes: [{ type: CORS }], status: INACTIVE }]
policies:
  - type: ACCESS_POLICY
    name: Strict
    rules: [{ name: Sellers, conditions: { people: { groups: { include: [Sellers] } } }, actions: { appSignOn: { access: DENY } } }]
  - { type: PASSWORD, name: Long, conditions: { people: { groups: { include: [Sellers] } } }, settings: { password: { complexity: { minLength: 14 } } } }
  - { type: PASSWORD, name: Longer, conditions: { people: { groups: { include: [Buyers] } } }, settings: { password: { complexity: { minLength: 20 } } } }
applications:
  - clientId: shop-client
    label: Shop
    policy: Strict
    groups: [{ name: Buyers }]
    grants: [okta.users.read]
    oauthClient: { application_type: web, redirect_uris: [https://shop.example/callback] }
authorizationServers:
  - name: orders
    audience: api://orders
    trusts: [default]
    scopes: [{ name: orders.read, consent: REQUIRED }, { name: email, displayName: Your address }]
    claims: [{ name: team, claimType: RESOURCE, value: user.department }, { name: sub, claimType: RESOURCE, value: appuser.userName }]
    policies:
      - name: Shop
        clients: [Shop]
        rules:
          - { name: People, grantTypes: [authorization_code], scopes: [orders.read], groups: { include: [Buyers] } }
          - { name: Machines, grantTypes: [client_credentials], scopes: ['*'] }
`;

test('a plan says what would happen and changes nothing, not even the System Log', async () => {
  const env = await newOrg();
  const [before, events] = [await textOf(env), await countEvents(env)];
  const changes = await planOf(env, SHOP);
  expect(changes.filter(({ kind }) => kind === 'add').map(({ section, name }) => `${section}: ${name}`)).toEqual([
    'groups: Buyers',
    'groups: Sellers',
    'trustedOrigins: Shop',
    'policies: ACCESS_POLICY Strict',
    'policies: PASSWORD Long',
    'policies: PASSWORD Longer',
    'applications: Shop (shop-client)',
    'authorizationServers: orders',
  ]);
  expect(await textOf(env)).toBe(before);
  expect(await countEvents(env)).toBe(events);
});

test('what is applied is what was planned, and a second time it is nothing', async () => {
  const env = await newOrg();
  const planned = await planOf(env, SHOP);
  expect(await apply(env, SHOP)).toEqual(planned);
  const events = await countEvents(env);
  expect(await apply(env, SHOP)).toEqual([]);
  expect(printChanges(await planOf(env, SHOP))).toBe('Nothing differs.\n');
  expect(await countEvents(env)).toBe(events);
});

test('an export applied to an empty org makes the same org, and the other way round empties it', async () => {
  const [shop, other] = [await newOrg(), await newOrg()];
  const empty = await textOf(other);
  await apply(shop, SHOP);
  const text = await textOf(shop);
  expect(await apply(shop, text)).toEqual([]);
  await apply(other, text);
  expect(await textOf(other)).toBe(text);
  await apply(other, empty);
  expect(await textOf(other)).toBe(empty);
});

test('rules and policies take the order of the file', async () => {
  const env = await newOrg();
  await apply(env, SHOP);
  const whole = await parseConfiguration(env, await textOf(env));
  const turned = structuredClone(whole);
  turned.authorizationServers?.find(({ name }) => name === 'orders')?.policies[0]?.rules.reverse();
  turned.policies?.reverse();
  await applyConfiguration(env, turned);
  const now = await exportConfiguration(env, { users: false });
  const orders = now.authorizationServers.find(({ name }) => name === 'orders');
  expect(orders?.policies[0]?.rules.map(({ name }) => name)).toEqual(['Machines', 'People']);
  expect(
    now.policies
      .filter(({ type }) => type === 'PASSWORD')
      .map(({ name }) => name)
      .slice(0, 2),
  ).toEqual(['Longer', 'Long']);
});

test('a section that the file does not have is left alone', async () => {
  const env = await newOrg();
  await apply(env, SHOP);
  const before = await exportConfiguration(env, { users: false });
  await apply(env, 'gatehouse: 1\ntrustedOrigins: []\n');
  expect(await exportConfiguration(env, { users: false })).toEqual({ ...before, trustedOrigins: [] });
});

test('one refusal, and nothing is applied', async () => {
  const env = await newOrg();
  const before = await textOf(env);
  const wrong = SHOP.replace('clients: [Shop]', 'clients: [Nobody]');
  await expect(apply(env, wrong)).rejects.toThrow("There is no client 'Nobody'");
  expect(await textOf(env)).toBe(before);
});

test.each([
  ['groups: [', 'not YAML'],
  ['gatehouse: 2', 'gatehouse'],
  ['gatehouse: 1\ngroups: [{ name: A, secret: x }]', 'secret'],
  ['gatehouse: 1\ngroups: [{ name: A }, { name: a }]', 'is there twice'],
])('the file %j is refused with where it is wrong', async (text, where) => {
  const env = await newOrg();
  const refused = await parseConfiguration(env, text).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  expect((refused as Refusal).causes.join()).toContain(where);
});

test('people come along when they are asked for, with their groups and without what proves them', async () => {
  const [one, other] = [await newOrg(), await newOrg()];
  await apply(one, 'gatehouse: 1\ngroups: [{ name: Buyers }]');
  const [group] = await one.db.selectFrom('groups').select('id').where('name', '=', 'Buyers').execute();
  const profile = { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron' };
  await createUser(one, { profile, password: 'Correct-horse-7-battery', groupIds: group ? [group.id] : [] });
  const text = await textOf(one, true);
  expect(text).toContain('ada@example.com');
  expect(text).not.toMatch(/hash|password:\s*\S+hash|Correct-horse/);
  await apply(other, text);
  expect(await textOf(other, true)).toBe(text);
  expect(await apply(other, text)).toEqual([]);
});

test('a membership that a rule gave is the rule’s, and no part of what is written down of a person', async () => {
  const env = await newOrg();
  const group = await createGroup(env, { name: 'Engineers' });
  const profile = { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron' };
  await createUser(env, { profile, password: 'Correct-horse-7-battery' });
  const before = await exportConfiguration(env, { users: true });
  const rule = await createGroupRule(env, {
    name: 'Adas',
    expression: 'user.firstName == "Ada"',
    excludedUserIds: [],
    excludedGroupIds: [],
    groupIds: [group.id],
  });
  await activateGroupRule(env, rule.id);
  expect(
    await env.db.selectFrom('group_memberships').select('source').where('group_id', '=', group.id).execute(),
  ).toEqual([{ source: 'RULE' }]);
  expect((await exportConfiguration(env, { users: true })).users).toEqual(before.users);
});

const word = fc.stringMatching(/^[a-z]{3,8}$/);
const organizations = fc.record({
  groups: fc.uniqueArray(fc.record({ name: word, description: fc.option(fc.string({ maxLength: 30 })) }), {
    maxLength: 4,
    selector: ({ name }) => name,
  }),
  scopes: fc.uniqueArray(fc.record({ name: word.map((name) => `x.${name}`), optional: fc.boolean() }), {
    maxLength: 3,
    selector: ({ name }) => name,
  }),
  rules: fc.uniqueArray(
    fc.record({ name: word, grantTypes: fc.constant(['client_credentials']), scopes: fc.constant(['*']) }),
    { maxLength: 4, selector: ({ name }) => name },
  ),
  clients: fc.uniqueArray(
    fc.record({
      clientId: word.map((name) => `client-${name}`),
      label: word,
      oauthClient: fc.record({ application_type: fc.constant('service') }),
    }),
    { maxLength: 3, selector: ({ clientId }) => clientId },
  ),
});

test('whatever the org was made of, applying its export changes nothing, there and elsewhere', async () => {
  const [env, mirror] = [await newOrg(), await newOrg()];
  await fc.assert(
    fc.asyncProperty(organizations, async ({ groups, scopes, rules, clients }) => {
      const policy = { name: 'P', clients: clients.map(({ clientId }) => clientId), rules };
      const wanted = {
        gatehouse: 1,
        groups,
        applications: clients.map((client) => ({ ...client, groups: groups.map(({ name }) => ({ name })) })),
        authorizationServers: [{ name: 'default', audience: 'api://default', scopes, policies: [policy] }],
      };
      await apply(env, JSON.stringify(wanted));
      const text = await textOf(env);
      expect(await apply(env, text)).toEqual([]);
      await apply(mirror, text);
      expect(await textOf(mirror)).toBe(text);
    }),
    { numRuns: 15 },
  );
}, 60_000);
