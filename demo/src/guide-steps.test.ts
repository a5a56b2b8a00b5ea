import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { followGuide, type GuideInput, holds } from './guide-steps.ts';
import { createManagementApi, type ManagementApi, ManagementApiError } from './management-api.ts';

const URL_OF_ORG = 'https://sso.example';

type Thing = Record<string, unknown> & { id: string };

/** A management API that keeps what it is sent, fills in what the real one fills in, and lists every change. */
function fakeApi() {
  const lists = new Map<string, Thing[]>([
    ['/groups', [{ id: '00gEveryone', type: 'BUILT_IN', profile: { name: 'Everyone' } }]],
    ['/authorizationServers', [{ id: 'default', name: 'default', audiences: ['api://default'] }]],
  ]);
  const assigned = new Set<string>();
  const changes: string[] = [];
  const bodies = new Map<string, Record<string, unknown>>();
  let count = 0;

  function complete(path: string, body: Record<string, unknown>): Thing {
    const id = `id${++count}`;
    if (path === '/apps') {
      const credentials = {
        oauthClient: { client_id: `0oa${id}`, ...(body.credentials as { oauthClient: object }).oauthClient },
      };
      return { ...body, id, status: 'ACTIVE', credentials };
    }
    if (path === '/authorizationServers')
      return { issuerMode: 'DYNAMIC', ...body, id, issuer: `${URL_OF_ORG}/oauth2/${id}`, default: false };
    if (path === '/users') return { ...body, id, credentials: {} };
    return { priority: 1, system: false, ...body, id };
  }

  const answer = (value: unknown, status = 200) => Response.json(value, { status });
  const missing = () =>
    answer({ errorCode: 'E0000007', errorSummary: 'Not found', errorCauses: [{ errorSummary: 'really' }] }, 404);

  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const path = new URL(String(input)).pathname.replace('/api/v1', '');
    const method = init?.method ?? 'GET';
    if (new Headers(init?.headers).get('authorization') !== 'SSWS secret')
      return answer({ errorCode: 'E0000011', errorSummary: 'Invalid token provided' }, 401);
    const body = init?.body === undefined ? undefined : (JSON.parse(String(init.body)) as Record<string, unknown>);
    if (method !== 'GET') {
      changes.push(`${method} ${path}`);
      bodies.set(`${method} ${path}`, body ?? {});
    }
    if (path === '/org') return answer({ companyName: 'Acme' });
    if (/^\/apps\/\w+\/groups\/\w+$/.test(path)) {
      if (method === 'PUT') assigned.add(path);
      return assigned.has(path) ? answer({ id: '00gEveryone' }) : missing();
    }
    const parent = path.slice(0, path.lastIndexOf('/'));
    const id = decodeURIComponent(path.slice(parent.length + 1));
    const member = lists
      .get(parent)
      ?.find((each) => each.id === id || (each.profile as { login?: string })?.login === id);
    if (method === 'POST' && member === undefined) {
      const made = complete(path, body ?? {});
      lists.set(path, [...(lists.get(path) ?? []), made]);
      return answer(made);
    }
    if (member !== undefined && body !== undefined) Object.assign(member, body);
    if (member !== undefined) return answer(member);
    return lists.has(path) || !/^\/users\//.test(path) ? answer(lists.get(path) ?? []) : missing();
  };

  return { fetch, changes, bodies, lists };
}

