import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGroup, ensureEveryone, type Group, listGroupIdsOfUser } from '../groups.ts';
import { createIdentityProvider, type IdentityProvider } from '../identity-providers.ts';
import { assignRole } from '../roles.ts';
import { createTestEnv, type TestEnv } from '../test-env.ts';
import { createUser } from '../users.ts';
import { accountFor } from './accounts.ts';
import { identityOf } from './external-identity.ts';

let world: TestEnv;
let admins: Group;
let provider: IdentityProvider;

beforeEach(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
  admins = await createGroup(world.env, { name: 'Admins' });
  provider = await createIdentityProvider(world.env, {
    name: 'Partner',
    type: 'OIDC',
    issuerMode: 'ORG_URL',
    protocol: {
      issuer: { url: 'https://id.example.net' },
      endpoints: Object.fromEntries(
        ['authorization', 'token', 'jwks'].map((name) => [name, { url: `https://id.example.net/${name}` }]),
      ),
      credentials: { client: { client_id: 'us', client_secret: 'secret' } },
    },
    policy: {
      provisioning: {
        action: 'AUTO',
        groups: { action: 'SYNC', sourceAttributeName: 'teams', filter: [admins.id] },
      },
    },
    status: undefined,
  });
});
afterEach(() => world.close());

async function groupsAfter(teams: string[]): Promise<string[]> {
  const claims = { sub: '7', email: 'ada@example.com', email_verified: true, teams };
  const outcome = await accountFor(world.env, provider, identityOf('OIDC', claims));
  if ('problem' in outcome) throw new Error(outcome.problem);
  return listGroupIdsOfUser(world.env, outcome.user.id);
}

test('whom a provider no longer names leaves the group, but for the last who can administer the org', async () => {
  expect(await groupsAfter(['ADMINS'])).toContain(admins.id);
  await assignRole(world.env, { groupId: admins.id, type: 'SUPER_ADMIN' });
  expect(await groupsAfter([])).toContain(admins.id);
  const profile = { login: 'bob@example.com', email: 'bob@example.com' };
  const bob = await createUser(world.env, { profile, password: 'Correct-Horse-7' });
  await assignRole(world.env, { userId: bob.id, type: 'SUPER_ADMIN' });
  expect(await groupsAfter([])).not.toContain(admins.id);
});
