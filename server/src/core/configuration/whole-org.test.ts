// The sections about people, groups and what lies outside.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Env } from '../env.ts';
import { headersOfHook, listEventHooks } from '../event-hooks.ts';
import { createGroup } from '../groups.ts';
import { listIdentityProviders, secretsOf } from '../identity-providers.ts';
import { addRoleTarget } from '../role-targets.ts';
import { assignRole, rolesOf } from '../roles.ts';
import { createUser } from '../users.ts';
import { exportConfiguration } from './export.ts';
import { printChanges } from './plan.ts';
import { apply, newOrg, planOf, textOf } from './test-org.ts';

const VARIABLES = { HOOK_SECRET: 'hook-secret-1', GOOGLE_SECRET: 'google-secret-1' };

const WHOLE = `
gatehouse: 1
userTypes:
  - name: contractor
    displayName: Contractor
    attributes: [{ name: agency, title: Agency, type: string, required: true }, { name: badge, title: Badge, type: integer, unique: UNIQUE_VALIDATED }]
  - name: user
    displayName: Person
    attributes: [{ name: team, title: Team, type: string, enum: [red, blue] }]
    baseAttributes: [{ name: lastName, title: Last name, type: string, required: true, minLength: 1, maxLength: 50, mutability: READ_WRITE, scope: NONE, permissions: [{ principal: SELF, action: READ_ONLY }], master: { type: PROFILE_MASTER } }]
groupAttributes: { attributes: [{ name: costCenter, title: Cost center, type: string }] }
groups: [{ name: Admins }, { name: Reds, description: Who is red, profile: { costCenter: C-1 } }, { name: Blues }]
users:
  - { login: ada@example.com, profile: { email: ada@example.com, firstName: Ada, lastName: Byron, team: red }, groups: [Admins] }
  - { login: bob@example.com, type: contractor, profile: { email: bob@example.com, firstName: Bob, lastName: B, agency: Acme, badge: 7 } }
groupRules:
  - { name: Red, expression: user.team == "red", groups: [Reds], excludedUsers: [bob@example.com] }
  - { name: Of the admins, status: INACTIVE, expression: 'isMemberOfAnyGroup("group:Admins")', groups: [Blues], excludedGroups: [Reds] }
networkZones: [{ name: Office, settings: { gateways: [{ type: CIDR, value: 192.0.2.0/24 }] } }]
eventHooks: [{ name: Audit, events: [user.lifecycle.create, user.lifecycle.activate], uri: https://audit.example/hook, authHeader: authorization, secretVariable: HOOK_SECRET }]
inlineHooks: [{ name: Enrich, type: com.okta.oauth2.tokens.transform, uri: https://enrich.example/hook, status: INACTIVE }]
identityProviders:
  - name: Google
    type: GOOGLE
    secretVariable: GOOGLE_SECRET
    protocol: { credentials: { client: { client_id: g-1 } } }
    policy: { provisioning: { action: AUTO, groups: { action: ASSIGN, assignments: [Reds] } } }
policies:
  - type: OKTA_SIGN_ON
    name: At the office
    conditions: { people: { groups: { include: [Reds] } } }
    rules:
      - { name: In, conditions: { network: { connection: ZONE, include: [Office] } } }
  - type: IDP_DISCOVERY
    name: Idp Discovery Policy
    description: The default IdP Discovery Policy
    rules:
      - { name: Shop by Google, conditions: { app: { include: [{ type: APP, id: shop-client }] } }, actions: { idp: { providers: [{ type: GOOGLE, id: Google }] } } }
      - { name: Default Rule, actions: { idp: { providers: [{ type: OKTA }], idpSelectionType: SPECIFIC } } }
applications:
  - clientId: shop-client
    label: Shop
    users: [{ login: ada@example.com, userName: ada, profile: { nickname: A } }, { login: bob@example.com }]
    attributes: [{ name: shelf, title: Shelf, type: string }]
    oauthClient: { application_type: service }
authorizationServers:
  - name: default
    audience: api://default
    claims: [{ name: red, claimType: RESOURCE, value: 'isMemberOfAnyGroup("group:Reds")' }]
    policies: [{ name: P, clients: [shop-client], rules: [{ name: R, grantTypes: [client_credentials], scopes: ['*'], inlineHook: Enrich }] }]
roles: [{ type: READ_ONLY_ADMIN, groups: [Admins], clients: [shop-client] }]
administrators: [{ login: ada@example.com, roles: [SUPER_ADMIN, USER_ADMIN] }]
`;

