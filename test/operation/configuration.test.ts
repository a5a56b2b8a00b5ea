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

test('an org is exported, planned and applied, beside the server that serves it', { timeout: 60_000 }, async () => {
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

test.each([
  [['apply'], 'apply needs a file'],
  [['aply', 'x'], "There is no command 'aply'"],
  [['export', '--secrets'], '--secrets'],
])('%j ends with one error and code 1', async (args, message) => {
  const { ended, stderr } = run(temporaryFolder(), await emptyDatabase(), args);
  expect(await ended).toBe(1);
  expect(stderr()).toContain(message);
});
