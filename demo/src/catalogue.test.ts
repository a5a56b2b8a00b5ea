import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CLIENT_ID,
  createSigningProvider,
  generateSigningKey,
  ISSUER,
  type SigningProvider,
} from '../../relying-party/test-support/signing-provider.ts';
import { createCatalogue } from './catalogue.ts';
import { LONGEST } from './tables.ts';

let provider: SigningProvider;
let catalogue: ReturnType<typeof createCatalogue>;

beforeEach(async () => {
  provider = await createSigningProvider();
  catalogue = createCatalogue({ issuer: ISSUER, clientId: CLIENT_ID, fetch: provider.fetch, now: provider.now });
});

const accessToken = (changes = {}) => provider.sign(provider.accessClaims({ aud: CLIENT_ID, ...changes }));

async function ask(path: string, init: RequestInit = {}) {
  return catalogue.request(path, {
    ...init,
    headers: { authorization: `Bearer ${await accessToken()}`, 'content-type': 'application/json' },
  });
}

describe('the API', () => {
  it('lists the tables with owners and descriptions to whoever has a good access token', async () => {
    const response = await ask('/api/tables');
    expect(response.status).toBe(200);
    const tables = (await response.json()) as { id: string; owner: string; description: string }[];
    expect(tables.length).toBeGreaterThan(3);
    for (const table of tables)
      expect(table).toMatchObject({ owner: expect.any(String), description: expect.any(String) });
  });

  it('one table has columns, and an unknown one is 404', async () => {
    expect(await (await ask('/api/tables/orders')).json()).toMatchObject({
      name: 'orders',
      columns: expect.any(Array),
    });
    expect((await ask('/api/tables/nowhere')).status).toBe(404);
    expect((await ask('/api/nothing')).status).toBe(404);
  });

  it('an edit changes description and owner, and remembers who made it', async () => {
    const body = JSON.stringify({ description: 'Better words.', owner: 'Ada' });
    const response = await ask('/api/tables/orders', { method: 'PATCH', body });
    expect(await response.json()).toMatchObject({
      description: 'Better words.',
      owner: 'Ada',
      editedBy: 'ada@example.com',
    });
    expect(await (await ask('/api/tables/orders')).json()).toMatchObject({ owner: 'Ada' });
  });

  it('an edit of anything else, or of nothing, is refused and changes nothing', async () => {
    const before = await (await ask('/api/tables/orders')).text();
    const bodies = [
      '',
      'x',
      '[]',
      'null',
      '{}',
      '{"rows":1}',
      '{"owner":""}',
      '{"owner":"  "}',
      '{"owner":7}',
      '{"__proto__":{"owner":"x"}}',
      JSON.stringify({ owner: 'x'.repeat(LONGEST.owner + 1) }),
      JSON.stringify({ owner: 'Ada', description: 'x'.repeat(LONGEST.description + 1) }),
    ];
    for (const body of bodies) {
      const response = await ask('/api/tables/orders', { method: 'PATCH', body });
      expect([body, response.status]).toEqual([body, 400]);
    }
    const flood = await ask('/api/tables/orders', {
      method: 'PATCH',
      body: JSON.stringify({ owner: 'x'.repeat(20_000) }),
    });
    expect(flood.status).toBe(413);
    expect(await (await ask('/api/tables/orders')).text()).toBe(before);
  });

  it('tells the caller who it is', async () => {
    expect(await (await ask('/api/whoami')).json()).toMatchObject({
      subject: 'ada@example.com',
      clientId: CLIENT_ID,
      claims: { uid: '00uAda' },
    });
  });
});

