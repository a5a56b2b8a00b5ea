// The first start: no default account ever, a set-up link that works once, wrong settings named; and a restart that keeps all.
import { describe, expect, inject, test } from 'vitest';
import { followGuide } from './support/guide.ts';
import { managementApi, type User } from './support/management-api.ts';
import { introspect, refresh, tokensFor } from './support/oauth.ts';
import { startServer, type TestServer } from './support/server.ts';
import { asksWhoYouAre, newUserAgent } from './support/user-agent.ts';

const database = inject('database');
const NOBODY = { GATEHOUSE_ADMIN_LOGIN: '', GATEHOUSE_ADMIN_PASSWORD: '', GATEHOUSE_API_TOKEN: '' };

async function withServer(settings: Record<string, string>, act: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await startServer({ database, settings });
  try {
    await act(server);
  } finally {
    await server.stop();
  }
}

const linkIn = (output: string): string => /http:\/\/localhost:\d+\/set-up\/\S+/.exec(output)?.[0] ?? '';

const founder = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: 'founder@example.com',
  newPassword: 'Correct-horse-7-battery',
  confirmPassword: 'Correct-horse-7-battery',
};

describe('without an administrator in the settings', () => {
  test('a link is printed that makes one, once', async () => {
    await withServer(NOBODY, async (server) => {
      const link = linkIn(server.output());
      expect(link).toMatch(/\/set-up\/[\w-]{43}$/);
      const agent = newUserAgent(server);
      const page = await agent.open(link);
      expect(page.status).toBe(200);
      const rival = newUserAgent(server);
      const sameTime = await rival.open(link);
      await agent.submit(page, founder);
      expect(await (await agent.send(`${server.url}/api/v1/sessions/me`)).json()).toMatchObject({
        login: founder.email,
      });

      await rival.submit(sameTime, { ...founder, email: 'rival@example.com' });
      expect((await rival.send(`${server.url}/api/v1/sessions/me`)).status).toBe(404);
      expect((await newUserAgent(server).open(link)).status).toBeGreaterThanOrEqual(400);

      const known = newUserAgent(server);
      await known.signIn('/signin', { login: founder.email, password: founder.newPassword });
      expect((await known.send(`${server.url}/api/v1/sessions/me`)).status).toBe(200);
    });
  });

  test('no account that anybody would guess exists', async () => {
    await withServer(NOBODY, async (server) => {
      for (const login of ['admin', 'root', 'administrator', 'admin@localhost', 'admin@example.com'])
        for (const password of ['admin', 'password', 'changeme', 'gatehouse']) {
          const agent = newUserAgent(server);
          expect(asksWhoYouAre(await agent.signIn('/signin', { login, password }))).toBe(true);
        }
      expect((await managementApi(server, null).request('GET', '/api/v1/users')).status).toBe(401);
      expect(
        (await managementApi({ url: server.url, apiToken: 'gatehouse' }).request('GET', '/api/v1/users')).status,
      ).toBe(401);
    });
  });

  test('a restart prints a new link, and a made-up link opens nothing', async () => {
    await withServer(NOBODY, async (server) => {
      const before = linkIn(server.output());
      const length = server.output().length;
      await server.restart();
      const after = linkIn(server.output().slice(length));
      expect(after).not.toBe('');
      expect(after).not.toBe(before);
      const madeUp = `${after.slice(0, -4)}AAAA`;
      expect((await newUserAgent(server).open(madeUp)).status).toBeGreaterThanOrEqual(400);
    });
  });
});

describe('with an administrator in the settings', () => {
  test('no link is printed, and the settings’ later change changes nothing', async () => {
    await withServer({}, async (server) => {
      expect(linkIn(server.output())).toBe('');
      const users = await managementApi(server).get<User[]>('/api/v1/users');
      expect(users.map((user) => user.profile.login)).toEqual([server.admin.login]);
      await server.restart();
      expect(await managementApi(server).get<User[]>('/api/v1/users')).toHaveLength(1);
    });
  });

  test.each([
    ['a password that the policy refuses', { GATEHOUSE_ADMIN_PASSWORD: 'short' }, 'GATEHOUSE_ADMIN_PASSWORD'],
    ['a login without a password', { GATEHOUSE_ADMIN_PASSWORD: '' }, 'GATEHOUSE_ADMIN_PASSWORD'],
    ['an API token that could be guessed', { GATEHOUSE_API_TOKEN: 'too-short' }, 'GATEHOUSE_API_TOKEN'],
    ['a port that is none', { PORT: '99999' }, 'PORT'],
    ['a URL with a path', { GATEHOUSE_URL: 'http://localhost:8080/path' }, 'GATEHOUSE_URL'],
    ['a master key that is too short', { GATEHOUSE_MASTER_KEY: 'abcd' }, 'GATEHOUSE_MASTER_KEY'],
  ])('%s ends the start with a sentence that names the setting', async (_, settings, name) => {
    const start = startServer({ database, settings }).then((server) => server.stop());
    await expect(start).rejects.toThrow(name);
    await expect(start).rejects.not.toThrow(/\.ts:\d+/);
  });
});

describe('a restart', () => {
  test('keeps sessions, tokens, keys and objects', async () => {
    await withServer({}, async (server) => {
      const guide = await followGuide(server);
      const agent = newUserAgent(server);
      const tokens = await tokensFor(agent, guide, guide.user);
      const keys = await (await fetch(`${guide.issuer}/v1/keys`)).json();
      await server.restart();
      expect(await (await fetch(`${guide.issuer}/v1/keys`)).json()).toEqual(keys);
      expect((await introspect(guide, tokens.access_token)).body.active).toBe(true);
      expect((await agent.send(`${server.url}/api/v1/sessions/me`)).status).toBe(200);
      expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
    });
  });

  test('lets answers that are under way finish', async () => {
    await withServer({}, async (server) => {
      const api = managementApi(server);
      const answers = Array.from({ length: 20 }, (_, number) =>
        api.request<{ id: string }>('POST', '/api/v1/groups', { profile: { name: `Under way ${number}` } }).then(
          ({ status, body }) => (status === 200 ? body.id : null),
          () => null,
        ),
      );
      await Promise.race(answers);
      await server.restart();
      const ids = (await Promise.all(answers)).filter((id) => id !== null);
      expect(ids.length).toBeGreaterThan(0);
      for (const id of ids) expect((await api.request('GET', `/api/v1/groups/${id}`)).status).toBe(200);
    });
  });
});
