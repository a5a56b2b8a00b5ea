import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorizationServer, orgAuthorizationServer } from './authorization-servers.ts';
import {
  type Claim,
  type ClaimInput,
  createClaim,
  deleteClaim,
  insertSystemClaims,
  listClaims,
  updateClaim,
} from './claims.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
let server: AuthorizationServer;
beforeEach(async () => {
  world = await createTestEnv();
  // Without keys, which cost time and are not asked here.
  server = { ...orgAuthorizationServer(world.env), id: 'aus1', kind: 'custom', pathId: 'aus1', name: 'one' };
  await insertSystemClaims(world.env, server);
});
afterEach(() => world.close());

const inputOf = (parts: Partial<ClaimInput> = {}): ClaimInput => ({
  name: 'department',
  status: undefined,
  claimType: 'IDENTITY',
  valueType: 'EXPRESSION',
  value: 'user.department',
  groupFilterType: null,
  scopes: [],
  alwaysIncludeInToken: false,
  ...parts,
});

async function systemClaim(name: string): Promise<Claim> {
  const claim = (await listClaims(world.env, server)).find((claim) => claim.name === name && claim.system);
  if (!claim) throw new Error(`No system claim ${name}`);
  return claim;
}

const refused = (subject: string) => ({ code: 'E0000001', subject });

describe('a claim', () => {
  it('of access tokens is always included', async () => {
    const made = await createClaim(world.env, server, inputOf({ claimType: 'RESOURCE' }));
    expect(made).toMatchObject({ alwaysIncludeInToken: true, status: 'ACTIVE', system: false });
  });

  it('has one name for each kind of token', async () => {
    await createClaim(world.env, server, inputOf());
    await expect(createClaim(world.env, server, inputOf())).rejects.toMatchObject(refused('name'));
    await createClaim(world.env, server, inputOf({ claimType: 'RESOURCE' }));
  });

  it.each(['iss', 'aud', 'exp', 'iat', 'jti', 'scp', 'cid', 'uid', 'ver', 'cnf', 'auth_time'])(
    'cannot say %s for an access token',
    async (name) => {
      const wanted = inputOf({ name, claimType: 'RESOURCE' });
      await expect(createClaim(world.env, server, wanted)).rejects.toMatchObject(refused('name'));
    },
  );

  it.each(['sub', 'iss', 'aud', 'exp', 'amr', 'idp', 'nonce', 'at_hash', 'c_hash', 'sid'])(
    'cannot say %s for an ID token, not even by renaming',
    async (name) => {
      await expect(createClaim(world.env, server, inputOf({ name }))).rejects.toMatchObject(refused('name'));
      const { id } = await createClaim(world.env, server, inputOf({ name: 'fine' }));
      await expect(updateClaim(world.env, server, id, inputOf({ name }))).rejects.toMatchObject(refused('name'));
    },
  );

  it('needs a value, a filter for groups, and cannot be made of type SYSTEM', async () => {
    const create = (parts: Partial<ClaimInput>) => createClaim(world.env, server, inputOf(parts));
    await expect(create({ value: null })).rejects.toMatchObject(refused('value'));
    await expect(create({ valueType: 'GROUPS' })).rejects.toMatchObject(refused('group_filter_type'));
    await expect(create({ valueType: 'SYSTEM', value: null })).rejects.toMatchObject(refused('valueType'));
  });

  it('forgets a filter that is not for groups', async () => {
    expect((await createClaim(world.env, server, inputOf({ groupFilterType: 'EQUALS' }))).groupFilterType).toBeNull();
  });

  it('keeps its status when a replacement does not name it', async () => {
    const { id } = await createClaim(world.env, server, inputOf({ status: 'INACTIVE' }));
    expect((await updateClaim(world.env, server, id, inputOf())).status).toBe('INACTIVE');
  });

  it('is deleted for good', async () => {
    const { id } = await createClaim(world.env, server, inputOf());
    await deleteClaim(world.env, server, id);
    expect(await listClaims(world.env, server)).toHaveLength(19);
  });
});

describe('a system claim', () => {
  it('may be turned off or be always included, and nothing else of it changes', async () => {
    const address = await systemClaim('address');
    const changed = await updateClaim(world.env, server, address.id, {
      ...address,
      status: 'INACTIVE',
      alwaysIncludeInToken: true,
      scopes: [],
    });
    expect(changed).toEqual({ ...address, status: 'INACTIVE', alwaysIncludeInToken: true });
    for (const change of [{ name: 'adr' }, { claimType: 'RESOURCE' }, { valueType: 'EXPRESSION' }] as const)
      await expect(updateClaim(world.env, server, address.id, { ...address, ...change })).rejects.toMatchObject({
        code: 'E0000001',
      });
  });

  it('of access tokens, sub, may have another expression', async () => {
    const sub = await systemClaim('sub');
    const changed = await updateClaim(world.env, server, sub.id, { ...sub, value: 'user.email' });
    expect(changed).toEqual({ ...sub, value: 'user.email' });
    await expect(updateClaim(world.env, server, sub.id, { ...sub, value: '' })).rejects.toMatchObject(refused('value'));
  });

  it('cannot be deleted', async () => {
    const { id } = await systemClaim('email');
    await expect(deleteClaim(world.env, server, id)).rejects.toMatchObject(refused('claim'));
  });
});
