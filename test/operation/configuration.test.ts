// Configuration as code at the command line: export, plan, apply, beside a running server.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyDatabase, run, temporaryFolder } from './process.ts';

const TOKEN = 'a-token-for-configuration-as-code-000';
const FILE = `
gatehouse: 1
groups: [{ name: Buyers }]
applications:
  - clientId: shop-client
    label: Shop
    groups: [{ name: Buyers }]
    oauthClient: { application_type: web, redirect_uris: [https://shop.example/callback] }
`;

test('an org is exported, planned and applied, beside the server that serves it', { timeout: 180_000 }, async () => {
  const folder = temporaryFolder();
  const settings = { ...(await emptyDatabase()), PORT: '0', GATEHOUSE_API_TOKEN: TOKEN };
  const command = async (...args: string[]) => {
    const one = run(folder, settings, args);
    return { code: await one.ended, out: one.stdout(), err: one.stderr() };
  };
  writeFileSync(join(folder, 'org.yaml'), FILE);
  const server = run(folder, settings, ['serve']);
  const [, url] = await server.said(/ready at (\S+)/);
  const apps = async () => {
    const answer = await fetch(`${url}/api/v1/apps?q=Shop`, { headers: { authorization: `SSWS ${TOKEN}` } });
    return (await answer.json()) as { label: string }[];
  };

  const plan = await command('apply', '--plan', 'org.yaml');
  expect(plan).toMatchObject({ code: 0, err: '' });
  expect(plan.out).toContain('+ applications: Shop (shop-client)');
  expect(plan.out).toContain('2 to add, 0 to change, 0 to remove.');
  expect(await apps()).toEqual([]);

  expect((await command('apply', 'org.yaml')).code).toBe(0);
  expect(await apps()).toMatchObject([{ label: 'Shop' }]);
  expect(await command('apply', 'org.yaml')).toEqual({ code: 0, out: 'Nothing differs.\n', err: '' });

  const exported = await command('export');
  expect(exported.out).toContain('clientId: shop-client');
  expect(exported.out).not.toMatch(/client_secret:|sealed|password_hash/);
  writeFileSync(join(folder, 'exported.yaml'), exported.out);
  expect((await command('apply', '--plan', 'exported.yaml')).out).toBe('Nothing differs.\n');
  expect((await command('export')).out).toBe(exported.out);
});

const ORG = `
gatehouse: 1
userTypes: [{ name: contractor, displayName: Contractor, attributes: [{ name: agency, title: Agency, type: string }] }]
groupAttributes: { attributes: [{ name: costCenter, title: Cost center, type: string }] }
groups: [{ name: Buyers, profile: { costCenter: C-1 } }, { name: Reds }]
users:
  - { login: ada@example.com, profile: { email: ada@example.com, firstName: Ada, lastName: Byron, department: red }, groups: [Buyers] }
  - { login: bob@example.com, type: contractor, profile: { email: bob@example.com, firstName: Bob, lastName: B, agency: Acme } }
groupRules: [{ name: Red, expression: user.department == "red", groups: [Reds], excludedUsers: [bob@example.com] }]
networkZones: [{ name: Office, settings: { gateways: [{ type: CIDR, value: 192.0.2.0/24 }] } }]
inlineHooks: [{ name: Enrich, type: com.okta.oauth2.tokens.transform, uri: https://enrich.example/hook }]
identityProviders: [{ name: Google, type: GOOGLE, secretVariable: GOOGLE_SECRET, protocol: { credentials: { client: { client_id: g-1 } } } }]
trustedOrigins: [{ name: Shop, origin: https://shop.example, scopes: [{ type: CORS }] }]
policies:
  - type: OKTA_SIGN_ON
    name: At the office
    conditions: { people: { groups: { include: [Reds] } } }
    rules: [{ name: In, conditions: { network: { connection: ZONE, include: [Office] } } }]
  - type: ACCESS_POLICY
    name: Strict
    rules: [{ name: Reds, conditions: { people: { groups: { include: [Reds] } } }, actions: { appSignOn: { access: DENY } } }]
applications:
  - clientId: shop-client
    label: Shop
    policy: Strict
    groups: [{ name: Buyers }]
    users: [{ login: bob@example.com, userName: bobby }]
    grants: [okta.users.read]
    oauthClient: { application_type: web, redirect_uris: [https://shop.example/callback] }
authorizationServers:
  - name: default
    audience: api://default
    scopes: [{ name: orders.read, consent: REQUIRED }]
    claims: [{ name: buyer, claimType: RESOURCE, value: 'isMemberOfAnyGroup("group:Buyers")' }]
    policies: [{ name: Shop, clients: [Shop], rules: [{ name: People, grantTypes: [authorization_code], scopes: ['*'], groups: { include: [Buyers] }, inlineHook: Enrich }] }]
`;

test('one org is copied into another over the management API, as often as one likes', {
  timeout: 180_000,
}, async () => {
  const [there, here] = [temporaryFolder(), temporaryFolder()];
  const theirs = { ...(await emptyDatabase()), PORT: '0', GATEHOUSE_API_TOKEN: TOKEN, GOOGLE_SECRET: 'google-secret' };
  const ours = { ...(await emptyDatabase()), EGRESS_ALLOW: 'localhost', GATEHOUSE_IMPORT_TOKEN: TOKEN };
  const command = async (folder: string, settings: Record<string, string>, ...args: string[]) => {
    const one = run(folder, settings, args);
    return { code: await one.ended, out: one.stdout(), err: one.stderr() };
  };
  writeFileSync(join(there, 'org.yaml'), ORG);
  expect(await command(there, theirs, 'apply', 'org.yaml')).toMatchObject({ code: 0, err: '' });
  const server = run(there, theirs, ['serve']);
  const [, url = ''] = await server.said(/ready at (\S+)/);

  const planned = await command(here, ours, 'import', '--from', url, '--plan');
  expect(planned.out).toContain('+ applications: Shop (shop-client)');
  expect(planned.out).toContain('2 people, 1 memberships and 1 assignments to add.');
  expect(planned.out).not.toContain('google-secret');
  const empty = await command(here, ours, 'import', '--from', url);
  expect(empty.err).toContain('Read 2 users');
  expect(empty.out).toBe(
    planned.out.replace('to add.\n!', 'added.\n!').replace('assignments to add', 'assignments added'),
  );
  expect(empty.out).toContain('Its client secret does not come along');

  const again = await command(here, ours, 'import', '--from', url);
  expect(again.out).toMatch(/^Nothing differs\.\n0 people, 0 memberships and 0 assignments added\./);
  const [copy, original] = [
    await command(here, ours, 'export', '--users'),
    await command(there, theirs, 'export', '--users'),
  ];
  expect(copy.out).toBe(original.out);
  expect(copy.out).toContain('userName: bobby');
});

test.each([
  [['apply'], 'apply needs a file'],
  [['aply', 'x'], "There is no command 'aply'"],
  [['import', '--plan'], 'import needs an org'],
  [['import', '--from', 'http://localhost:1', '--token', 'x'], 'EGRESS_ALLOW'],
  [['export', '--secrets'], '--secrets'],
])('%j ends with one error and code 1', async (args, message) => {
  const { ended, stderr } = run(temporaryFolder(), await emptyDatabase(), args);
  expect(await ended).toBe(1);
  expect(stderr()).toContain(message);
});
