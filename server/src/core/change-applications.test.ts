import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toJson } from '../storage/schema.ts';
import { listApplications } from './application-search.ts';
import { type Application, findClient, getApplication } from './applications.ts';
import {
  type ApplicationInput,
  createApplication,
  deleteApplication,
  replaceApplication,
  setApplicationStatus,
  setIdTokenSettings,
} from './change-applications.ts';
import { checkClientSecret } from './client-secrets.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

const redirect_uris = ['https://app.example.com/cb'];

function webApp(changes: Partial<ApplicationInput> = {}): ApplicationInput {
  return {
    label: 'Catalogue',
    signOnMode: 'OPENID_CONNECT',
    oauthClient: { settings: { redirect_uris }, credentials: {} },
    ...changes,
  };
}

async function make(input = webApp()): Promise<{ client: Application; secret: string | null }> {
  const { application, clientSecret } = await createApplication(world.env, input, 'ACTIVE');
  return { client: application as Application, secret: clientSecret };
}

async function eventTypes(): Promise<string[]> {
  const rows = await world.env.db.selectFrom('system_log').select('event_type').orderBy('sequence').execute();
  return rows.map(({ event_type }) => event_type).sort();
}

describe('making an application', () => {
  it('gives it a client ID equal to its ID, a secret of 64 URL-safe characters, and events', async () => {
    const { client, secret } = await make();
    expect(client.id).toMatch(/^0oa\w{17}$/);
    expect(client.client_id).toBe(client.id);
    expect(client.name).toBe('oidc_client');
    expect(secret).toMatch(/^[\w-]{64}$/);
    expect(await eventTypes()).toEqual([
      'app.oauth2.client.lifecycle.activate',
      'app.oauth2.client.lifecycle.create',
      'application.lifecycle.activate',
      'application.lifecycle.create',
    ]);
    expect(await getApplication(world.env, client.id)).toEqual(client);
    expect(await findClient(world.env, client.client_id)).toEqual(client);
  });

  it('keeps the secret sealed', async () => {
    const { client, secret } = await make();
    const row = await world.env.db.selectFrom('client_secrets').selectAll().executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain(secret);
    expect(await checkClientSecret(world.env, client, secret ?? '')).toBe(true);
  });

  it('takes a chosen client ID and secret', async () => {
    const { client, secret } = await make(
      webApp({
        oauthClient: { settings: { redirect_uris }, credentials: { client_id: 'something_from_somewhere' } },
        clientSecret: 'secret_from_writeonly_attr',
      }),
    );
    expect(client.client_id).toBe('something_from_somewhere');
    expect(client.id).not.toBe(client.client_id);
    expect(secret).toBe('secret_from_writeonly_attr');
  });

  it.each(['short', 'with space in it', 'ALL_CLIENTS', 'x'.repeat(101), 'tab\tinside-it'])(
    'refuses the client ID %j',
    async (client_id) => {
      const input = webApp({ oauthClient: { settings: { redirect_uris }, credentials: { client_id } } });
      await expect(make(input)).rejects.toThrow(/E0000001 client_id/);
    },
  );

  it.each(['short', 'thirteen-char', 'x'.repeat(101), 'with a space inside'])(
    'refuses the secret %j',
    async (clientSecret) => {
      await expect(make(webApp({ clientSecret }))).rejects.toThrow(/E0000001 client_secret/);
    },
  );

  it('wants 32 characters of a secret that signs', async () => {
    const credentials = { token_endpoint_auth_method: 'client_secret_jwt' as const };
    const input = webApp({ oauthClient: { settings: { redirect_uris }, credentials }, clientSecret: 'x'.repeat(31) });
    await expect(make(input)).rejects.toThrow(/32 to 100/);
  });

  it.each(['none', 'private_key_jwt'] as const)('gives no secret to a client of the method %s', async (method) => {
    const credentials = { token_endpoint_auth_method: method };
    const { client, secret } = await make(webApp({ oauthClient: { settings: { redirect_uris }, credentials } }));
    expect(secret).toBe(null);
    expect(await world.env.db.selectFrom('client_secrets').selectAll().execute()).toEqual([]);
    expect(await checkClientSecret(world.env, client, '')).toBe(false);
  });

  it('of one client ID by two at once gives one success and one clear refusal', async () => {
    const credentials = { client_id: 'contested-client' };
    const input = webApp({ oauthClient: { settings: { redirect_uris }, credentials } });
    const outcomes = await Promise.allSettled([make(input), make(input)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(failed?.reason.message).toContain('An object with this field already exists');
    expect(await world.env.db.selectFrom('client_secrets').selectAll().execute()).toHaveLength(1);
  });

  it('keeps a bookmark as it is', async () => {
    const input: ApplicationInput = {
      label: 'Wiki',
      signOnMode: 'BOOKMARK',
      settings: { app: { requestIntegration: false, url: 'https://wiki.example' } },
    };
    const { application, clientSecret } = await createApplication(world.env, input, 'INACTIVE');
    expect(application).toMatchObject({
      name: 'bookmark',
      status: 'INACTIVE',
      settings: { app: { url: 'https://wiki.example' } },
    });
    expect(clientSecret).toBe(null);
    expect(await findClient(world.env, application.client_id)).toBe(null);
  });

  it.each(['', '   ', 'x'.repeat(101), 'a\0b', 'a\nb', '\ud800'])('refuses the label %j', async (label) => {
    await expect(make(webApp({ label }))).rejects.toThrow(/E0000001 label/);
  });
});

describe('replacing an application', () => {
  it('keeps ID, client ID and secret, and resets what was not sent', async () => {
    const { client, secret } = await make(
      webApp({
        settings: { notes: { admin: 'note' } },
        oauthClient: { settings: { redirect_uris, client_uri: 'https://a.example' }, credentials: {} },
      }),
    );
    world.advance(1000);
    const { application, clientSecret } = await replaceApplication(world.env, client.id, webApp({ label: 'Renamed' }));
    expect(application).toMatchObject({
      id: client.id,
      client_id: client.client_id,
      label: 'Renamed',
      created: client.created,
      last_updated: client.last_updated + 1000,
      settings: { notes: { admin: null }, oauthClient: { client_uri: null } },
    });
    expect(clientSecret).toBe(secret);
    expect(await findClient(world.env, client.client_id)).toMatchObject({ label: 'Renamed' });
  });

  it('exchanges the secret for a given one', async () => {
    const { client, secret } = await make();
    const given = 'a-chosen-secret-of-the-client';
    const replaced = await replaceApplication(world.env, client.id, webApp({ clientSecret: given }));
    expect(replaced.clientSecret).toBe(given);
    expect(await checkClientSecret(world.env, client, given)).toBe(true);
    expect(await checkClientSecret(world.env, client, secret ?? '')).toBe(false);
    const again = await replaceApplication(world.env, client.id, webApp({ clientSecret: given }));
    expect(again.clientSecret).toBe(given);
  });

  it('makes a secret for a client that begins to authenticate with one', async () => {
    const credentials = { token_endpoint_auth_method: 'none' as const };
    const { client } = await make(webApp({ oauthClient: { settings: { redirect_uris }, credentials } }));
    const { clientSecret } = await replaceApplication(
      world.env,
      client.id,
      webApp({
        oauthClient: { settings: { redirect_uris }, credentials: { token_endpoint_auth_method: 'client_secret_post' } },
      }),
    );
    expect(clientSecret).toMatch(/^[\w-]{64}$/);
  });

  it('refuses another client ID, application type or sign-on mode', async () => {
    const { client } = await make();
    const other = (settings: object, credentials: object) =>
      replaceApplication(
        world.env,
        client.id,
        webApp({ oauthClient: { settings: { redirect_uris, ...settings }, credentials } }),
      );
    await expect(other({}, { client_id: 'another-client' })).rejects.toThrow(/E0000001 client_id/);
    await expect(other({ application_type: 'native' }, {})).rejects.toThrow(/E0000001 application_type/);
    await expect(replaceApplication(world.env, client.id, { label: 'x', signOnMode: 'BOOKMARK' })).rejects.toThrow(
      /signOnMode/,
    );
    await expect(other({}, { client_id: client.client_id })).resolves.toBeDefined();
  });

  it('keeps what has a route of its own', async () => {
    const { client } = await make();
    const claim = { valueType: 'GROUPS', name: 'groups', groupFilterType: 'REGEX', value: '.*' } as const;
    await setIdTokenSettings(world.env, client.id, { issuerMode: 'DYNAMIC', groupsClaim: claim });
    const { application } = await replaceApplication(world.env, client.id, webApp());
    expect(application.settings.groupsClaim).toEqual(claim);
  });

  it('does not know an application that is not there', async () => {
    await expect(replaceApplication(world.env, '0oa00000000000000000', webApp())).rejects.toThrow('E0000007');
  });
});

describe('the life of an application', () => {
  async function giveRefreshToken(client: Application): Promise<void> {
    const now = world.env.now();
    await world.env.db
      .insertInto('refresh_tokens')
      .values({
        id: 'oar1',
        authorization_server_id: 'aus1',
        client_id: client.client_id,
        user_id: '00u1',
        scopes: toJson(['openid']),
        grant: toJson({}),
        status: 'ACTIVE',
        created: now,
        last_updated: now,
      })
      .execute();
    await world.env.db
      .insertInto('refresh_token_secrets')
      .values({ secret_hash: 'h', refresh_token_id: 'oar1', created: now })
      .execute();
  }

  it('is deleted only when it is inactive', async () => {
    const { client } = await make();
    await expect(deleteApplication(world.env, client.id)).rejects.toThrow('E0000056');
    await setApplicationStatus(world.env, client.id, 'INACTIVE');
    await deleteApplication(world.env, client.id);
    await expect(getApplication(world.env, client.id)).rejects.toThrow('E0000007');
    expect(await findClient(world.env, client.client_id)).toBe(null);
  });

  it('takes everything that hangs on it along', async () => {
    const { client } = await make();
    const other = await make(webApp({ label: 'Other' }));
    await giveRefreshToken(client);
    const now = world.env.now();
    const application_id = client.id;
    await world.env.db
      .insertInto('application_users')
      .values({
        application_id,
        user_id: '00u1',
        credentials: toJson({}),
        profile: toJson({}),
        created: now,
        last_updated: now,
      })
      .execute();
    await world.env.db
      .insertInto('application_groups')
      .values({ application_id, group_id: '00g1', priority: 0, profile: toJson({}), created: now, last_updated: now })
      .execute();
    await world.env.db
      .insertInto('consents')
      .values({
        id: 'oag1',
        user_id: '00u1',
        client_id: client.client_id,
        authorization_server_id: 'org',
        scope: 's',
        status: 'ACTIVE',
        created: now,
        last_updated: now,
      })
      .execute();
    await world.env.db
      .insertInto('role_assignments')
      .values({
        id: 'ra1',
        type: 'SUPER_ADMIN',
        client_id: client.client_id,
        limited: 0,
        created: now,
        last_updated: now,
      })
      .execute();
    await setApplicationStatus(world.env, client.id, 'INACTIVE');
    await deleteApplication(world.env, client.id);
    const tables = [
      'refresh_tokens',
      'refresh_token_secrets',
      'application_users',
      'application_groups',
      'consents',
      'role_assignments',
    ] as const;
    for (const table of tables) expect(await world.env.db.selectFrom(table).selectAll().execute()).toEqual([]);
    expect(await checkClientSecret(world.env, other.client, other.secret ?? '')).toBe(true);
    expect(await world.env.db.selectFrom('client_secrets').selectAll().execute()).toHaveLength(1);
  });

  it('ends the refresh tokens when it is deactivated, for good', async () => {
    const { client } = await make();
    await giveRefreshToken(client);
    await setApplicationStatus(world.env, client.id, 'INACTIVE');
    await setApplicationStatus(world.env, client.id, 'ACTIVE');
    const { status } = await world.env.db.selectFrom('refresh_tokens').select('status').executeTakeFirstOrThrow();
    expect(status).toBe('REVOKED');
    expect(await findClient(world.env, client.client_id)).toMatchObject({ status: 'ACTIVE' });
  });

  it('changes nothing when it has that status already', async () => {
    const { client } = await make();
    const before = await eventTypes();
    await setApplicationStatus(world.env, client.id, 'ACTIVE');
    expect(await eventTypes()).toEqual(before);
  });
});

describe('a client that is asked for again and again', () => {
  it('is seen as this process changed it at once, and as another did after two seconds', async () => {
    const { client } = await make();
    await findClient(world.env, client.client_id);
    await world.env.db.updateTable('applications').set({ label: 'Elsewhere' }).where('id', '=', client.id).execute();
    expect((await findClient(world.env, client.client_id))?.label).toBe('Catalogue');
    world.advance(2001);
    expect((await findClient(world.env, client.client_id))?.label).toBe('Elsewhere');
    await replaceApplication(world.env, client.id, webApp({ label: 'Here' }));
    expect((await findClient(world.env, client.client_id))?.label).toBe('Here');
  });
});

describe('a list of applications', () => {
  it('is searched by the beginning of the label or name, filtered, and paged in the order of creation', async () => {
    const { env } = world;
    const labels = ['Alpha', 'alphabet', 'Beta'];
    const ids: string[] = [];
    for (const label of labels) {
      world.advance(5);
      ids.push((await make(webApp({ label }))).client.id);
    }
    const [alpha = '', alphabet = '', beta = ''] = ids;
    await setApplicationStatus(env, beta, 'INACTIVE');
    const list = async (search: { q?: string; filter?: string; after?: string; limit?: number }) => {
      const rows = await listApplications(env, { after: null, limit: 20, ...search });
      return rows.map(({ id }) => id);
    };
    expect(await list({})).toEqual(ids);
    expect(await list({ q: 'ALPHA' })).toEqual([alpha, alphabet]);
    expect(await list({ q: 'oidc' })).toEqual(ids);
    expect(await list({ q: 'pha' })).toEqual([]);
    expect(await list({ limit: 1 })).toEqual([alpha, alphabet]);
    expect(await list({ after: alphabet })).toEqual([beta]);
    expect(await list({ filter: 'status eq "INACTIVE"' })).toEqual([beta]);
    expect(await list({ q: 'alpha', filter: 'status eq "INACTIVE"' })).toEqual([]);
    expect(await list({ filter: `id eq "${alpha}" or name eq "bookmark"` })).toEqual([alpha]);
    expect(await list({ filter: 'user.id eq "00u1"' })).toEqual([]);
    expect(await list({ filter: 'group.id eq "00g1"' })).toEqual([]);
    expect(await list({ filter: 'credentials.signing.kid eq "x"' })).toEqual([]);
    for (const filter of ['nonsense', 'password eq "x"', 'status co "A"', 'user.id eq 1'])
      await expect(list({ filter })).rejects.toThrow('E0000031');
  });
});