const ids = async ({ db }: Env, name: string) =>
  (await db.selectFrom('groups').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;

test('every section is made, found as it was written, and made again elsewhere', async () => {
  const [env, other] = [await newOrg(), await newOrg()];
  const planned = await planOf(env, WHOLE, VARIABLES);
  expect(await apply(env, WHOLE, VARIABLES)).toEqual(planned);
  expect(await apply(env, WHOLE, VARIABLES)).toEqual([]);

  const text = await textOf(env, true);
  expect(text).not.toMatch(/hook-secret|google-secret|00g|nzo|0oa/);
  expect(text).toContain('isMemberOfAnyGroup("group:Admins")');
  expect(await apply(env, text)).toEqual([]);
  const rules = await env.db.selectFrom('group_rules').select(['name', 'expression', 'status']).execute();
  expect(rules.find(({ name }) => name === 'Of the admins')).toEqual({
    name: 'Of the admins',
    expression: `isMemberOfAnyGroup("${await ids(env, 'Admins')}")`,
    status: 'INACTIVE',
  });
  const [hook] = await listEventHooks(env);
  expect(hook && headersOfHook(env, hook)).toMatchObject({ authorization: 'hook-secret-1' });

  await expect(apply(other, text)).rejects.toThrow('secretVariable');
  const withSecrets = text
    .replace('authHeader: authorization', 'authHeader: authorization\n    secretVariable: HOOK_SECRET')
    .replace('name: Google', 'name: Google\n    secretVariable: GOOGLE_SECRET');
  await apply(other, withSecrets, VARIABLES);
  expect(await textOf(other, true)).toBe(text);
});

test('an empty file of every section takes away what an org can be without', async () => {
  const env = await newOrg();
  const empty = await textOf(env);
  await apply(env, WHOLE.replace('SUPER_ADMIN, USER_ADMIN', 'USER_ADMIN'), VARIABLES);
  // People stay, and so does what type they are of.
  const people = await env.db.selectFrom('users').select('id').execute();
  await env.db
    .updateTable('users')
    .set({ type_id: (await typeIds(env)).user ?? '' })
    .execute();
  await apply(env, empty);
  expect((await env.db.selectFrom('users').select('id').execute()).length).toBe(people.length);
  expect(await textOf(env)).toBe(empty);
  const { group_id } = await env.db
    .selectFrom('group_memberships')
    .select(({ fn }) => fn.countAll<number>().as('group_id'))
    .where('source', '=', 'RULE')
    .executeTakeFirstOrThrow();
  expect(Number(group_id)).toBe(0);
});

async function typeIds({ db }: Env): Promise<Record<string, string>> {
  const rows = await db.selectFrom('user_types').select(['id', 'name']).execute();
  return Object.fromEntries(rows.map(({ id, name }) => [name, id]));
}

test('a secret that a variable gives anew is a change, without either being shown', async () => {
  const env = await newOrg();
  await apply(env, WHOLE, VARIABLES);
  const changed = { ...VARIABLES, GOOGLE_SECRET: 'google-secret-2' };
  const plan = printChanges(await planOf(env, WHOLE, changed));
  expect(plan).toContain('~ identityProviders: Google');
  expect(plan).toContain('0 to add, 1 to change, 0 to remove.');
  expect(plan).not.toContain('google-secret');
  await apply(env, WHOLE, changed);
  const [provider] = await listIdentityProviders(env, { q: null, type: null, after: null, limit: 9 });
  expect(provider && secretsOf(env, provider)).toEqual({ clientSecret: 'google-secret-2' });
  expect(await apply(env, WHOLE, changed)).toEqual([]);
});

test.each([
  ['a variable that is not set', WHOLE, {}, 'The environment variable HOOK_SECRET is not set'],
  [
    'a secret in the file',
    WHOLE.replace('client_id: g-1', 'client_id: g-1, client_secret: x'),
    VARIABLES,
    'A secret has no place here',
  ],
  [
    'a name that nothing has',
    WHOLE.replace('include: [Office]', 'include: [Nowhere]'),
    VARIABLES,
    "There is no zone 'Nowhere'",
  ],
  [
    'a group that an expression names',
    WHOLE.replace('group:Admins', 'group:Nobody'),
    VARIABLES,
    "There is no group 'Nobody'",
  ],
  ['an attribute twice', WHOLE.replace('{ name: badge,', '{ name: agency,'), VARIABLES, 'is there twice'],
  [
    'an administrator whom nobody knows',
    WHOLE.replace('administrators: [{ login: ada', 'administrators: [{ login: eve'),
    VARIABLES,
    "There is no user 'eve@example.com'",
  ],
])('%s is refused, and nothing is applied', async (_, text, variables, message) => {
  const env = await newOrg();
  const before = await textOf(env, true);
  await expect(apply(env, text, variables)).rejects.toThrow(message);
  expect(await textOf(env, true)).toBe(before);
});

test('without people in the file, the people of roles and of applications stay as they are', async () => {
  const env = await newOrg();
  await apply(env, WHOLE, VARIABLES);
  const text = await textOf(env);
  expect(text).not.toMatch(/administrators|userName: ada/);
  const before = await exportConfiguration(env, { users: true });
  await apply(
    env,
    text
      .replace('label: Shop', 'label: The shop')
      .replace('- Shop\n', '- The shop\n')
      .replace('- READ_ONLY_ADMIN', '- REPORT_ADMIN'),
  );
  const after = await exportConfiguration(env, { users: true });
  expect(after.administrators).toEqual(before.administrators);
  expect(after.applications).toMatchObject([{ label: 'The shop', users: before.applications[0]?.users }]);
});

test('a role with targets is neither written down, as if it were for the whole org, nor taken away', async () => {
  const env = await newOrg();
  await apply(env, WHOLE, VARIABLES);
  const before = await textOf(env, true);
  const holder = { groupId: await ids(env, 'Reds') };
  const { id } = await assignRole(env, { ...holder, type: 'HELP_DESK_ADMIN' });
  await addRoleTarget(env, holder, id, { kind: 'GROUP', target: await ids(env, 'Blues') });
  expect(await textOf(env, true)).toBe(before);
  await apply(env, before, VARIABLES);
  expect(await rolesOf(env, holder)).toMatchObject([{ id, limited: 1 }]);
});

test('a rule that fills another group is another rule, and takes those along whom it had put in', async () => {
  const env = await newOrg();
  await apply(env, WHOLE, VARIABLES);
  const members = async (name: string) =>
    (
      await env.db
        .selectFrom('group_memberships')
        .select('source')
        .where('group_id', '=', await ids(env, name))
        .execute()
    ).map(({ source }) => source);
  expect([await members('Reds'), await members('Blues')]).toEqual([['RULE'], []]);
  await apply(env, WHOLE.replace('groups: [Reds], excludedUsers', 'groups: [Blues], excludedUsers'), VARIABLES);
  expect([await members('Reds'), await members('Blues')]).toEqual([[], ['RULE']]);
});

const word = fc.stringMatching(/^[a-z]{3,8}$/);
const named = <T extends object>(rest: { [K in keyof T]: fc.Arbitrary<T[K]> }, maxLength = 3) =>
  fc.uniqueArray(fc.record({ name: word, ...rest }), { maxLength, selector: ({ name }) => name });
const status = fc.constantFrom('ACTIVE', 'INACTIVE');
const attributes = named({ title: word, type: fc.constantFrom('string', 'integer', 'boolean'), description: word });
const organizations = fc.record({
  types: named({ displayName: word, attributes }, 2),
  groupAttributes: attributes,
  groups: fc.uniqueArray(word, { minLength: 1, maxLength: 4 }),
  rules: named({ status, expression: fc.constantFrom('user.firstName == "Ada"', 'user.lastName != null') }),
  zones: named({ status, usage: fc.constantFrom('POLICY', 'BLOCKLIST') }),
  hooks: named({ status, events: fc.subarray(['user.lifecycle.create', 'group.lifecycle.create'], { minLength: 1 }) }),
  providers: named({ status, type: fc.constantFrom('GOOGLE', 'GITHUB') }),
  roles: fc.subarray(['READ_ONLY_ADMIN', 'REPORT_ADMIN', 'APP_ADMIN']),
  administered: fc.subarray(['USER_ADMIN', 'HELP_DESK_ADMIN'], { minLength: 1 }),
  people: fc.uniqueArray(word, { maxLength: 3 }),
});

test('whatever people, groups and neighbours an org has, applying its export changes nothing, there and elsewhere', async () => {
  const [env, mirror] = [await newOrg(), await newOrg()];
  await fc.assert(
    fc.asyncProperty(organizations, async (made) => {
      const logins = made.people.map((name) => `${name}@example.com`);
      const wanted = {
        gatehouse: 1,
        userTypes: made.types.map((type) => ({
          ...type,
          name: `t_${type.name}`,
          attributes: inTypes(type.attributes),
        })),
        groupAttributes: { attributes: made.groupAttributes.map((one) => ({ ...one, name: `g_${one.name}` })) },
        groups: [...made.groups, 'rulers'].map((name) => ({ name })),
        users: logins.map((login) => ({
          login,
          profile: { email: login, firstName: 'Ada', lastName: 'B' },
          groups: made.groups.slice(1),
        })),
        groupRules: made.rules.map((rule) => ({
          ...rule,
          groups: made.groups.slice(0, 1),
          excludedUsers: logins.slice(1),
        })),
        networkZones: made.zones.map((zone) => ({
          ...zone,
          settings: { gateways: [{ type: 'CIDR', value: '192.0.2.0/24' }] },
        })),
        eventHooks: made.hooks.map((hook) => ({ ...hook, uri: `https://${hook.name}.example/` })),
        inlineHooks: made.hooks.map(({ name, status }) => ({
          ...{ name, status, uri: `https://${name}.example/` },
          type: 'com.okta.oauth2.tokens.transform',
        })),
        identityProviders: made.providers.map((provider) => ({
          ...provider,
          protocol: { credentials: { client: { client_id: 'c', token_endpoint_auth_method: 'none' } } },
        })),
        roles: made.roles.map((type) => ({ type, groups: ['rulers'] })),
        administrators: logins.slice(0, 1).map((login) => ({ login, roles: made.administered })),
      };
      await apply(env, JSON.stringify(wanted));
      const text = await textOf(env, true);
      expect(await apply(env, text)).toEqual([]);
      await apply(mirror, text);
      expect(await textOf(mirror, true)).toBe(text);
    }),
    { numRuns: 12 },
  );
}, 120_000);

function inTypes<T extends { name: string }>(attributes: readonly T[] = []): T[] {
  return attributes.map((one) => ({ ...one, name: `u_${one.name}` }));
}

test('the last super administrator stays, whatever the file says', async () => {
  const env = await newOrg();
  const profile = { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron' };
  const ada = await createUser(env, { profile, password: 'Correct-horse-7-battery' });
  const group = await createGroup(env, { name: 'Admins' });
  await assignRole(env, { userId: ada.id, type: 'SUPER_ADMIN' });
  await expect(apply(env, 'gatehouse: 1\nadministrators: []\n')).rejects.toThrow('no active super administrator');
  // A change of hands is no loss.
  await env.db
    .insertInto('group_memberships')
    .values({ group_id: group.id, user_id: ada.id, source: 'DIRECT', created: env.now() })
    .execute();
  const handed = 'gatehouse: 1\nroles: [{ type: SUPER_ADMIN, groups: [Admins] }]\nadministrators: []\n';
  await apply(env, handed);
  expect(await apply(env, handed)).toEqual([]);
});

test('a role over single objects is neither written down nor touched: named, it would open all', async () => {
  const env = await newOrg();
  const group = await createGroup(env, { name: 'Helpers' });
  const { id } = await assignRole(env, { groupId: group.id, type: 'HELP_DESK_ADMIN' });
  await env.db.updateTable('role_assignments').set({ limited: 1 }).where('id', '=', id).execute();
  expect((await exportConfiguration(env, { users: true })).roles).toEqual([]);
  expect(await apply(env, 'gatehouse: 1\nroles: []\nadministrators: []\n')).toEqual([]);
  expect(await env.db.selectFrom('role_assignments').select(['id', 'limited']).execute()).toEqual([{ id, limited: 1 }]);
});
