// How the server starts and ends, as its operator sees it: settings, lines on the terminal, files, exit codes.
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { describe, expect, inject, test } from 'vitest';
import { createDatabase } from '../support/postgres.ts';
import { newUserAgent } from '../support/user-agent.ts';
import { type Certificate, firstCertificate, secondCertificate } from './certificates.ts';
import { emptyDatabase, run, temporaryFolder } from './process.ts';

const admin = { GATEHOUSE_ADMIN_LOGIN: 'ada@example.com', GATEHOUSE_ADMIN_PASSWORD: 'Correct-horse-7' };
const READY = /^Gatehouse is ready at (\S+)$/m;
const SET_UP_LINK = /(http:\S+\/set-up\/[\w-]{43})/;

const isEmbedded = inject('database') === 'sqlite';

describe('without settings of an administrator', () => {
  test('it prints where it is and a set-up link, and serves', async () => {
    const server = run(temporaryFolder(), { PORT: '0', ...(await emptyDatabase()) });
    const [, url] = await server.said(READY);
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    await server.said(SET_UP_LINK);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const discovery = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as { issuer: string };
    expect(discovery.issuer).toBe(url);
  });

  test('a set-up link makes the first administrator, once, and is never in the log', async () => {
    const folder = temporaryFolder();
    const settings = { PORT: '0', LOG_LEVEL: 'debug', ...(await emptyDatabase()) };
    const server = run(folder, settings);
    const [, url = ''] = await server.said(READY);
    const [, link = ''] = await server.said(SET_UP_LINK);
    const agent = newUserAgent({ url });
    const form = await agent.open(link);
    expect(form.status).toBe(200);
    const fields = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' };
    const password = admin.GATEHOUSE_ADMIN_PASSWORD;
    await agent.submit(form, { ...fields, password, newPassword: password, confirmPassword: password });
    const signedIn = newUserAgent({ url });
    await signedIn.signIn('/', { login: 'ada@example.com', password });
    expect(signedIn.cookies.has('idx')).toBe(true);
    expect((await newUserAgent({ url }).open(link)).status).not.toBe(200);
    server.signal('SIGTERM');
    await server.ended;
    expect(server.stderr()).not.toContain(link.slice(link.lastIndexOf('/') + 1));

    const again = run(folder, settings);
    await again.said(READY);
    expect(again.stdout()).not.toMatch(SET_UP_LINK);
  });
});

describe('the settings of the first administrator', () => {
  test('make one, and no link', async () => {
    const server = run(temporaryFolder(), { PORT: '0', ...admin, ...(await emptyDatabase()) });
    const [, url = ''] = await server.said(READY);
    const agent = newUserAgent({ url });
    await agent.signIn('/', { login: 'ada@example.com', password: admin.GATEHOUSE_ADMIN_PASSWORD });
    expect(agent.cookies.has('idx')).toBe(true);
    expect(server.stdout()).not.toMatch(SET_UP_LINK);
    expect(server.stdout() + server.stderr()).not.toContain(admin.GATEHOUSE_ADMIN_PASSWORD);
  });

  test('are read at the first start only', async () => {
    const folder = temporaryFolder();
    const settings = { PORT: '0', ...admin, ...(await emptyDatabase()) };
    const first = run(folder, settings);
    await first.said(READY);
    first.signal('SIGTERM');
    await first.ended;
    const second = run(folder, { ...settings, GATEHOUSE_ADMIN_PASSWORD: 'Another-horse-8' });
    const [, url = ''] = await second.said(READY);
    const agent = newUserAgent({ url });
    await agent.signIn('/', { login: 'ada@example.com', password: 'Another-horse-8' });
    expect(agent.cookies.has('idx')).toBe(false);
  });

  test('are refused where the password policy refuses them, and nothing is kept', async () => {
    const folder = temporaryFolder();
    const settings = { PORT: '0', ...admin, ...(await emptyDatabase()) };
    const server = run(folder, { ...settings, GATEHOUSE_ADMIN_PASSWORD: 'short' });
    expect(await server.ended).toBe(78);
    expect(server.stderr()).toMatch(
      /^GATEHOUSE_ADMIN_LOGIN and GATEHOUSE_ADMIN_PASSWORD cannot make .*Password requirements/,
    );
    await run(folder, settings).said(READY);
  });

  test('without them, a token of the settings administers the org', async () => {
    const GATEHOUSE_API_TOKEN = `00${'t'.repeat(40)}`;
    const server = run(temporaryFolder(), { PORT: '0', GATEHOUSE_API_TOKEN, ...(await emptyDatabase()) });
    const [, url = ''] = await server.said(READY);
    const response = await fetch(`${url}/api/v1/users`, { headers: { authorization: `SSWS ${GATEHOUSE_API_TOKEN}` } });
    expect(response.status).toBe(200);
    await server.said(SET_UP_LINK);
  });
});

