import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

test('nothing set: an embedded database, listening on this machine only', () => {
  expect(readConfig({})).toMatchObject({
    url: 'http://localhost:8080',
    host: '127.0.0.1',
    port: 8080,
    databaseUrl: 'sqlite:./data/gatehouse.db',
    firstAdmin: null,
    firstApiToken: null,
    rateLimit: 0,
    logLevel: 'info',
  });
});

test('the URL follows the port and TLS where it is not set', () => {
  expect(readConfig({ PORT: '9000' }).url).toBe('http://localhost:9000');
  expect(readConfig({ PORT: '9000', TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k' }).url).toBe('https://localhost:9000');
  expect(readConfig({ PORT: '9000', GATEHOUSE_URL: 'https://SSO.example.com/' }).url).toBe('https://sso.example.com');
});

test('a setting of white space counts as unset', () => {
  expect(readConfig({ PORT: ' ', GATEHOUSE_API_TOKEN: '' })).toMatchObject({ port: 8080, firstApiToken: null });
});

test('domains are origins in the scheme of the URL', () => {
  const config = readConfig({
    GATEHOUSE_URL: 'https://sso.example.com',
    GATEHOUSE_DOMAINS: 'login.example.org, http://a.example',
  });
  expect(config.domains).toEqual(['https://login.example.org', 'http://a.example']);
});

describe('one sentence says which setting is wrong', () => {
  test.each([
    ['PORT', { PORT: 'http' }],
    ['PORT', { PORT: '70000' }],
    ['GATEHOUSE_URL', { GATEHOUSE_URL: 'sso.example.com' }],
    ['GATEHOUSE_URL', { GATEHOUSE_URL: 'https://sso.example.com/path' }],
    ['GATEHOUSE_DOMAINS', { GATEHOUSE_DOMAINS: 'login.example.org/path' }],
    ['GATEHOUSE_MASTER_KEY', { GATEHOUSE_MASTER_KEY: 'short' }],
    ['GATEHOUSE_ADMIN_PASSWORD', { GATEHOUSE_ADMIN_LOGIN: 'a@example.com' }],
    ['GATEHOUSE_API_TOKEN', { GATEHOUSE_API_TOKEN: 'short' }],
    ['TLS_KEY_FILE', { TLS_CERT_FILE: 'cert.pem' }],
    ['TRUSTED_PROXIES', { TRUSTED_PROXIES: 'proxy.example.com' }],
    ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '10.0.0.0/33' }],
    ['RATE_LIMIT', { RATE_LIMIT: '-1' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
  ])('%s', (name, values) => {
    expect(() => readConfig(values)).toThrow(ConfigError);
    expect(() => readConfig(values)).toThrow(name);
  });
});
