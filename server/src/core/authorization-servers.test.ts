import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toJson } from '../storage/schema.ts';
import type { TableName } from '../storage/tables.ts';
import type { Application } from './applications.ts';
import {
  type AuthorizationServer,
  activateAuthorizationServer,
  createAuthorizationServer,
  deactivateAuthorizationServer,
  deleteAuthorizationServer,
  ensureDefaultServers,
  findAuthorizationServer,
  getAuthorizationServer,
  listAuthorizationServers,
  orgAuthorizationServer,
  updateAuthorizationServer,
} from './authorization-servers.ts';
import { createClaim, listClaims } from './claims.ts';
import { judgeRequest } from './judgement.ts';
import { rotateSigningKeys } from './key-rotation.ts';
import { createPolicy, deactivatePolicy, listPolicies } from './policies/policies.ts';
import { createRule, listRules } from './policies/policy-rules.ts';
import { createScope, listScopes } from './scopes.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

/** What a client that acts for itself is told. */
function ask(server: AuthorizationServer, scopes: string[] | null) {
  const settings = { implicitAssignment: false, oauthClient: { grant_types: [] } };
  const application = { client_id: 'c', settings } as unknown as Application;
  return judgeRequest(
    world.env,
    { server, application },
    { user: null, scopes, policyGrantType: 'client_credentials' },
  );
}

const inputOf = (name: string, parts: Partial<Pick<AuthorizationServer, 'issuerMode' | 'rotationMode'>> = {}) => ({
  name,
  description: null,
  audience: `api://${name}`,
  issuerMode: parts.issuerMode,
  rotationMode: parts.rotationMode,
});

const newServer = (name = 'one') => createAuthorizationServer(world.env, inputOf(name));

const rule = {
  name: 'all',
  conditions: {
    people: { users: { include: [], exclude: [] }, groups: { include: ['EVERYONE'], exclude: [] } },
    grantTypes: { include: ['client_credentials'] },
    scopes: { include: ['*'] },
  },
  token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
  status: undefined,
  priority: undefined,
};
const policy = { name: 'p', description: 'p', clients: ['ALL_CLIENTS'], status: undefined, priority: undefined };

async function eventTypes(): Promise<string[]> {
  const rows = await world.env.db.selectFrom('system_log').select('event_type').orderBy('published').execute();
  return rows.map(({ event_type }) => event_type);
}

async function count(table: TableName): Promise<number> {
  const { n } = await world.env.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

describe('a new authorization server', () => {
  it('has seven system scopes, nineteen system claims, no policy, and is active', async () => {
    const server = await newServer();
    expect(server).toMatchObject({ kind: 'custom', pathId: server.id, issuerMode: 'ORG_URL', status: 'ACTIVE' });
    expect((await listScopes(world.env, server)).map(({ name }) => name)).toEqual([
      ...['openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'device_sso'],
    ]);
    const claims = await listClaims(world.env, server);
    expect(claims).toHaveLength(19);
    expect(claims.filter(({ claimType }) => claimType === 'RESOURCE')).toMatchObject([
      { name: 'sub', valueType: 'EXPRESSION', value: '(appuser != null) ? appuser.userName : app.clientId' },
    ]);
    expect(await listPolicies(world.env, server.id)).toEqual([]);
  });

  it('follows the registered domains when there are some and it is not told otherwise', async () => {
    await world.close();
    world = await createTestEnv({ settings: { GATEHOUSE_DOMAINS: 'id.example.org' } });
    expect((await newServer('dynamic')).issuerMode).toBe('DYNAMIC');
    expect((await createAuthorizationServer(world.env, inputOf('told', { issuerMode: 'ORG_URL' }))).issuerMode).toBe(
      'ORG_URL',
    );
  });

  it('cannot be for a custom domain when the organization has none', async () => {
    const refused = createAuthorizationServer(world.env, inputOf('custom', { issuerMode: 'CUSTOM_URL' }));
    await expect(refused).rejects.toMatchObject({ code: 'E0000001', subject: 'issuerMode' });
  });

  it('cannot have the name of another, and leaves nothing behind when it is refused', async () => {
    await newServer('one');
    const scopes = await count('scopes');
    await expect(newServer('one')).rejects.toMatchObject({ code: 'E0000001', subject: 'name' });
    expect(await count('scopes')).toBe(scopes);
  });

  it('writes its event with the creation', async () => {
    await newServer();
    expect(await eventTypes()).toEqual(['oauth2.as.created']);
  });
});

describe('the default authorization server', () => {
  it('is found under its id and as `default`, and lets every client have every scope for everybody', async () => {
    await ensureDefaultServers(world.env);
    const server = await getAuthorizationServer(world.env, 'default');
    expect(await getAuthorizationServer(world.env, server.id)).toEqual(server);
    expect(server).toMatchObject({ name: 'default', pathId: 'default', audience: 'api://default', isDefault: true });
    const [only, ...others] = await listPolicies(world.env, server.id);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ name: 'Default Policy', clients: ['ALL_CLIENTS'], priority: 1 });
    expect(await listRules(world.env, only?.id ?? '')).toMatchObject([{ name: 'Default Policy Rule', priority: 1 }]);
    const decision = await ask(server, ['openid']);
    expect(decision).toMatchObject({ allowed: true, scopes: ['openid'], rule: { ruleName: 'Default Policy Rule' } });
  });

  it('is made once, by whoever comes first', async () => {
    await Promise.all([1, 2, 3].map(() => ensureDefaultServers(world.env)));
    await ensureDefaultServers(world.env);
    expect(await count('authorization_servers')).toBe(1);
    expect(await count('scopes')).toBe(7);
  });

  it('cannot be deleted, active or not', async () => {
    await ensureDefaultServers(world.env);
    await expect(deleteAuthorizationServer(world.env, 'default')).rejects.toMatchObject({ code: 'E0000001' });
    await deactivateAuthorizationServer(world.env, 'default');
    await expect(deleteAuthorizationServer(world.env, 'default')).rejects.toMatchObject({ code: 'E0000001' });
  });
});

