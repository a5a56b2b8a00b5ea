// Owns every setting: its name, default and meaning. docs/configuration.md is generated from this table.
// Not here: reading process.env (main.ts hands the values in) and settings of an org, which live in its database.
import { isIP } from 'node:net';

type Setting = { name: string; default: string | null; meaning: string };

export const settings = [
  {
    name: 'GATEHOUSE_URL',
    default: 'http://localhost:8080',
    meaning:
      "The org's public URL, without a path. Every issuer and every link derives from it, never from a Host header, unless an issuer mode is DYNAMIC and the host is one of GATEHOUSE_DOMAINS.",
  },
  { name: 'HOST', default: '127.0.0.1', meaning: 'The address to listen on.' },
  { name: 'PORT', default: '8080', meaning: 'The port to listen on; 0 picks a free one.' },
  {
    name: 'DATABASE_URL',
    default: 'sqlite:./data/gatehouse.db',
    meaning: '`sqlite:PATH` for the embedded database or `postgres://…` for PostgreSQL.',
  },
  {
    name: 'GATEHOUSE_MASTER_KEY',
    default: null,
    meaning:
      'At least 32 bytes, base64 or hex; seals private keys and secrets at rest. With the embedded database it is created beside the database file on first start; with PostgreSQL it is required, the same on every process.',
  },
  {
    name: 'GATEHOUSE_ADMIN_LOGIN',
    default: null,
    meaning:
      'First start only, together with GATEHOUSE_ADMIN_PASSWORD: makes the first administrator. Unset: a one-time set-up link is printed. There is never a default account.',
  },
  { name: 'GATEHOUSE_ADMIN_PASSWORD', default: null, meaning: "First start only: the first administrator's password." },
  {
    name: 'GATEHOUSE_API_TOKEN',
    default: null,
    meaning:
      'First start only: an API token for automation (`Authorization: SSWS …`), at least 32 characters. It acts with the rights of the first administrator; where the settings name none, with full rights for the system itself until somebody becomes a super administrator, who then owns it.',
  },
  {
    name: 'GATEHOUSE_DOMAINS',
    default: null,
    meaning:
      'Further public hosts of the same org (custom domains), comma separated. The only hosts that issuer mode DYNAMIC follows.',
  },
  {
    name: 'TLS_CERT_FILE',
    default: null,
    meaning: 'With TLS_KEY_FILE: serve HTTPS. Read again when the file changes.',
  },
  { name: 'TLS_KEY_FILE', default: null, meaning: 'The private key of TLS_CERT_FILE, PEM.' },
  {
    name: 'TRUSTED_PROXIES',
    default: null,
    meaning:
      'Addresses or CIDR ranges whose X-Forwarded-For, -Proto and -Host are believed, comma separated. From anyone else these headers are ignored.',
  },
  {
    name: 'EGRESS_ALLOW',
    default: null,
    meaning:
      'Hosts, addresses or CIDR ranges that the server may call although they are private, and by http too, comma separated. Unset: only public addresses, by https. This is about URLs that administrators enter, such as the `jwks_uri` of an application.',
  },
  {
    name: 'RATE_LIMIT',
    default: '0',
    meaning:
      'Requests that one address may send in a minute to one process; above it the answer is 429. 0: no limit. Set it where no proxy limits already.',
  },
  {
    name: 'GATEHOUSE_IMPORT_TOKEN',
    default: null,
    meaning:
      'For `gatehouse import` alone: the API token or access token by which the other org is read. Better here than as `--token`, which other people of the machine can see.',
  },
  { name: 'LOG_LEVEL', default: 'info', meaning: '`debug`, `info`, `warn`, `error` or `silent`.' },
] as const satisfies readonly Setting[];

type SettingName = (typeof settings)[number]['name'];

