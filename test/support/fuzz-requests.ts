// Owns requests as a fuzzer makes them, from what the server says of itself: every route of its OpenAPI document with the bodies
// that it describes, half right and half odd, and the OAuth endpoints and pages. Not here: the odd values (fuzz-values.ts), sending.
import fc from 'fast-check';
import { oddJson, oddJwt, oddLatin, oddText } from './fuzz-values.ts';

/** What exists and may be named: by the name of a path parameter, and of an OAuth parameter. */
export type FuzzWorld = {
  authServerId: string;
  ids: Record<string, string>;
  oauth: Record<string, string>;
  /** Parameters that only the person or client has. */
  secrets: Record<string, string>;
  /** What a route takes, by the end of its path. */
  bodies: Record<string, unknown>;
};

export type FuzzRequest = {
  route: string;
  method: string;
  path: string;
  headers: [name: string, value: string][];
  body: string | Buffer | null;
  /** Of an administrator's script or of a signed-in person; the sender puts them in. */
  rights: 'none' | 'api' | 'session';
};

export type Schema = {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  prefixItems?: Schema[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
};
type Operation = {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};
export type ApiDocument = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const FORM = 'application/x-www-form-urlencoded';
/** What takes the rights away that the other requests come with. */
const NOT_WITH_RIGHTS = /^DELETE \/api\/v1\/api-tokens\/current$/;

export function fuzzRequests(document: ApiDocument, world: FuzzWorld): fc.Arbitrary<FuzzRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...operations).chain((one) => apiRequest(document, world, one)) },
    { weight: 3, arbitrary: fc.constantFrom(...oauthRoutes).chain((one) => oauthRequest(world, one, 'none')) },
    { weight: 2, arbitrary: fc.constantFrom(...oauthRoutes).chain((one) => oauthRequest(world, one, 'session')) },
    { weight: 1, arbitrary: anyRequest() },
  );
}

const anyPath = fc
  .array(fc.oneof(fc.constantFrom('api', 'v1', 'oauth2', 'users', '..', '.', '', '.well-known', 'assets'), oddText), {
    maxLength: 6,
  })
  .map((parts) => `/${parts.map(inPath).join('/')}`);

function anyRequest(): fc.Arbitrary<FuzzRequest> {
  return fc.record({
    route: fc.constant('any'),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'),
    path: fc.oneof(
      anyPath,
      oddLatin.map((text) => `/${text.replaceAll(' ', '%')}`),
    ),
    headers: oddHeaders(),
    body: fc.constant(null),
    rights: fc.constantFrom('none', 'api', 'session'),
  });
}

function apiRequest(
  document: ApiDocument,
  world: FuzzWorld,
  { method, path, operation }: { method: string; path: string; operation: Operation },
): fc.Arbitrary<FuzzRequest> {
  const route = `${method} ${path}`;
  const queryNames = (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name);
  const schema = operation.requestBody?.content['application/json']?.schema;
  const known = world.bodies[path.split('/').findLast((part) => !part.startsWith('{')) ?? ''];
  const body = schema
    ? fc.oneof(
        { weight: known === undefined ? 0 : 12, arbitrary: mutated(known).map(inJson) },
        { weight: 6, arbitrary: jsonOf(document, schema, 0).map(inJson) },
        { weight: 1, arbitrary: brokenBody },
      )
    : fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: brokenBody });
  return fc.record({
    route: fc.constant(route),
    method: fc.constant(method),
    path: fc
      .tuple(filledPath(world, path, /^DELETE|deactivate$|suspend$/.test(route) ? 1 : 20), query(queryNames))
      .map(([filled, search]) => `${filled}${search}`),
    headers: oddHeaders([['content-type', 'application/json']]),
    body,
    rights: NOT_WITH_RIGHTS.test(route)
      ? fc.constant('none' as const)
      : fc.constantFrom('api' as const, 'api' as const, 'api' as const, 'api' as const, 'none' as const),
  });
}

/** `real`: how often an id is one that exists, out of as many and three. */
function filledPath(world: FuzzWorld, path: string, real: number): fc.Arbitrary<string> {
  const parts = path.split('/').map((part): fc.Arbitrary<string> => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return fc.constant(part);
    const known = Object.values(world.ids);
    return fc.oneof(
      { weight: real, arbitrary: fc.constant(world.ids[name] ?? 'made-up') },
      { weight: 1, arbitrary: fc.constant('made-up') },
      { weight: 1, arbitrary: fc.constantFrom(...known) },
      { weight: 1, arbitrary: oddText.map((text) => inPath(text) || 'x') },
    );
  });
  return fc.tuple(...parts).map((filled) => filled.join('/'));
}

