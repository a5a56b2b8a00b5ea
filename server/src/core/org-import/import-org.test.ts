import { expect, test } from 'vitest';
import { apply, newOrg, textOf } from '../configuration/test-org.ts';
import type { Env } from '../env.ts';
import { importOrg, planImport } from './import-org.ts';
import type { ReadOrg } from './read-org.ts';
import { createReport, printReport } from './report.ts';

const GROUP = `00g${'1'.repeat(17)}`;
const GONE = `00g${'9'.repeat(17)}`;
const nothing: ReadOrg = {
  ...{ userTypes: [], groupSchema: null, groups: [], users: [], groupRules: [], zones: [], trustedOrigins: [] },
  ...{
    identityProviders: [],
    eventHooks: [],
    inlineHooks: [],
    policies: [],
    applications: [],
    authorizationServers: [],
  },
};

const other: ReadOrg = {
  ...nothing,
  groups: [{ group: { id: GROUP, type: 'OKTA_GROUP', profile: { name: 'Buyers' } }, memberIds: ['00u1', '00u2'] }],
  users: [
    { id: '00u1', status: 'ACTIVE', profile: { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada' } },
    { id: '00u2', status: 'DEPROVISIONED', profile: { login: 'old@example.com', email: 'old@example.com' } },
    { id: '00u3', status: 'ACTIVE', profile: { login: 'odd@example.com', email: 'no address' } },
  ],
  groupRules: [
    {
      name: 'Kept',
      status: 'ACTIVE',
      conditions: { expression: { value: `isMemberOfAnyGroup("${GROUP}")` } },
      actions: { assignUserToGroups: { groupIds: [GROUP] } },
    },
    {
      name: 'Half',
      status: 'ACTIVE',
      conditions: { expression: { value: 'user.firstName == "Ada"' }, people: { groups: { exclude: [GONE] } } },
      actions: { assignUserToGroups: { groupIds: [GROUP] } },
    },
    {
      name: 'Odd',
      status: 'ACTIVE',
      conditions: { expression: { value: 'nobody.knows(this)' } },
      actions: { assignUserToGroups: { groupIds: [GROUP] } },
    },
  ],
  zones: [
    {
      id: 'nzo1',
      name: 'Good',
      type: 'IP',
      status: 'ACTIVE',
      usage: 'POLICY',
      gateways: [{ type: 'CIDR', value: '192.0.2.0/24' }],
    },
    {
      id: 'nzo2',
      name: 'Bad',
      type: 'IP',
      status: 'ACTIVE',
      usage: 'POLICY',
      gateways: [{ type: 'CIDR', value: 'nowhere' }],
    },
  ],
  policies: [
    {
      policy: {
        id: '00p1',
        type: 'OKTA_SIGN_ON',
        name: 'Buyers',
        status: 'ACTIVE',
        conditions: { people: { groups: { include: [GROUP] } } },
      },
      rules: [
        {
          id: '0pr1',
          name: 'At home',
          status: 'ACTIVE',
          conditions: { network: { connection: 'ZONE', include: ['nzo1'] } },
          actions: {},
        },
        {
          id: '0pr2',
          name: 'Somewhere',
          status: 'ACTIVE',
          conditions: { people: { groups: { include: [GONE] } } },
          actions: {},
        },
      ],
    },
  ],
  applications: [
    {
      ...emptyApplication(),
      application: {
        id: '0oa3',
        label: 'Tiny',
        signOnMode: 'OPENID_CONNECT',
        credentials: { oauthClient: { client_id: 'tiny', token_endpoint_auth_method: 'none' } },
        settings: { oauthClient: { application_type: 'browser' } },
      },
    },
    { ...emptyApplication(), application: { id: '0oa1', label: 'Mail', signOnMode: 'BOOKMARK', status: 'ACTIVE' } },
    {
      ...emptyApplication(),
      application: {
        id: '0oa2',
        label: 'Shop',
        signOnMode: 'OPENID_CONNECT',
        status: 'ACTIVE',
        credentials: { oauthClient: { client_id: 'shop-client', token_endpoint_auth_method: 'client_secret_basic' } },
        settings: {
          oauthClient: {
            application_type: 'web',
            redirect_uris: ['https://shop.example/cb'],
            grant_types: ['authorization_code'],
            response_types: ['code'],
          },
        },
      },
      users: [{ id: '00u1', scope: 'USER', credentials: { userName: 'ada' }, profile: {} }],
    },
  ],
  authorizationServers: [
    {
      server: { id: 'aus1', name: 'orders', audiences: ['api://orders'], status: 'ACTIVE' },
      scopes: [{ name: 'orders.read' }],
      claims: [{ name: 'odd', claimType: 'RESOURCE', valueType: 'EXPRESSION', value: 'nobody.knows(this)' }],
      policies: [
        {
          policy: {
            name: 'P',
            status: 'ACTIVE',
            conditions: { clients: { include: ['shop-client', 'tiny', 'lost'] } },
          },
          rules: [
            {
              name: 'R',
              status: 'ACTIVE',
              conditions: {
                people: { groups: { include: [GROUP, GONE] } },
                grantTypes: { include: ['authorization_code'] },
                scopes: { include: ['*'] },
              },
              actions: { token: { accessTokenLifetimeMinutes: 30 } },
            },
          ],
        },
      ],
      trusted: [],
    },
  ],
};

function emptyApplication() {
  return { schema: null, groups: [], users: [], grants: [], idToken: null };
}

async function carried(env: Env, how: typeof importOrg, org: ReadOrg = other) {
  const outcome = await how(env, org, { note: () => {}, report: createReport() });
  return { ...outcome, printed: printReport(outcome.remarks) };
}

test('what names something lost is inactive, what is refused is reported, and the rest comes along', async () => {
  const env = await newOrg();
  const { people, printed } = await carried(env, importOrg);
  expect(people).toEqual({ added: 1, memberships: 1, assignments: 1 });
  const rules = await env.db.selectFrom('group_rules').select(['name', 'status']).orderBy('name').execute();
  expect(rules).toEqual([
    { name: 'Half', status: 'INACTIVE' },
    { name: 'Kept', status: 'ACTIVE' },
  ]);
  const policyRules = await env.db
    .selectFrom('policy_rules')
    .select(['name', 'status'])
    .where('name', 'in', ['At home', 'Somewhere', 'R'])
    .orderBy('name')
    .execute();
  expect(policyRules).toEqual([
    { name: 'At home', status: 'ACTIVE' },
    { name: 'R', status: 'INACTIVE' },
    { name: 'Somewhere', status: 'INACTIVE' },
  ]);
  const [user] = await env.db.selectFrom('users').select(['login', 'status', 'password_hash']).execute();
  expect(user).toEqual({ login: 'ada@example.com', status: 'STAGED', password_hash: null });
  for (const said of [
    'old@example.com',
    'odd@example.com',
    'nowhere',
    'tiny',
    'client lost',
    'BOOKMARK',
    'client secret',
    'Odd',
    'odd of orders',
  ])
    expect(printed).toContain(said);
  expect(printed).toContain(`group ${GONE}`);
});

test('a second time it goes on: nothing is there twice, and what was added here meanwhile stays', async () => {
  const env = await newOrg();
  await carried(env, importOrg);
  await apply(env, (await textOf(env)).replace('groups:\n', 'groups:\n  - name: Ours\n'));
  const before = await textOf(env, true);
  expect(before).toContain('name: Ours');
  const { changes, people } = await carried(env, importOrg);
  expect(changes).toEqual([]);
  expect(people).toEqual({ added: 0, memberships: 0, assignments: 0 });
  expect(await textOf(env, true)).toBe(before);
});

test('a plan says what the import then does, and changes nothing', async () => {
  const env = await newOrg();
  const before = await textOf(env, true);
  const planned = await carried(env, planImport);
  expect(await textOf(env, true)).toBe(before);
  const done = await carried(env, importOrg);
  expect(done.changes).toEqual(planned.changes);
  expect(done.people).toEqual(planned.people);
  expect(done.printed).toBe(planned.printed);
});

test('nobody becomes an administrator here by being in a group of the same name there', async () => {
  const env = await newOrg();
  await apply(env, 'gatehouse: 1\ngroups: [{ name: Buyers }]\nroles: [{ type: SUPER_ADMIN, groups: [Buyers] }]\n');
  const { people, printed } = await carried(env, importOrg);
  expect(people.memberships).toBe(0);
  expect(printed).toContain('nobody was put into it');
  const held = await env.db
    .selectFrom('group_memberships')
    .select('source')
    .where('source', '!=', 'EVERYONE')
    .execute();
  expect(held).toEqual([]);
});