describe('the door of the API', () => {
  const knock = (authorization: string | undefined, path = '/api/whoami') =>
    catalogue.request(path, authorization === undefined ? {} : { headers: { authorization } });

  it('without a token it challenges, and without an error code', async () => {
    for (const header of [
      undefined,
      '',
      'Basic eA==',
      'Bearer',
      'Bearer ',
      'Bearer a b',
      `Token ${await accessToken()}`,
    ]) {
      const response = await knock(header);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="catalogue"');
    }
  });

  it('a token in the query or in a cookie opens nothing', async () => {
    const token = await accessToken();
    expect((await catalogue.request(`/api/whoami?access_token=${token}`)).status).toBe(401);
    expect((await catalogue.request('/api/whoami', { headers: { cookie: `access_token=${token}` } })).status).toBe(401);
  });

  it('hostile tokens are refused by every route, with the reason and without the token', async () => {
    const attacker = await generateSigningKey();
    const now = Math.floor(provider.now() / 1000);
    const hostile = {
      expired: await accessToken({ iat: now - 7200, exp: now - 3600 }),
      'of another audience': await accessToken({ aud: 'api://payroll' }),
      'of another client': await accessToken({ cid: '0oaOther' }),
      'an ID token': await provider.sign(provider.idClaims()),
      forged: await provider.sign(
        provider.accessClaims({ aud: CLIENT_ID }),
        {},
        { ...attacker, kid: provider.activeKey().kid },
      ),
      garbage: 'a.b.c',
    };
    for (const [name, token] of Object.entries(hostile))
      for (const [method, path] of [
        ['GET', '/api/tables'],
        ['GET', '/api/tables/orders'],
        ['PATCH', '/api/tables/orders'],
        ['GET', '/api/whoami'],
        ['GET', '/api/nothing'],
      ] as const) {
        const response = await catalogue.request(path, { method, headers: { authorization: `Bearer ${token}` } });
        expect([name, method, path, response.status]).toEqual([name, method, path, 401]);
        expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
        const told = `${await response.text()} ${response.headers.get('www-authenticate')}`;
        for (const part of token.split('.').filter((each) => each.length > 8)) expect(told).not.toContain(part);
      }
  });

  it('a provider that cannot be asked is 503, not the caller’s fault', async () => {
    provider.state.down = true;
    expect((await knock(`Bearer ${await accessToken()}`)).status).toBe(503);
  });

  it('whatever a claim holds, the challenge stays one well-formed header', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (aud) => {
        const response = await knock(`Bearer ${await accessToken({ aud: `x${aud}` })}`);
        expect(response.headers.get('www-authenticate')).toMatch(
          /^Bearer realm="catalogue", error="invalid_token", error_description="[^"\\]*"$/,
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('the pages', () => {
  const policyOf = (response: Response) =>
    new Map(
      (response.headers.get('content-security-policy') ?? '').split('; ').map((directive): [string, string] => {
        const [name = '', ...values] = directive.split(' ');
        return [name, values.join(' ')];
      }),
    );

  it('run only scripts of their own origin, talk only to it and the provider, and are framed by nobody', async () => {
    for (const path of ['/', '/tables/orders', '/me', '/callback', '/nowhere', '/catalogue.css', '/api/tables']) {
      const response = await catalogue.request(path, { headers: { accept: 'text/html' } });
      const policy = policyOf(response);
      expect(policy.get('default-src')).toBe("'none'");
      expect(policy.get('script-src')).toBe("'self'");
      expect(policy.get('connect-src')).toBe("'self' https://sso.example");
      expect(policy.get('frame-src')).toBe("'self' https://sso.example");
      expect(policy.get('frame-ancestors')).toBe("'none'");
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('the silent callback alone may be framed, and by this origin only', async () => {
    const response = await catalogue.request('/silent-callback?code=x');
    expect(policyOf(response).get('frame-ancestors')).toBe("'self'");
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    for (const path of ['/silent-callback/', '/silent-callbackx', '/Silent-Callback', '//silent-callback'])
      expect(policyOf(await catalogue.request(path)).get('frame-ancestors')).toBe("'none'");
  });

  it('hold no inline script and no inline style', async () => {
    const page = await (await catalogue.request('/')).text();
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/);
  });

  it('settings are written into the page escaped', async () => {
    const odd = createCatalogue({ issuer: ISSUER, clientId: '"><script>alert(1)</script>' });
    expect(await (await odd.request('/')).text()).not.toContain('<script>alert');
  });
});
