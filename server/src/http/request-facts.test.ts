import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { requestFacts } from './request-facts.ts';

const config = readConfig({
  GATEHOUSE_URL: 'https://sso.example.com',
  GATEHOUSE_DOMAINS: 'login.example.org, id.example.net:8443',
  TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.7, fd00::/8',
});

function factsOf(
  headers: Record<string, string>,
  peer = '203.0.113.9',
  url = 'http://sso.example.com/api/v1/users?q=a',
) {
  return requestFacts(config, new Request(url, { headers }), peer, randomBytes);
}

describe('the caller', () => {
  test.each([
    ['a direct connection', '203.0.113.9', {}, '203.0.113.9'],
    ['a direct connection that invents a hop', '203.0.113.9', { 'x-forwarded-for': '1.1.1.1' }, '203.0.113.9'],
    ['a trusted proxy', '10.1.2.3', { 'x-forwarded-for': '198.51.100.4' }, '198.51.100.4'],
    ['a proxy trusted by its address alone', '192.0.2.7', { 'x-forwarded-for': '198.51.100.4' }, '198.51.100.4'],
    ['its neighbour', '192.0.2.8', { 'x-forwarded-for': '198.51.100.4' }, '192.0.2.8'],
    ['a chain of proxies', '10.1.2.3', { 'x-forwarded-for': '198.51.100.4, 10.9.9.9' }, '198.51.100.4'],
    ['a caller who invents hops', '10.1.2.3', { 'x-forwarded-for': '1.1.1.1, 198.51.100.4, 10.9.9.9' }, '198.51.100.4'],
    ['a caller inside', '10.1.2.3', { 'x-forwarded-for': '10.4.4.4, 10.9.9.9' }, '10.4.4.4'],
    ['a proxy that says nothing', '10.1.2.3', {}, '10.1.2.3'],
    ['a proxy that says nonsense', '10.1.2.3', { 'x-forwarded-for': '1.1.1.1, unknown, 10.9.9.9' }, '10.9.9.9'],
    ['an address with a port', '10.1.2.3', { 'x-forwarded-for': '198.51.100.4:51234' }, '198.51.100.4'],
    ['IPv6', 'fd00::1', { 'x-forwarded-for': '[2001:db8::5]:443' }, '2001:db8::5'],
    ['IPv4 in the form of IPv6', '::ffff:10.1.2.3', { 'x-forwarded-for': '198.51.100.4' }, '198.51.100.4'],
    ['a connection that is gone', '', { 'x-forwarded-for': '198.51.100.4' }, ''],
  ])('%s', (_, peer, headers, expected) => {
    expect(factsOf(headers as Record<string, string>, peer).ip).toBe(expected);
  });
});

describe('the origin', () => {
  test.each([
    ['its own host', { host: 'sso.example.com' }, 'https://sso.example.com'],
    ['its own host with the port spelled out', { host: 'sso.example.com:443' }, 'https://sso.example.com'],
    ['a registered domain', { host: 'login.example.org' }, 'https://login.example.org'],
    ['a registered domain in capitals', { host: 'LOGIN.example.ORG' }, 'https://login.example.org'],
    ['a registered domain with a port', { host: 'id.example.net:8443' }, 'https://id.example.net:8443'],
    ['a registered domain on another port', { host: 'id.example.net' }, 'https://sso.example.com'],
    ['a stranger', { host: 'evil.example' }, 'https://sso.example.com'],
    ['a name that ends like ours', { host: 'evil-login.example.org' }, 'https://sso.example.com'],
    ['our name in a stranger’s', { host: 'login.example.org.evil.example' }, 'https://sso.example.com'],
  ])('%s', (_, headers, expected) => {
    expect(factsOf(headers as Record<string, string>).origin).toBe(expected);
  });

  test('is the forwarded host where a trusted proxy forwards it, and only if it is ours', () => {
    const viaProxy = (forwarded: string) =>
      factsOf({ host: 'backend', 'x-forwarded-host': forwarded }, '10.0.0.1').origin;
    expect(viaProxy('login.example.org')).toBe('https://login.example.org');
    expect(viaProxy('evil.example, login.example.org')).toBe('https://login.example.org');
    expect(viaProxy('login.example.org, evil.example')).toBe('https://sso.example.com');
    expect(viaProxy('evil.example')).toBe('https://sso.example.com');
  });

  test('never follows a forwarded host from anybody else', () => {
    const facts = factsOf({ host: 'sso.example.com', 'x-forwarded-host': 'login.example.org' });
    expect(facts.origin).toBe('https://sso.example.com');
  });
});

test('a request has an id of its own, its path without the query, and a user agent of bounded length', () => {
  const facts = factsOf({ 'user-agent': 'x'.repeat(5000) });
  expect(facts.id).toMatch(/^[\w-]{22}$/);
  expect(factsOf({}).id).not.toBe(facts.id);
  expect(facts.path).toBe('/api/v1/users');
  expect(facts.userAgent).toHaveLength(512);
});

test('a token in the path is not told to logs', () => {
  const token = randomBytes(32).toString('base64url');
  expect(factsOf({}, '203.0.113.9', `http://sso.example.com/set-up/${token}`).path).toBe('/set-up/…');
  expect(factsOf({}, '203.0.113.9', `http://sso.example.com/welcome/${token}/more`).path).toBe('/welcome/…/more');
  expect(factsOf({}, '203.0.113.9', 'http://sso.example.com/api/v1/users/00u0Vbt6y9zbIVVBOroU').path).toBe(
    '/api/v1/users/00u0Vbt6y9zbIVVBOroU',
  );
});
