// Every grant passes the same gates: authentik CVE-2024-38371 and CVE-2024-52287, Casdoor CVE-2026-9094 (peers 6b.6). One row a
// grant, one column a gate. A grant that discovery names without its row here fails the first test.
import { describe, expect, test } from 'vitest';
import { assertionClaims, newClientKey, sign } from '../support/client-keys.ts';
import { activate, askForCodes, DEVICE_GRANT, type DeviceCodes } from '../support/device.ts';
import { type Gate, type GateName, gates, type Refusal, type Wrong } from '../support/gates.ts';
import {
  askToken,
  byPassword,
  type GrantClient,
  JWT_BEARER,
  makeGrantClient,
  TOKEN_EXCHANGE,
} from '../support/grants.ts';
import { allow, CALLBACK } from '../support/guide.ts';
import { authorizeUrl, basic, newPkce, type OAuthError, type Parameters } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const key = await newClientKey();

type Row = {
  grant: string;
  /** Further grants that the client needs on the way. */
  needs?: string[];
  /** By which access policy judges it; its own name unless said. */
  policyGrants?: string[];
  oauthClient?: object;
  /** What the way starts from: made while every gate is open. */
  prepare?(client: GrantClient): Promise<string>;
  /** All that happens before the last step (or nothing), and then that step. */
  begin(client: GrantClient, wrong: Wrong, prepared: string): Promise<(wrong: Wrong) => Promise<Refusal>>;
  /** Gates that this grant does not have, and why. */
  without?: Partial<Record<GateName, string>>;
};

/** Another server that allows this client everything: only what was issued for the first is out of place there. */
const elsewheres = new Map<string, GrantClient>();

const rows: readonly Row[] = [
  {
    grant: 'authorization_code',
    begin: async (client, wrong) => {
      const { refusal, code, verifier } = await codeOf(client, wrong);
      if (refusal) return async () => refusal;
      return (wrong) =>
        tokens(client, wrong, {
          grant_type: 'authorization_code',
          code,
          code_verifier: verifier,
          redirect_uri: CALLBACK,
        });
    },
  },
  {
    grant: 'implicit',
    oauthClient: { response_types: ['token', 'id_token'] },
    begin: async (client) => async (wrong) => {
      const agent = newUserAgent(server);
      const url = authorizeUrl(at(client, wrong), newPkce(), { response_type: 'token', scope: scopeOf(wrong) });
      const { left, html, status } = await agent.signIn(url, client.user);
      return left ? frontChannel(new URLSearchParams(left.hash.slice(1))) : pageRefusal(status, html);
    },
    without: {
      'wrong client credentials': 'the front channel has none',
      'user suspended': 'the sign-in page turns them away: session.test.ts',
      'token of another server': 'nothing was issued before',
    },
  },
  {
    grant: 'refresh_token',
    needs: ['authorization_code'],
    policyGrants: ['authorization_code'],
    prepare: async (client) => {
      const { refusal, code, verifier } = await codeOf(client, { scope: 'catalogue offline_access' });
      if (refusal) throw new Error(`No code: ${refusal.description}`);
      const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK };
      return (await askToken(client, form)).body.refresh_token;
    },
    begin: async (client, _, refreshToken) => (wrong) =>
      tokens(client, wrong, { grant_type: 'refresh_token', refresh_token: refreshToken, scope: scopeOf(wrong) }),
  },
  {
    grant: 'client_credentials',
    begin: async (client) => (wrong) =>
      tokens(client, wrong, { grant_type: 'client_credentials', scope: scopeOf(wrong) }),
    without: {
      'user not assigned': 'there is no user',
      'user suspended': 'there is no user',
      'token of another server': 'nothing was issued before',
    },
  },
  {
    grant: 'password',
    begin: async (client) => (wrong) =>
      tokens(client, wrong, {
        grant_type: 'password',
        username: client.user.login,
        password: client.user.password,
        scope: scopeOf(wrong),
      }),
    without: { 'token of another server': 'nothing was issued before' },
  },
  {
    grant: DEVICE_GRANT,
    begin: async (client, wrong) => {
      const { status, body } = await askForCodes({ ...client, scope: scopeOf(wrong) }, {}, headersOf(client, wrong));
      if (status !== 200) return async () => ({ status, error: body.error, description: body.error_description });
      const refusal = await activated(client, body);
      if (refusal) return async () => refusal;
      return (wrong) => tokens(client, wrong, { grant_type: DEVICE_GRANT, device_code: body.device_code });
    },
  },
  {
    grant: TOKEN_EXCHANGE,
    prepare: async (client) => (await byPassword(await frontOf(client), client.user)).body.access_token,
    begin: async (client, _, subjectToken) => (wrong) =>
      tokens(client, wrong, {
        grant_type: TOKEN_EXCHANGE,
        subject_token: subjectToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: at(client, wrong).audience,
        scope: scopeOf(wrong),
      }),
  },
  {
    grant: JWT_BEARER,
    oauthClient: { jwks: { keys: [key.publicJwk] } },
    begin: async (client) => {
      const claims = assertionClaims(client.clientId, client.issuer, { sub: client.user.id });
      const assertion = await sign(key.privateKey, { alg: 'ES256', kid: key.publicJwk.kid }, claims);
      return (wrong) => tokens(client, wrong, { grant_type: JWT_BEARER, assertion, scope: scopeOf(wrong) });
    },
  },
];

