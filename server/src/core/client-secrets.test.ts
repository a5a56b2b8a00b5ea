import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Application } from './applications.ts';
import { createApplication } from './change-applications.ts';
import {
  addSecret,
  checkClientSecret,
  deleteSecret,
  readSecrets,
  secretHash,
  setSecretStatus,
} from './client-secrets.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
let client: Application;
let first: string;
beforeEach(async () => {
  world = await createTestEnv();
  const made = await createApplication(
    world.env,
    {
      label: 'Service',
      signOnMode: 'OPENID_CONNECT',
      oauthClient: { settings: { application_type: 'service' }, credentials: {} },
    },
    'ACTIVE',
  );
  client = made.application as Application;
  first = made.clientSecret ?? '';
});
afterEach(() => world.close());

describe('the secrets of an application', () => {
  it('all work while they are active', async () => {
    const second = await addSecret(world.env, client.id, {});
    expect(second.secret).toMatch(/^[\w-]{64}$/);
    expect(await checkClientSecret(world.env, client, first)).toBe(true);
    expect(await checkClientSecret(world.env, client, second.secret)).toBe(true);
    await setSecretStatus(world.env, client.id, second.id, 'INACTIVE');
    expect(await checkClientSecret(world.env, client, second.secret)).toBe(false);
    await setSecretStatus(world.env, client.id, second.id, 'ACTIVE');
    expect(await checkClientSecret(world.env, client, second.secret)).toBe(true);
  });

  it('are refused in every other spelling', async () => {
    const wrong = [
      '',
      first.slice(1),
      `${first} `,
      first.toUpperCase(),
      first.toLowerCase(),
      `${first}\0`,
      'undefined',
    ];
    for (const secret of wrong.filter((one) => one !== first))
      expect(await checkClientSecret(world.env, client, secret)).toBe(false);
  });

  it('are at most two, even when four are added at once', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => addSecret(world.env, client.id, {})));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readSecrets(world.env, client)).toHaveLength(2);
    await expect(addSecret(world.env, client.id, {})).rejects.toThrow(/at most 2/);
  });

  it('never lose the last active one, even when both are deactivated at once', async () => {
    const [one] = await readSecrets(world.env, client);
    await expect(setSecretStatus(world.env, client.id, one?.id ?? '', 'INACTIVE')).rejects.toThrow(/only active/);
    const two = await addSecret(world.env, client.id, {});
    const outcomes = await Promise.allSettled(
      [one?.id ?? '', two.id].map((id) => setSecretStatus(world.env, client.id, id, 'INACTIVE')),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('are deleted only when inactive', async () => {
    const two = await addSecret(world.env, client.id, { value: 'a-chosen-secret-value', status: 'INACTIVE' });
    expect(await checkClientSecret(world.env, client, 'a-chosen-secret-value')).toBe(false);
    const [one] = await readSecrets(world.env, client);
    await expect(deleteSecret(world.env, client.id, one?.id ?? '')).rejects.toThrow(/cannot be deleted/);
    await deleteSecret(world.env, client.id, two.id);
    await expect(deleteSecret(world.env, client.id, two.id)).rejects.toThrow('E0000007');
  });

  it('belong to one application', async () => {
    const other = await createApplication(
      world.env,
      {
        label: 'Other',
        signOnMode: 'OPENID_CONNECT',
        oauthClient: { settings: { application_type: 'service' }, credentials: {} },
      },
      'ACTIVE',
    );
    expect(await checkClientSecret(world.env, other.application as Application, first)).toBe(false);
    const [one] = await readSecrets(world.env, client);
    await expect(setSecretStatus(world.env, other.application.id, one?.id ?? '', 'INACTIVE')).rejects.toThrow(
      'E0000007',
    );
  });

  it('cannot be moved to another row of the database', async () => {
    const two = await addSecret(world.env, client.id, {});
    const rows = await world.env.db.selectFrom('client_secrets').selectAll().execute();
    const sealed = rows.find(({ id }) => id !== two.id)?.sealed_secret ?? '';
    await world.env.db.updateTable('client_secrets').set({ sealed_secret: sealed }).where('id', '=', two.id).execute();
    await expect(readSecrets(world.env, client)).rejects.toThrow();
  });

  it('are told apart by a digest that tells nothing', async () => {
    const [one] = await readSecrets(world.env, client);
    expect(one && secretHash(world.env, one)).toMatch(/^[\w-]{22}$/);
  });

  it('appear in no event', async () => {
    const two = await addSecret(world.env, client.id, {});
    const events = JSON.stringify(await world.env.db.selectFrom('system_log').selectAll().execute());
    expect(events).toContain('app.oauth2.credentials.lifecycle.create');
    for (const secret of [first, two.secret]) expect(events).not.toContain(secret);
  });
});