describe('the org server', () => {
  it('gives known scopes for fixed lifetimes, and has no default ones', async () => {
    const server = orgAuthorizationServer(world.env);
    expect(await ask(server, ['openid'])).toMatchObject({
      allowed: true,
      rule: null,
      scopes: ['openid'],
      lifetimes: { accessTokenMinutes: 60, refreshTokenMinutes: 129_600, refreshTokenWindowMinutes: 129_600 },
    });
    expect(await ask(server, null)).toMatchObject({ reason: 'missing_parameter', insert: 'scope' });
    const names = (await listScopes(world.env, server)).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['openid', 'groups', 'device_sso', 'okta.users.read', 'okta.apps.manage']),
    );
  });
});

describe('a change of an authorization server', () => {
  it('is seen by this process at once, however often it was asked before', async () => {
    const server = await newServer();
    expect((await findAuthorizationServer(world.env, server.id))?.audience).toBe('api://one');
    await updateAuthorizationServer(world.env, server.id, { ...inputOf('one'), audience: 'api://two' });
    expect((await findAuthorizationServer(world.env, server.id))?.audience).toBe('api://two');
    await deactivateAuthorizationServer(world.env, server.id);
    expect((await findAuthorizationServer(world.env, server.id))?.status).toBe('INACTIVE');
    await activateAuthorizationServer(world.env, server.id);
    expect((await findAuthorizationServer(world.env, server.id))?.status).toBe('ACTIVE');
  });

  it('by another process is seen after two seconds', async () => {
    const server = await newServer();
    await findAuthorizationServer(world.env, server.id);
    await world.env.db.updateTable('authorization_servers').set({ status: 'INACTIVE' }).execute();
    expect((await findAuthorizationServer(world.env, server.id))?.status).toBe('ACTIVE');
    world.advance(2001);
    expect((await findAuthorizationServer(world.env, server.id))?.status).toBe('INACTIVE');
  });

  it('keeps issuer mode and rotation mode that it does not name', async () => {
    const server = await createAuthorizationServer(
      world.env,
      inputOf('one', { issuerMode: 'DYNAMIC', rotationMode: 'MANUAL' }),
    );
    const changed = await updateAuthorizationServer(world.env, server.id, inputOf('renamed'));
    expect(changed).toMatchObject({ name: 'renamed', issuerMode: 'DYNAMIC', rotationMode: 'MANUAL' });
  });

  it('of its policies, rules or default scopes decides the very next request', async () => {
    const server = await newServer();
    const { env } = world;
    expect(await ask(server, ['openid'])).toMatchObject({ allowed: false, reason: 'no_matching_policy' });
    const made = await createPolicy(env, server, policy);
    expect(await ask(server, ['openid'])).toMatchObject({ allowed: false, reason: 'no_matching_policy' });
    await createRule(env, made, rule);
    expect(await ask(server, ['openid'])).toMatchObject({ allowed: true, rule: { policyId: made.id } });
    expect(await ask(server, ['api'])).toMatchObject({ allowed: false, reason: 'no_matching_scope' });
    expect(await ask(server, null)).toMatchObject({ allowed: false, reason: 'no_default_scopes' });
    const scope = { name: 'api', displayName: null, description: null, consent: 'IMPLICIT', optional: false } as const;
    await createScope(env, server, { ...scope, metadataPublish: 'NO_CLIENTS', default: true });
    expect(await ask(server, null)).toMatchObject({ allowed: true, scopes: ['api'] });
    await deactivatePolicy(env, server, made.id);
    expect(await ask(server, null)).toMatchObject({ allowed: false, reason: 'no_matching_policy' });
  });

  it('of its keys moves the time of the last rotation', async () => {
    const server = await newServer();
    world.advance(60_000);
    await rotateSigningKeys(world.env, server.id);
    expect((await getAuthorizationServer(world.env, server.id)).lastRotated).toBe(server.lastRotated + 60_000);
    expect(await eventTypes()).toContain('app.oauth2.as.key.rollover');
  });

  it('of a server that does not exist is E0000007', async () => {
    const refusal = { code: 'E0000007', subject: 'aus0 (AuthorizationServer)' };
    await expect(getAuthorizationServer(world.env, 'aus0')).rejects.toMatchObject(refusal);
    await expect(updateAuthorizationServer(world.env, 'aus0', inputOf('x'))).rejects.toMatchObject(refusal);
    await expect(deleteAuthorizationServer(world.env, 'aus0')).rejects.toMatchObject(refusal);
    expect(await findAuthorizationServer(world.env, 'aus0')).toBeNull();
  });
});

