import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorizationServer, orgAuthorizationServer } from './authorization-servers.ts';
import {
  createScope,
  deleteScope,
  getScope,
  insertSystemScopes,
  listScopes,
  type ScopeInput,
  updateScope,
} from './scopes.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
let server: AuthorizationServer;
beforeEach(async () => {
  world = await createTestEnv();
  // Without keys, which cost time and are not asked here.
  server = { ...orgAuthorizationServer(world.env), id: 'aus1', kind: 'custom', pathId: 'aus1', name: 'one' };
  await insertSystemScopes(world.env, server);
});
afterEach(() => world.close());

const inputOf = (name: string, parts: Partial<ScopeInput> = {}): ScopeInput => ({
  name,
  displayName: null,
  description: null,
  metadataPublish: 'NO_CLIENTS',
  consent: 'IMPLICIT',
  optional: false,
  default: false,
  ...parts,
});

async function idOf(name: string): Promise<string> {
  return (await listScopes(world.env, server)).find((scope) => scope.name === name)?.id ?? '';
}

describe('a scope', () => {
  it.each(['read', 'api:read', 'https://api.example.com/read', 'a<b', 'a>b', "it's", 'oktax'])(
    'may be called %s',
    async (name) => {
      expect(await createScope(world.env, server, inputOf(name))).toMatchObject({ name, system: false });
    },
  );

  it.each([
    'a b',
    'a"b',
    'a\\b',
    'ünï',
    'okta',
    'OKTA',
    '*',
    'okta.users.read',
    'okta:x',
    'Okta.x',
    '<a>',
    'a\n',
    'a\u007f',
  ])('cannot be called %j', async (name) => {
    const refusal = { code: 'E0000001', subject: 'name' };
    await expect(createScope(world.env, server, inputOf(name))).rejects.toMatchObject(refusal);
    const { id } = await createScope(world.env, server, inputOf('fine'));
    await expect(updateScope(world.env, server, id, inputOf(name))).rejects.toMatchObject(refusal);
  });

  it('has a name of its own on its server', async () => {
    const refusal = {
      code: 'E0000001',
      causes: ['name: An object with this field already exists in the current organization'],
    };
    await createScope(world.env, server, inputOf('read'));
    await expect(createScope(world.env, server, inputOf('read'))).rejects.toMatchObject(refusal);
    await expect(createScope(world.env, server, inputOf('openid'))).rejects.toMatchObject(refusal);
    const { id } = await createScope(world.env, server, inputOf('write'));
    await expect(updateScope(world.env, server, id, inputOf('read'))).rejects.toMatchObject(refusal);
  });

  it('is listed behind the system ones, in the order of making', async () => {
    for (const name of ['z', 'a']) {
      await createScope(world.env, server, inputOf(name));
      world.advance(1);
    }
    expect((await listScopes(world.env, server)).map(({ name }) => name).slice(-3)).toEqual(['device_sso', 'z', 'a']);
  });

  it('of another server is not found', async () => {
    const { id } = await createScope(world.env, server, inputOf('read'));
    const other = { ...server, id: 'aus2' };
    await expect(getScope(world.env, other, id)).rejects.toMatchObject({ code: 'E0000007' });
    await expect(deleteScope(world.env, other, id)).rejects.toMatchObject({ code: 'E0000007' });
  });

  it('loses what people consented to when it is deleted or renamed', async () => {
    const consents = async () =>
      (await world.env.db.selectFrom('consents').select('scope').execute()).map((row) => row.scope);
    const row = {
      user_id: 'u',
      client_id: 'c',
      authorization_server_id: server.id,
      status: 'ACTIVE',
      created: 1,
      last_updated: 1,
    };
    for (const scope of ['read', 'write', 'keep'])
      await world.env.db
        .insertInto('consents')
        .values({ ...row, id: scope, scope })
        .execute();
    const read = await createScope(world.env, server, inputOf('read'));
    const write = await createScope(world.env, server, inputOf('write'));
    await deleteScope(world.env, server, read.id);
    await updateScope(world.env, server, write.id, inputOf('write2'));
    expect(await consents()).toEqual(['keep']);
  });
});

describe('a system scope', () => {
  it('may ask for consent', async () => {
    const id = await idOf('email');
    const changed = await updateScope(world.env, server, id, inputOf('email', { consent: 'REQUIRED' }));
    expect(changed).toMatchObject({ consent: 'REQUIRED', system: true });
  });

  it('cannot be renamed, made a default, or deleted', async () => {
    const id = await idOf('email');
    const refusal = { code: 'E0000001' };
    await expect(updateScope(world.env, server, id, inputOf('mail'))).rejects.toMatchObject(refusal);
    await expect(updateScope(world.env, server, id, inputOf('email', { default: true }))).rejects.toMatchObject(
      refusal,
    );
    await expect(deleteScope(world.env, server, id)).rejects.toMatchObject(refusal);
  });
});