const input = (changes: Partial<GuideInput> = {}): GuideInput => ({
  demoOrigin: 'http://localhost:8585',
  person: { login: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' },
  newPassword: () => 'a-random-password',
  passwordIsKept: false,
  ...changes,
});

let fake: ReturnType<typeof fakeApi>;
let api: ManagementApi;
let told: string[];

beforeEach(() => {
  fake = fakeApi();
  api = createManagementApi({ url: URL_OF_ORG, apiToken: 'secret', fetch: fake.fetch });
  told = [];
});

const follow = (changes: Partial<GuideInput> = {}) =>
  followGuide(api, input(changes), (step, _, outcome) => told.push(`${step} ${outcome}`));

describe('the eight steps', () => {
  it('are told in their order, and end with the two values to hand over', async () => {
    const result = await follow();
    expect(told.map((line) => Number(line[0]))).toEqual([...told].map((line) => Number(line[0])).sort());
    expect(new Set(told.map((line) => line[0]))).toEqual(new Set([...'12345678']));
    expect(result.clientId).toMatch(/^0oa/);
    expect(result.issuer).toMatch(/^https:\/\/sso\.example\/oauth2\//);
    expect(result.password).toBe('a-random-password');
  });

  it('make a public single-page application with both callbacks, rotation and no consent', async () => {
    await follow();
    expect(fake.bodies.get('POST /apps')).toMatchObject({
      signOnMode: 'OPENID_CONNECT',
      credentials: { oauthClient: { token_endpoint_auth_method: 'none', pkce_required: true } },
      settings: {
        oauthClient: {
          application_type: 'browser',
          grant_types: ['authorization_code', 'refresh_token', 'implicit'],
          redirect_uris: ['http://localhost:8585/callback', 'http://localhost:8585/silent-callback'],
          post_logout_redirect_uris: ['http://localhost:8585'],
          refresh_token: { rotation_type: 'ROTATE' },
          consent_method: 'TRUSTED',
        },
      },
    });
  });

  it('make an authorization server for the client ID, with a fixed issuer, a default scope and a policy of its own', async () => {
    const { clientId } = await follow();
    const server = fake.lists.get('/authorizationServers')?.at(-1);
    expect(server).toMatchObject({ audiences: [clientId], issuerMode: 'ORG_URL' });
    expect(fake.lists.get(`/authorizationServers/${server?.id}/scopes`)?.[0]).toMatchObject({ default: true });
    const policy = fake.lists.get(`/authorizationServers/${server?.id}/policies`)?.[0];
    expect(policy).toMatchObject({ conditions: { clients: { include: [clientId] } } });
    expect(fake.lists.get(`/authorizationServers/${server?.id}/policies/${policy?.id}/rules`)?.[0]).toMatchObject({
      conditions: { people: { groups: { include: ['EVERYONE'] } }, scopes: { include: ['*'] } },
    });
    expect(fake.lists.get('/authorizationServers')?.[0]).toMatchObject({ audiences: ['api://default'] });
  });

  it('change nothing when they are taken again', async () => {
    const first = await follow();
    fake.changes.length = 0;
    told = [];
    const second = await follow({ passwordIsKept: true });
    expect(fake.changes).toEqual([]);
    expect(new Set(told.map((line) => line.slice(2)))).toEqual(new Set(['found']));
    expect(second).toEqual({ ...first, password: undefined });
  });

  it('change only the addresses when the catalogue has moved to another port', async () => {
    const first = await follow();
    fake.changes.length = 0;
    const second = await follow({ demoOrigin: 'http://localhost:8586', passwordIsKept: true });
    expect(fake.changes.map((change) => change.replace(/id\d+/, '*'))).toEqual([
      'PUT /apps/*',
      'PUT /trustedOrigins/*',
    ]);
    expect(second).toEqual({ ...first, password: undefined });
    expect(fake.lists.get('/apps')).toHaveLength(1);
  });

  it('mend what somebody changed by hand, and keep what they added', async () => {
    await follow();
    const app = fake.lists.get('/apps')?.[0] as unknown as { settings: { oauthClient: Record<string, unknown> } };
    app.settings.oauthClient.redirect_uris = ['http://localhost:8585/callback'];
    app.settings.oauthClient.tos_uri = 'https://acme.example/terms';
    const rules = [...fake.lists].find(([path]) => path.endsWith('/rules'))?.[1];
    if (rules?.[0] !== undefined) rules[0].status = 'INACTIVE';
    fake.changes.length = 0;
    await follow({ passwordIsKept: true });
    expect(fake.changes.map((change) => change.replace(/\/id\d+/g, ''))).toEqual([
      'PUT /apps',
      'PUT /authorizationServers/policies/rules',
    ]);
    expect(app.settings.oauthClient).toMatchObject({
      tos_uri: 'https://acme.example/terms',
      redirect_uris: ['http://localhost:8585/callback', 'http://localhost:8585/silent-callback'],
    });
    expect(rules?.[0]?.status).toBe('ACTIVE');
  });

  it('give the person a new password when the old one is known to nobody', async () => {
    await follow();
    fake.changes.length = 0;
    expect((await follow({ newPassword: () => 'another' })).password).toBe('another');
    expect(fake.changes).toHaveLength(1);
    expect(fake.lists.get('/users')).toHaveLength(1);
  });
});

describe('what the management API refuses', () => {
  it('is told with its summary, and without the API token', async () => {
    const stranger = createManagementApi({ url: URL_OF_ORG, apiToken: 'wrong-token', fetch: fake.fetch });
    const error = await stranger.get('/org').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ManagementApiError);
    expect(String(error)).toContain('GET /org was refused: Invalid token provided');
    expect(String(error)).not.toContain('wrong-token');
  });

  it('only absence is taken for absence', async () => {
    expect(await api.find('/users/nobody')).toBeUndefined();
    const stranger = createManagementApi({ url: URL_OF_ORG, apiToken: 'wrong', fetch: fake.fetch });
    await expect(stranger.find('/users/nobody')).rejects.toThrow('Invalid token');
  });
});

describe('whether what is there is what is wanted', () => {
  it('anything holds itself, also with more members beside', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), (value, more) => {
        expect(holds(value, value)).toBe(true);
        expect(holds({ ...more, value }, { value })).toBe(true);
      }),
    );
  });

  it('a missing, other or further member of a list does not', () => {
    expect(holds({ a: [1, 2] }, { a: [2, 1] })).toBe(true);
    for (const [actual, wanted] of [
      [{ a: [1] }, { a: [1, 2] }],
      [{ a: [1, 2, 3] }, { a: [1, 2] }],
      [{}, { a: undefined as unknown as null, b: 1 }],
      [{ a: null }, { a: {} }],
      [undefined, { a: 1 }],
      [{ a: '1' }, { a: 1 }],
    ])
      expect([actual, holds(actual, wanted)]).toEqual([actual, false]);
  });
});