describe('a setting that cannot be used ends it with one sentence and code 78', () => {
  test.each([
    [{ PORT: 'many' }, /^PORT must be a whole number/],
    [{ GATEHOUSE_URL: 'ftp://sso.example.com' }, /^GATEHOUSE_URL must be/],
    [{ TRUSTED_PROXIES: 'everyone' }, /^TRUSTED_PROXIES must list/],
    [
      { TLS_CERT_FILE: 'missing.pem', TLS_KEY_FILE: 'missing.key' },
      /^TLS_CERT_FILE and TLS_KEY_FILE must name readable files/,
    ],
    [{ DATABASE_URL: 'postgres://localhost:1/none' }, /^GATEHOUSE_MASTER_KEY is required with PostgreSQL/],
    [{ DATABASE_URL: 'mysql://localhost/none' }, /^DATABASE_URL must begin with sqlite: or postgres:/],
  ])('%j', async (settings, sentence) => {
    const server = run(temporaryFolder(), { PORT: '0', ...settings });
    expect(await server.ended).toBe(78);
    expect(server.stderr()).toMatch(sentence);
    expect(server.stderr().trim()).not.toContain('\n');
    expect(server.stdout()).toBe('');
  });
});

test('a port that is taken is named', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as { port: number };
  const folder = temporaryFolder();
  const server = run(folder, { PORT: String(port) });
  expect(await server.ended).toBe(1);
  expect(server.stderr()).toContain(`Port ${port} is taken (EADDRINUSE)`);
  expect(readdirSync(folder)).toEqual([]);
  squatter.close();
});

describe('the end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: requests under way are answered, then it ends with code 0',
    async (signal) => {
      const server = run(temporaryFolder(), { PORT: '0', ...admin });
      const [, url = ''] = await server.said(READY);
      const idle = connect(Number(new URL(url).port), '127.0.0.1');
      await once(idle, 'connect');
      // Half a request is under way: its body comes after the signal.
      const slow = connect(Number(new URL(url).port), '127.0.0.1');
      const body = 'grant_type=password';
      slow.write(
        'POST /oauth2/v1/token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n',
      );
      slow.write(`content-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`);
      // It has begun to read the request when it asks for the body.
      await once(slow, 'data');
      server.signal(signal);
      await expect(refused(url)).resolves.toBe(true);
      let answer = '';
      slow.setEncoding('utf8').on('data', (text: string) => {
        answer += text;
      });
      slow.write(body);
      await once(slow, 'close');
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(await server.ended).toBe(0);
      idle.destroy();
    },
  );
});

describe('HTTPS of its own', () => {
  test('is served with the certificate of the settings, and with the new one when the files change', async () => {
    const folder = temporaryFolder();
    install(folder, firstCertificate);
    const server = run(folder, {
      PORT: '0',
      TLS_CERT_FILE: 'cert.pem',
      TLS_KEY_FILE: 'key.pem',
      ...(await emptyDatabase()),
    });
    const [, url = ''] = await server.said(READY);
    expect(url).toMatch(/^https:\/\/localhost:\d+$/);
    expect(await servedName(url)).toBe('first');
    install(folder, secondCertificate);
    await expect.poll(() => servedName(url), { timeout: 15_000, interval: 200 }).toBe('second');
  });

  test('a broken certificate does not replace a good one', async () => {
    const folder = temporaryFolder();
    install(folder, firstCertificate);
    const server = run(folder, {
      PORT: '0',
      TLS_CERT_FILE: 'cert.pem',
      TLS_KEY_FILE: 'key.pem',
      ...(await emptyDatabase()),
    });
    const [, url = ''] = await server.said(READY);
    writeFileSync(join(folder, 'cert.pem'), 'nonsense');
    await expect.poll(() => server.stderr(), { timeout: 15_000, interval: 200 }).toContain('cannot be used yet');
    expect(await servedName(url)).toBe('first');
  });
});

