import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { userActor } from './actors.ts';
import { createGrant } from './application-grants.ts';
import type { Application } from './applications.ts';
import {
  createApplication,
  deleteApplication,
  replaceApplication,
  setApplicationStatus,
} from './change-applications.ts';
import { addClientKey } from './change-client-keys.ts';
import { addSecret, readSecret, readSecrets } from './client-secrets.ts';
import type { Env } from './env.ts';
import { ensureEveryone } from './groups.ts';
import { assignRole, type RoleType } from './roles.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { createUser } from './users.ts';

let world: TestEnv;
let privileged: Application;
let ordinary: Application;
beforeEach(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
  const make = async (label: string) => {
    const oauthClient = { settings: { application_type: 'service' as const }, credentials: {} };
    const made = await createApplication(world.env, { label, signOnMode: 'OPENID_CONNECT', oauthClient }, 'ACTIVE');
    return made.application as Application;
  };
  privileged = await make('Automation');
  ordinary = await make('Service');
  await assignRole(world.env, { clientId: privileged.client_id, type: 'SUPER_ADMIN' });
});
afterEach(() => world.close());

async function as(type: RoleType): Promise<Env> {
  const login = `${type.toLowerCase()}@example.com`;
  const user = await createUser(world.env, { profile: { login, email: login, firstName: 'A', lastName: 'B' } });
  await assignRole(world.env, { userId: user.id, type });
  return { ...world.env, actor: userActor(user) };
}

const input = { label: 'x', signOnMode: 'OPENID_CONNECT', oauthClient: { settings: {}, credentials: {} } } as const;
const ways: [string, (env: Env, application: Application) => Promise<unknown>][] = [
  ['read its secrets', (env, application) => readSecrets(env, application)],
  ['read one secret', (env, application) => readSecret(env, application, 'ocs00000000000000000')],
  ['add a secret', (env, { id }) => addSecret(env, id, {})],
  ['replace it', (env, { id }) => replaceApplication(env, id, input)],
  [
    'add a key',
    (env, { id }) => addClientKey(env, id, { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(256, 1).toString('base64url') }),
  ],
  ['grant it a scope', (env, { id }) => createGrant(env, id, { scopeId: 'okta.users.manage', issuer: env.config.url })],
  ['deactivate it', (env, { id }) => setApplicationStatus(env, id, 'INACTIVE')],
  ['delete it', (env, { id }) => deleteApplication(env, id)],
];

describe('an application that holds an administrator role', () => {
  it.each(ways)('lets no lesser administrator %s', async (_, act) => {
    for (const type of ['APP_ADMIN', 'ORG_ADMIN'] as const)
      await expect(act(await as(type), privileged)).rejects.toThrow('E0000006');
  });

  it('is left to those who may hand out roles', async () => {
    const env = await as('SUPER_ADMIN');
    await readSecrets(env, privileged);
    await addSecret(env, privileged.id, {});
    await setApplicationStatus(env, privileged.id, 'INACTIVE');
  });
});

describe('an application without a role', () => {
  it('is left to those who may manage applications', async () => {
    const env = await as('APP_ADMIN');
    await readSecrets(env, ordinary);
    await addSecret(env, ordinary.id, {});
    await setApplicationStatus(env, ordinary.id, 'INACTIVE');
    await deleteApplication(env, ordinary.id);
  });
});