function query(names: readonly string[]): fc.Arbitrary<string> {
  if (names.length === 0) return fc.constant('');
  return fc
    .dictionary(fc.constantFrom(...names), oddText, { maxKeys: 3 })
    .map((given) => (Object.keys(given).length > 0 ? `?${new URLSearchParams(given)}` : ''));
}

/** A right value with up to two members changed or gone. */
function mutated(right: unknown): fc.Arbitrary<unknown> {
  const change = fc.tuple(fc.nat(), fc.option(oddJson, { nil: undefined, freq: 4 }));
  return fc.array(change, { maxLength: 2 }).map((changes) => {
    const copy = structuredClone(right);
    for (const [which, value] of changes) {
      const places = placesOf(copy);
      const place = places[which % Math.max(1, places.length)];
      if (place) place.holder[place.key] = structuredClone(value);
    }
    return copy;
  });
}

function placesOf(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])]);
}

/** A value of the schema, wrong in places. */
function jsonOf(document: ApiDocument, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const right = rightJson(document, schema, depth);
  return fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: oddJson });
}

function rightJson(document: ApiDocument, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const of = (inner: Schema) => jsonOf(document, inner, depth + 1);
  if (depth > 6) return oddJson;
  if (schema.$ref !== undefined) {
    const named = document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return named ? rightJson(document, named, depth + 1) : oddJson;
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices && choices.length > 0) return fc.oneof(...choices.map(of));
  const types = [schema.type ?? []].flat();
  if (types.includes('object') && schema.properties) {
    const model = Object.fromEntries(Object.entries(schema.properties).map(([name, inner]) => [name, of(inner)]));
    return fc
      .tuple(fc.record(model, { requiredKeys: [] }), fc.option(fc.dictionary(oddText, oddJson, { maxKeys: 2 })))
      .map(([known, further]) => ({ ...further, ...known }));
  }
  if (types.includes('array')) return fc.array(schema.items ? of(schema.items) : oddJson, { maxLength: 3 });
  if (types.includes('string')) return fc.oneof(oddText, fc.constantFrom('Fuzzed', 'ACTIVE', 'fuzz@example.com'));
  return oddJson;
}

const brokenBody: fc.Arbitrary<string | Buffer> = fc.oneof(
  oddText,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  oddJson.map(inJson),
  fc.constant(`${'['.repeat(20_000)}`),
  fc.constant('{"__proto__":{"status":"x"},"constructor":{"prototype":{}}}'),
);