describe('deleting an authorization server', () => {
  it('needs it to be inactive', async () => {
    const server = await newServer();
    await expect(deleteAuthorizationServer(world.env, server.id)).rejects.toMatchObject({ code: 'E0000001' });
  });

  it('takes with it all that exists because of it, and nothing of another', async () => {
    const { env } = world;
    const other = await newServer('other');
    await createRule(env, await createPolicy(env, other, policy), rule);
    const tables = ['scopes', 'claims', 'policies', 'policy_rules', 'signing_keys'] as const;
    const before = await Promise.all(tables.map(count));

    const server = await newServer('doomed');
    await createRule(env, await createPolicy(env, server, policy), rule);
    const resource = {
      claimType: 'RESOURCE',
      valueType: 'EXPRESSION',
      groupFilterType: null,
      status: undefined,
    } as const;
    await createClaim(env, server, {
      ...resource,
      name: 'x',
      value: 'user.login',
      scopes: [],
      alwaysIncludeInToken: true,
    });
    await grantedThings(server.id);
    await deactivateAuthorizationServer(env, server.id);
    await deleteAuthorizationServer(env, server.id);

    expect(await Promise.all(tables.map(count))).toEqual(before);
    for (const table of ['authorization_codes', 'refresh_tokens', 'refresh_token_secrets', 'consents'] as const)
      expect(await count(table)).toBe(0);
    expect(await findAuthorizationServer(env, server.id)).toBeNull();
    expect(await eventTypes()).toContain('oauth2.as.deleted');
  });

  async function grantedThings(serverId: string): Promise<void> {
    const { db, now } = world.env;
    const when = { created: now(), last_updated: now() };
    const whose = { authorization_server_id: serverId, client_id: 'c', user_id: 'u' };
    await db
      .insertInto('refresh_tokens')
      .values({ ...whose, ...when, id: 'oar1', scopes: toJson([]), grant: toJson({}), status: 'ACTIVE' })
      .execute();
    await db
      .insertInto('refresh_token_secrets')
      .values({ secret_hash: 'hash', refresh_token_id: 'oar1', created: now() })
      .execute();
    await db
      .insertInto('authorization_codes')
      .values({
        ...whose,
        code_hash: 'code',
        session_id: 's',
        redirect_uri: 'https://app.example.com/cb',
        grant: toJson({}),
        created: now(),
        expires_at: now(),
      })
      .execute();
    await db
      .insertInto('consents')
      .values({ ...whose, ...when, id: 'oag1', scope: 'api', status: 'ACTIVE' })
      .execute();
  }
});

describe('the list of authorization servers', () => {
  it('is in the order of their making, in pages, and searched in names and audiences', async () => {
    for (const name of ['One', 'Two', 'Three']) {
      await newServer(name);
      world.advance(1);
    }
    const names = async (q: string | null, after: string | null, limit: number) =>
      (await listAuthorizationServers(world.env, { q, after, limit })).map(({ name }) => name);
    expect(await names(null, null, 2)).toEqual(['One', 'Two']);
    const [first] = await listAuthorizationServers(world.env, { q: null, after: null, limit: 1 });
    expect(await names(null, first?.id ?? '', 5)).toEqual(['Two', 'Three']);
    expect(await names('t', null, 5)).toEqual(['Two', 'Three']);
    expect(await names('API://one', null, 5)).toEqual(['One']);
    expect(await names('%', null, 5)).toEqual([]);
  });
});