export type Config = {
  /** Origin of the org, such as `https://sso.example.com`. */
  url: string;
  host: string;
  port: number;
  databaseUrl: string;
  masterKey: Uint8Array | null;
  firstAdmin: { login: string; password: string } | null;
  firstApiToken: string | null;
  /** By which `gatehouse import` reads another org. */
  importToken: string | null;
  /** Origins of the registered custom domains, scheme as in url. */
  domains: string[];
  tls: { certFile: string; keyFile: string } | null;
  /** Addresses and CIDR ranges, each checked to be one. */
  trustedProxies: string[];
  /** Host names, addresses and CIDR ranges, each checked to be one. */
  egressAllow: string[];
  /** Requests a minute and address; 0: no limit. */
  rateLimit: number;
  logLevel: LogLevel;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A setting that cannot be used; the message names it and says what is expected. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Reads the settings out of `values` (the process's environment). Throws ConfigError, one sentence per wrong setting. */
export function readConfig(values: Record<string, string | undefined>): Config {
  const get = (name: SettingName): string | null => {
    const given = values[name]?.trim();
    if (given) return given;
    return settings.find((setting) => setting.name === name)?.default ?? null;
  };
  const need = (name: SettingName): string => get(name) ?? '';
  const port = wholeNumber('PORT', need('PORT'), 0, 65_535);
  const tls = tlsOf(get('TLS_CERT_FILE'), get('TLS_KEY_FILE'));
  const url = originOf(
    'GATEHOUSE_URL',
    values.GATEHOUSE_URL?.trim() || `${tls ? 'https' : 'http'}://localhost:${port}`,
  );
  return {
    url,
    host: need('HOST'),
    port,
    databaseUrl: databaseUrlOf(need('DATABASE_URL')),
    masterKey: masterKeyOf(get('GATEHOUSE_MASTER_KEY')),
    firstAdmin: firstAdminOf(get('GATEHOUSE_ADMIN_LOGIN'), get('GATEHOUSE_ADMIN_PASSWORD')),
    firstApiToken: firstApiTokenOf(get('GATEHOUSE_API_TOKEN')),
    importToken: get('GATEHOUSE_IMPORT_TOKEN'),
    domains: list(get('GATEHOUSE_DOMAINS')).map((host) => domainOf(host, url)),
    tls,
    trustedProxies: list(get('TRUSTED_PROXIES')).map((entry) => addressesOf('TRUSTED_PROXIES', entry)),
    egressAllow: list(get('EGRESS_ALLOW')).map(egressOf),
    rateLimit: wholeNumber('RATE_LIMIT', need('RATE_LIMIT'), 0, 1_000_000),
    logLevel: logLevelOf(need('LOG_LEVEL')),
  };
}

function list(value: string | null): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function originOf(name: string, value: string): string {
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol)) throw new ConfigError(`${name} must be an http or https URL`);
  if (url.pathname !== '/' || url.search || url.hash || url.username)
    throw new ConfigError(`${name} must have no path, query or user: ${url.origin} would be right`);
  return url.origin;
}

function domainOf(host: string, orgUrl: string): string {
  return originOf('GATEHOUSE_DOMAINS', host.includes('://') ? host : `${new URL(orgUrl).protocol}//${host}`);
}

function addressesOf(name: string, entry: string): string {
  const [address = '', prefix] = entry.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  if (family === 0 || (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > most)))
    throw new ConfigError(`${name} must list addresses or CIDR ranges: ${entry} is neither`);
  return entry;
}

function egressOf(entry: string): string {
  return /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/i.test(entry) ? entry : addressesOf('EGRESS_ALLOW', entry);
}

function wholeNumber(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most)
    throw new ConfigError(`${name} must be a whole number from ${least} to ${most}`);
  return number;
}

function databaseUrlOf(value: string): string {
  if (!/^(sqlite:.|postgres(ql)?:\/\/)/.test(value))
    throw new ConfigError('DATABASE_URL must begin with sqlite: or postgres://');
  return value;
}

function masterKeyOf(value: string | null): Uint8Array | null {
  if (value === null) return null;
  const bytes =
    /^[0-9a-f]+$/i.test(value) && value.length % 2 === 0 ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64');
  if (bytes.length < 32) throw new ConfigError('GATEHOUSE_MASTER_KEY must hold at least 32 bytes, as base64 or hex');
  return bytes;
}

function firstAdminOf(login: string | null, password: string | null): Config['firstAdmin'] {
  if (login === null && password === null) return null;
  if (login === null || password === null)
    throw new ConfigError('GATEHOUSE_ADMIN_LOGIN and GATEHOUSE_ADMIN_PASSWORD are set together or not at all');
  return { login, password };
}

function firstApiTokenOf(value: string | null): string | null {
  if (value !== null && value.length < 32)
    throw new ConfigError('GATEHOUSE_API_TOKEN must have at least 32 characters');
  return value;
}

function tlsOf(certFile: string | null, keyFile: string | null): Config['tls'] {
  if (certFile === null && keyFile === null) return null;
  if (certFile === null || keyFile === null)
    throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE are set together or not at all');
  return { certFile, keyFile };
}

function logLevelOf(value: string): LogLevel {
  const levels: LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
  const level = levels.find((candidate) => candidate === value);
  if (!level) throw new ConfigError(`LOG_LEVEL must be one of ${levels.join(', ')}`);
  return level;
}