if (isEmbedded)
  describe('beside the embedded database', () => {
    test('a master key is made that is readable by nobody else', async () => {
      const folder = temporaryFolder();
      await run(folder, { PORT: '0' }).said(READY);
      expect(readdirSync(join(folder, 'data'))).toEqual(expect.arrayContaining(['gatehouse.db', 'gatehouse.db.key']));
      expect(statSync(join(folder, 'data', 'gatehouse.db.key')).mode & 0o777).toBe(0o600);
    });

    test('a database whose master key is gone', async () => {
      const folder = temporaryFolder();
      const server = run(folder, { PORT: '0' });
      await server.said(READY);
      server.signal('SIGTERM');
      await server.ended;
      rmSync(join(folder, 'data', 'gatehouse.db.key'));
      const again = run(folder, { PORT: '0' });
      expect(await again.ended).toBe(78);
      expect(again.stderr()).toContain('The master key of ./data/gatehouse.db is missing');
      expect(existsSync(join(folder, 'data', 'gatehouse.db.key'))).toBe(false);
    });
  });
else
  describe('on PostgreSQL', () => {
    test('several processes start on one empty database at once, and are one org', { timeout: 60_000 }, async () => {
      const database = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
      const settings = { PORT: '0', DATABASE_URL: database.url, GATEHOUSE_MASTER_KEY: 'ab'.repeat(32), ...admin };
      const servers = Array.from({ length: 3 }, () => run(temporaryFolder(), settings));
      const urls = await Promise.all(servers.map(async (server) => (await server.said(READY))[1] ?? ''));
      const orgs = await Promise.all(
        urls.map(async (url) => (await fetch(`${url}/.well-known/okta-organization`)).json()),
      );
      expect(new Set(orgs.map((org) => (org as { id: string }).id)).size).toBe(1);
      const keys = await Promise.all(urls.map(async (url) => (await fetch(`${url}/oauth2/v1/keys`)).text()));
      expect(new Set(keys).size).toBe(1);
      for (const server of servers) server.signal('SIGTERM');
      expect(await Promise.all(servers.map(({ ended }) => ended))).toEqual([0, 0, 0]);
      await database.drop();
    });

    test('health is 503 while the database does not answer', { timeout: 60_000 }, async () => {
      const database = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
      const settings = { PORT: '0', DATABASE_URL: database.url, GATEHOUSE_MASTER_KEY: 'ab'.repeat(32), ...admin };
      const server = run(temporaryFolder(), settings);
      const [, url = ''] = await server.said(READY);
      expect((await fetch(`${url}/health`)).status).toBe(200);
      await database.drop();
      expect((await fetch(`${url}/health`)).status).toBe(503);
    });
  });

/** Both files appear whole, as a tool that renews certificates puts them. */
function install(folder: string, { cert, key }: Certificate): void {
  for (const [file, content] of [
    ['cert.pem', cert],
    ['key.pem', key],
  ] as const) {
    writeFileSync(join(folder, `${file}.new`), content);
    renameSync(join(folder, `${file}.new`), join(folder, file));
  }
}

/** The common name of the certificate that a new connection meets. */
function servedName(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(`${url}/health`, { rejectUnauthorized: false, agent: false }, (answer) => {
      const name = (answer.socket as TLSSocket).getPeerCertificate().subject.CN;
      answer.resume().once('end', () => resolve(String(name)));
    });
    outgoing.once('error', reject).end();
  });
}

/** Whether new connections are refused, soon. */
async function refused(url: string): Promise<boolean> {
  for (;;) {
    const accepted = await fetch(`${url}/health`).then(
      () => true,
      () => false,
    );
    if (!accepted) return true;
  }
}
