import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGrant, deleteGrant, grantedScopes, listGrants } from './application-grants.ts';
import { createApplication } from './change-applications.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
let id: string;
beforeEach(async () => {
  world = await createTestEnv();
  const oauthClient = { settings: { application_type: 'service' as const }, credentials: {} };
  id = (await createApplication(world.env, { label: 'Service', signOnMode: 'OPENID_CONNECT', oauthClient }, 'ACTIVE'))
    .application.id;
});
afterEach(() => world.close());

const issuer = 'https://sso.example.com';

describe('the scopes granted to an application', () => {
  it('are those of the org that were granted and not taken back', async () => {
    expect(await grantedScopes(world.env, id)).toEqual([]);
    const users = await createGrant(world.env, id, { scopeId: 'okta.users.read', issuer });
    await createGrant(world.env, id, { scopeId: 'okta.apps.manage', issuer });
    expect(users).toMatchObject({ id: expect.stringMatching(/^oag\w{17}$/), status: 'ACTIVE', issuer });
    expect(await grantedScopes(world.env, id)).toEqual(['okta.apps.manage', 'okta.users.read']);
    await deleteGrant(world.env, id, users.id);
    expect(await grantedScopes(world.env, id)).toEqual(['okta.apps.manage']);
    await expect(deleteGrant(world.env, id, users.id)).rejects.toThrow('E0000007');
  });

  it('are granted once, even by two at the same time', async () => {
    const grant = () => createGrant(world.env, id, { scopeId: 'okta.users.read', issuer });
    const outcomes = await Promise.allSettled([grant(), grant()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await listGrants(world.env, id)).toHaveLength(1);
    await expect(grant()).rejects.toThrow(/already granted/);
  });

  it('are scopes of this org and nothing else', async () => {
    await expect(createGrant(world.env, id, { scopeId: 'openid', issuer })).rejects.toThrow(/E0000001 scopeId/);
    await expect(
      createGrant(world.env, id, { scopeId: 'okta.users.read', issuer: 'https://evil.example' }),
    ).rejects.toThrow(/E0000001 issuer/);
  });
});