test('every grant that discovery names has its row, and every row is named', async () => {
  const named = async (path: string) => {
    const response = await fetch(`${server.url}${path}`);
    return ((await response.json()) as { grant_types_supported: string[] }).grant_types_supported;
  };
  const known = rows.map(({ grant }) => grant).sort();
  for (const document of ['openid-configuration', 'oauth-authorization-server']) {
    expect((await named(`/oauth2/default/.well-known/${document}`)).sort()).toEqual(known);
    const atOrg = await named(`/.well-known/${document}`);
    expect(known).toEqual(expect.arrayContaining(atOrg));
    expect(atOrg).not.toContain(TOKEN_EXCHANGE);
    expect(atOrg).not.toContain(JWT_BEARER);
  }
});

describe.each(rows)('$grant', async (row) => {
  const client = await makeGrantClient(server, [row.grant, ...(row.needs ?? []), 'refresh_token'], {
    oauthClient: row.oauthClient ?? {},
    allowed: row.policyGrants ?? [row.grant],
  });
  await makeElsewhere(client, row);

  const prepare = async () => (await row.prepare?.(client)) ?? '';
  const wholeWay = async (wrong: Wrong, prepared: string): Promise<Refusal> =>
    (await row.begin(client, wrong, prepared))(wrong);

  test('gives tokens through open gates', async () => {
    expect(await wholeWay({}, await prepare())).toBeNull();
  });

  const own = gates.filter(({ name }) => row.without?.[name] === undefined);

  test.each(own.flatMap((gate) => gate.when.map((when) => ({ name: gate.name, when, gate: gate as Gate }))))(
    'gives nothing through: $name ($when)',
    async ({ when, gate }) => {
      const wrong = gate.wrong ?? {};
      const prepared = await prepare();
      const begun = when === 'between' ? await row.begin(client, {}, prepared) : null;
      const open = await gate.shut?.(client);
      const refusal = begun ? await begun(wrong) : await wholeWay(wrong, prepared);
      await open?.();
      expect(refusal).not.toBeNull();
      expect(refusal?.error).toMatch(gate.expected.error);
      expect(refusal?.description).toMatch(gate.expected.description);
    },
  );

  test('gives tokens again once all are open', async () => {
    expect(await wholeWay({}, await prepare())).toBeNull();
  });
});

async function makeElsewhere(client: GrantClient, { policyGrants, grant }: Row): Promise<void> {
  const other = await makeGrantClient(server, [grant === 'refresh_token' ? 'authorization_code' : grant]);
  await allow(client.api, other.authorizationServer.id, [client.clientId], {}, policyGrants ?? [grant]);
  elsewheres.set(client.clientId, other);
}

function at(client: GrantClient, { elsewhere }: Wrong): GrantClient {
  const other = elsewheres.get(client.clientId);
  return elsewhere && other ? { ...client, issuer: other.issuer, audience: other.audience } : client;
}

function scopeOf({ scope }: Wrong): string {
  return scope ?? 'catalogue';
}

function headersOf(client: GrantClient, { secret }: Wrong): Record<string, string> {
  return { authorization: basic(client.clientId, secret ?? client.secret) };
}

async function tokens(client: GrantClient, wrong: Wrong, form: Parameters): Promise<Refusal> {
  const { status, body } = await askToken({ ...at(client, wrong), secret: wrong.secret ?? client.secret }, form);
  if (status === 200) {
    expect(body.access_token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    return null;
  }
  expect(Object.keys(body)).toEqual(['error', 'error_description']);
  return { status, error: body.error, description: body.error_description };
}

async function codeOf(client: GrantClient, wrong: Wrong) {
  const pkce = newPkce();
  const url = authorizeUrl(at(client, wrong), pkce, { scope: scopeOf(wrong) });
  const { left, html, status } = await newUserAgent(server).signIn(url, client.user);
  const code = left?.searchParams.get('code') ?? null;
  if (code !== null) return { refusal: null, code, verifier: pkce.verifier };
  const refusal = left ? frontChannel(left.searchParams) : pageRefusal(status, html);
  return { refusal, code: '', verifier: '' };
}

async function activated(client: GrantClient, codes: DeviceCodes): Promise<Refusal> {
  try {
    await activate(newUserAgent(server), codes, client.user);
    return null;
  } catch (error) {
    return pageRefusal(null, String(error));
  }
}

function frontChannel(answer: URLSearchParams): Refusal {
  if (answer.has('access_token')) return null;
  for (const name of ['code', 'id_token']) expect(answer.has(name)).toBe(false);
  return { status: null, error: answer.get('error') ?? '', description: answer.get('error_description') ?? '' };
}

/** A page tells the error's name and text; who does not ask for a page gets JSON. */
function pageRefusal(status: number | null, html: string): Refusal {
  if (html.startsWith('{')) {
    const { error, error_description: description } = JSON.parse(html) as OAuthError;
    return { status, error, description };
  }
  const text = html.replaceAll('&#39;', "'");
  const error = /<dt>Error<\/dt><dd><code>(\w+)<\/code>/.exec(text)?.[1] ?? '';
  const description = /<h1>[^<]*<\/h1>\s*<p>([^<]*)<\/p>/.exec(text)?.[1] ?? text;
  return { status, error, description };
}

/** What a person signs in to before the client of the token exchange is called: on the same server. */
const fronts = new Map<string, GrantClient>();
async function frontOf(client: GrantClient): Promise<GrantClient> {
  const known = fronts.get(client.clientId);
  if (known) return known;
  const made = await makeGrantClient(server, ['password']);
  await made.api.post(`/api/v1/apps/${made.app.id}/users`, { id: client.user.id, scope: 'USER' });
  await client.api.post(`/api/v1/authorizationServers/${client.authorizationServer.id}/associatedServers`, {
    trusted: [made.authorizationServer.id],
  });
  fronts.set(client.clientId, made);
  return made;
}