const OAUTH_NAMES = [
  ...['client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'grant_type', 'code', 'code_verifier'],
  ...['redirect_uri', 'refresh_token', 'scope', 'username', 'password', 'assertion', 'device_code', 'user_code'],
  ...['subject_token', 'subject_token_type', 'actor_token', 'audience', 'token', 'token_type_hint', 'response_type'],
  ...['response_mode', 'state', 'nonce', 'prompt', 'max_age', 'login_hint', 'acr_values', 'id_token_hint', 'request'],
  ...['request_uri', 'code_challenge', 'code_challenge_method', 'dpop_jkt', 'sessionToken', 'idp', 'claims', 'display'],
  ...['post_logout_redirect_uri', 'ui_locales', 'identifier', 'fromURI', 'answer', 'csrf', 'requested_token_type'],
];
const GRANT_TYPES = [
  ...['authorization_code', 'refresh_token', 'client_credentials', 'password', 'implicit'],
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
];

type OAuthRoute = { method: string; path: string };

const endpoint = (method: string, name: string): OAuthRoute[] =>
  ['/oauth2', '/oauth2/AS', '/oauth2/default'].map((base) => ({ method, path: `${base}/v1/${name}` }));
const page = (method: string, path: string): OAuthRoute[] => [{ method, path }];

const oauthRoutes: readonly OAuthRoute[] = [
  ...['token', 'token', 'introspect', 'revoke', 'par', 'device/authorize', 'userinfo', 'authorize', 'logout'].flatMap(
    (name) => endpoint('POST', name),
  ),
  ...['authorize', 'authorize', 'logout', 'userinfo', 'keys'].flatMap((name) => endpoint('GET', name)),
  ...['/.well-known/openid-configuration', '/oauth2/AS/.well-known/oauth-authorization-server'].flatMap((path) =>
    page('GET', path),
  ),
  ...['/signin', '/oauth2/consent', '/oauth2/resume', '/activate', '/activate/confirm', '/', '/set-up'].flatMap(
    (path) => page('GET', path),
  ),
  ...['/signin', '/oauth2/consent', '/activate', '/activate/confirm', '/set-up', '/signout'].flatMap((path) =>
    page('POST', path),
  ),
  ...['/sso/idps/0oa1', '/login/default', '/oauth2/v1/authorize/callback'].flatMap((path) => page('GET', path)),
  ...page('POST', '/oauth2/v1/authorize/callback'),
];

function oauthRequest(
  world: FuzzWorld,
  { method, path }: OAuthRoute,
  rights: 'none' | 'session',
): fc.Arbitrary<FuzzRequest> {
  const withSecrets = { ...world.oauth, ...world.secrets };
  const changes = fc.dictionary(
    fc.constantFrom(...OAUTH_NAMES),
    fc.oneof(
      { weight: 5, arbitrary: oddText },
      { weight: 3, arbitrary: oddJwt },
      { weight: 2, arbitrary: fc.constantFrom(...Object.values(world.oauth)) },
    ),
    { maxKeys: 4 },
  );
  const grantType = fc.constantFrom(...GRANT_TYPES);
  const parameters = fc
    .tuple(changes, grantType, fc.subarray(Object.keys(withSecrets)), fc.integer({ min: 0, max: 3 }))
    .map(([changed, grant_type, kept, some]) => {
      const known = Object.entries(rights === 'none' ? world.oauth : withSecrets);
      const given = known.filter(([name]) => some > 0 || kept.includes(name));
      return new URLSearchParams({ grant_type, ...Object.fromEntries(given), ...changed }).toString();
    });
  const encoded = fc.oneof(
    { weight: 12, arbitrary: parameters },
    { weight: 1, arbitrary: parameters.map((text) => `${text}&${text}`) },
    { weight: 1, arbitrary: parameters.map((text) => text.replaceAll('%', '%%')) },
    { weight: 1, arbitrary: oddLatin },
  );
  const where = path.replace('AS', world.authServerId);
  return fc.record({
    route: fc.constant(`${method} ${path}`),
    method: fc.constant(method),
    path:
      method === 'GET'
        ? encoded.map((text) => `${where}?${text.replaceAll(' ', '+').slice(0, 12_000)}`)
        : fc.constant(where),
    headers: oddHeaders([['content-type', FORM]]),
    body:
      method === 'GET'
        ? fc.constant(null)
        : fc.oneof({ weight: 12, arbitrary: encoded }, { weight: 1, arbitrary: brokenBody }),
    rights: fc.constant(rights),
  });
}

const HEADER_NAMES = [
  ...['authorization', 'cookie', 'origin', 'referer', 'accept', 'content-type', 'dpop', 'x-forwarded-for', 'range'],
  ...['x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'if-none-match', 'accept-language', 'user-agent'],
  ...[
    'x-okta-user-agent-extended',
    'sec-fetch-site',
    'access-control-request-method',
    'content-encoding',
    'accept-encoding',
  ],
];

function oddHeaders(given: [string, string][] = []): fc.Arbitrary<[string, string][]> {
  const value = fc.oneof(
    { weight: 4, arbitrary: oddLatin },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom('Bearer ', 'DPoP ', 'SSWS ', 'Basic ', '', 'idx=', 'browser='), oddJwt)
        .map(([scheme, jwt]) => `${scheme}${jwt}`),
    },
    { weight: 2, arbitrary: fc.base64String({ maxLength: 80 }).map((text) => `Basic ${text}`) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'text/html',
        '*/*',
        'null',
        'http://localhost:4555',
        'multipart/form-data; boundary=x',
      ),
    },
  );
  return fc
    .dictionary(fc.constantFrom(...HEADER_NAMES), value, { maxKeys: 2 })
    .map((odd) =>
      [...given.filter(([name]) => !(name in odd)), ...Object.entries(odd)].map(([n, v]) => [n, v.slice(0, 4000)]),
    );
}

function inPath(text: string): string {
  return encodeURIComponent(text.toWellFormed().slice(0, 1000));
}

function inJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
