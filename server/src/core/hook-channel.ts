// Owns the channel of a hook, of either kind: the address and headers under which a service of others is called, and the secret that it
// knows us by, which is sealed and never shown. Not here: the hooks (inline-hooks.ts, event-hooks.ts) and the calls.
import { isListedForEgress } from './egress.ts';
import type { Env } from './env.ts';
import { invalid } from './refusal.ts';

export type HookHeader = { key: string; value: string };

/** As it is shown: the value of the authentication header is not part of it. */
export type HookChannel = {
  type: 'HTTP';
  version: string;
  config: {
    uri: string;
    headers: HookHeader[];
    method: 'POST';
    authScheme: { type: 'HEADER'; key: string } | null;
  };
};

/** `secret`: of the authentication header; null: as it was. */
type ChannelInput = { channel: HookChannel; secret: string | null };

/** Headers that say how the message is read or where it goes. */
const RESERVED_HEADERS = [
  'accept',
  'accept-encoding',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Throws E0000001 for an address that must not be called, and for headers that cannot be sent. */
export function refuseChannel(env: Env, { channel, secret }: ChannelInput): void {
  const { uri, headers, authScheme } = channel.config;
  const url = URL.parse(uri);
  const encrypted = url?.protocol === 'https:';
  const plain = url?.protocol === 'http:' && isListedForEgress(env, url);
  if (!url || url.username || url.password || /\s/.test(uri) || !(encrypted || plain))
    throw invalid('channel.config.uri', 'channel.config.uri: The URI must begin with https:// and name no user');
  for (const { key, value } of headers) refuseHeader('channel.config.headers', key, value);
  if (authScheme) refuseHeader('channel.config.authScheme', authScheme.key, secret ?? '');
}

function refuseHeader(field: string, key: string, value: string): void {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(key) || RESERVED_HEADERS.includes(key.toLowerCase()))
    throw invalid(field, `${field}: '${key}' cannot be the name of a header here`);
  if (!/^[\t\x20-\x7e]*$/.test(value)) throw invalid(field, `${field}: A header has printable ASCII characters only`);
}

/** The secret as it is stored, at this place of the database; null: the channel has none. */
export function sealSecret(
  env: Env,
  place: string,
  { channel, secret }: ChannelInput,
  before: string | null,
): string | null {
  if (channel.config.authScheme === null) return null;
  if (secret !== null) return env.sealer.seal(secret, place);
  if (before !== null) return before;
  throw invalid('channel.config.authScheme.value', 'channel.config.authScheme.value: The field cannot be left blank');
}

/** What every request through the channel carries; the sealed secret stands at this place. */
export function headersOfChannel(
  env: Env,
  place: string,
  { config: { headers, authScheme } }: HookChannel,
  sealedSecret: string | null,
): Record<string, string> {
  const secret = sealedSecret === null ? '' : env.sealer.unseal(sealedSecret, place);
  return {
    ...Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    accept: 'application/json',
    ...(authScheme ? { [authScheme.key]: secret } : {}),
  };
}
