// Owns a fuzzing run: makes what requests may name, sends generated requests, judges each answer, and measures the process.
// Not here: what the requests are (fuzz-requests.ts).

import { readFile } from 'node:fs/promises';
import { Agent, request as send } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { type ApiDocument, type FuzzRequest, type FuzzWorld, fuzzRequests } from './fuzz-requests.ts';
import { CALLBACK, followGuide, makeAuthorizationServer } from './guide.ts';
import { codeFor, tokensFor } from './oauth.ts';
import type { TestServer } from './server.ts';
import { newUserAgent } from './user-agent.ts';

export type FuzzReport = {
  sent: number;
  statuses: Record<string, number>;
  slowestMs: number;
  /** What must not be, in words, with the request. */
  problems: string[];
};

type Target = { server: TestServer; agent: Agent; session: string };
type Answer = { status: number; headers: string; body: string; ms: number };

const SLOW_MS = 2000;
const AT_ONCE = 8;
const BATCH = 400;
const MOST_PROBLEMS = 20;
/** After so many requests the fuzzer has spoilt what it may name, and gets it anew. */
const WORLD_LIFETIME = 2000;

/** Sends `count` requests; `seed` makes the same ones again. */
export async function fuzz(server: TestServer, count: number, seed: number): Promise<FuzzReport> {
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as ApiDocument;
  const report: FuzzReport = { sent: 0, statuses: {}, slowestMs: 0, problems: [] };
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  let world = await newWorld(server);
  try {
    while (report.sent < count && report.problems.length < MOST_PROBLEMS) {
      if (report.sent > 0 && report.sent % WORLD_LIFETIME === 0) world = await newWorld(server);
      const numRuns = Math.min(BATCH, count - report.sent);
      const batch = fc.sample(fuzzRequests(document, world), { numRuns, seed: seed + report.sent });
      await Promise.all(
        Array.from({ length: AT_ONCE }, () => work({ server, agent, session: world.session }, batch, report)),
      );
    }
  } finally {
    agent.destroy();
  }
  return report;
}

async function work(to: Target, batch: FuzzRequest[], report: FuzzReport): Promise<void> {
  for (let request = batch.pop(); request; request = batch.pop()) {
    const problem = await judge(to, request, report);
    report.sent++;
    if (problem !== null) report.problems.push(`${problem}\n${JSON.stringify(request).slice(0, 6000)}`);
  }
}

async function judge(to: Target, request: FuzzRequest, report: FuzzReport): Promise<string | null> {
  let answer: Answer;
  try {
    answer = await ask(to, request);
    // A busy machine is no hang: what is slow is slow again, alone.
    if (answer.ms > SLOW_MS) answer = await ask(to, request);
  } catch (error) {
    // A second try tells a connection that was closed while idle from a request that closes connections.
    try {
      answer = await ask(to, request);
    } catch {
      return `no answer: ${error}`;
    }
  }
  const { status, ms, headers, body } = answer;
  report.statuses[status] = (report.statuses[status] ?? 0) + 1;
  report.slowestMs = Math.max(report.slowestMs, Math.round(ms));
  // Okta's word for what an installation does not offer is a 501: a refusal, not a failure.
  if (status >= 500 && !(status === 501 && body.includes('E0000060'))) return `${status}: ${body.slice(0, 400)}`;
  if (ms > SLOW_MS) return `took ${Math.round(ms)} ms`;
  if (request.rights === 'none') {
    const token = tokenIn(`${headers}\n${body}`, request);
    if (token !== null) return `handed out ${token}`;
  }
  return null;
}

/** A JWT that the request did not bring, or a member or parameter that carries a token or code. */
function tokenIn(answer: string, request: FuzzRequest): string | null {
  const brought = `${request.path}\n${request.body ?? ''}\n${request.headers}`;
  const jwts = answer.match(/eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{20,}/g) ?? [];
  const foreign = jwts.find((jwt) => !brought.includes(jwt));
  if (foreign !== undefined) return foreign;
  return (
    /"(access_token|refresh_token|id_token|sessionToken)"\s*:\s*"|[?#&](access_token|id_token|code)=/.exec(
      answer,
    )?.[0] ?? null
  );
}

const rightsOf: Record<FuzzRequest['rights'], (server: TestServer, session: string) => [string, string][]> = {
  none: () => [],
  api: ({ apiToken }) => [['authorization', `SSWS ${apiToken}`]],
  session: ({ url }, session) => [
    ['cookie', session],
    ['origin', url],
  ],
};

function ask({ server, agent, session }: Target, request: FuzzRequest): Promise<Answer> {
  const { method, path, body } = request;
  const rights: [string, string][] = rightsOf[request.rights](server, session);
  const others = request.headers.filter(([name]) => !rights.some(([taken]) => taken === name));
  const length: [string, string][] = body === null ? [] : [['content-length', String(Buffer.byteLength(body))]];
  const headers = [['host', `localhost:${server.port}`], ...others, ...rights, ...length].flat();
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const call = send({ host: '127.0.0.1', port: server.port, method, path, headers, setHost: false, agent });
    call.once('error', reject);
    call.setTimeout(15_000, () => call.destroy(new Error('silent for 15 s')));
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.rawHeaders.join('\n'),
          body: Buffer.concat(chunks).toString('utf8'),
          ms: performance.now() - begun,
        }),
      );
    });
    if (body === null) call.end();
    else call.end(body);
  });
}

type World = FuzzWorld & { session: string };

async function newWorld(server: TestServer): Promise<World> {
  const guide = await followGuide(server);
  const { api, authorizationServer, policy, rule, app, user, clientId, defaultScope } = guide;
  const at = `/api/v1/authorizationServers/${authorizationServer.id}`;
  const group = await api.post<{ id: string }>('/api/v1/groups', { profile: { name: `Fuzzed ${clientId}` } });
  const claim = await api.post<{ id: string }>(`${at}/claims`, {
    name: 'fuzzed',
    status: 'ACTIVE',
    claimType: 'RESOURCE',
    valueType: 'EXPRESSION',
    value: 'user.login',
    conditions: { scopes: [] },
  });
  const trustedOrigin = { name: `Fuzzed ${clientId}`, origin: `https://${clientId.toLowerCase()}.example` };
  const origin = await api.post<{ id: string }>('/api/v1/trustedOrigins', {
    ...trustedOrigin,
    scopes: [{ type: 'CORS' }],
  });
  const inlineHook = {
    name: `Fuzzed ${clientId}`,
    type: 'com.okta.oauth2.tokens.transform',
    version: '1.0.0',
    channel: { type: 'HTTP', version: '1.0.0', config: { uri: 'https://fuzz.example/hook', method: 'POST' } },
  };
  const hook = await api.post<{ id: string }>('/api/v1/inlineHooks', inlineHook);
  const other = await makeAuthorizationServer(api, 'api://fuzzed');
  const agent = newUserAgent(server);
  const tokens = await tokensFor(agent, guide, user);
  const { code, verifier } = await codeFor(agent, guide, user);
  const profile = { firstName: 'F', lastName: 'Z', email: 'fuzz@example.com', login: `fuzz-${clientId}@example.com` };
  return {
    authServerId: authorizationServer.id,
    session: [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    ids: {
      userId: user.id,
      appId: app.id,
      groupId: group.id,
      clientId,
      authServerId: authorizationServer.id,
      associatedServerId: other.id,
      trustedOriginId: origin.id,
      inlineHookId: hook.id,
      policyId: policy.id,
      ruleId: rule.id,
      scopeId: defaultScope.id,
      claimId: claim.id,
    },
    oauth: {
      client_id: clientId,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid profile',
      state: 'fuzzed-state',
      nonce: 'fuzzed-nonce',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      login_hint: user.login,
    },
    secrets: {
      token: tokens.access_token,
      refresh_token: tokens.refresh_token,
      subject_token: tokens.access_token,
      id_token_hint: tokens.id_token,
      code,
      code_verifier: verifier,
    },
    bodies: {
      users: { profile, credentials: { password: { value: user.password } } },
      groups: { profile: { name: 'Fuzzed', description: 'Fuzzed' } },
      apps: await api.get(`/api/v1/apps/${app.id}`),
      authorizationServers: await api.get(at),
      scopes: await api.get(`${at}/scopes/${defaultScope.id}`),
      claims: await api.get(`${at}/claims/${claim.id}`),
      policies: await api.get(`${at}/policies/${policy.id}`),
      rules: await api.get(`${at}/policies/${policy.id}/rules/${rule.id}`),
      authn: { username: user.login, password: 'wrong' },
      sessions: { sessionToken: 'made-up' },
      clients: { client_name: 'Fuzzed', redirect_uris: [CALLBACK], application_type: 'web' },
      explain: { clientId, grantType: 'authorization_code', userId: user.id, scopes: ['openid', 'profile'] },
      trustedOrigins: { ...trustedOrigin, scopes: [{ type: 'CORS' }] },
      jwks: { kty: 'RSA', e: 'AQAB', n: 'x'.repeat(342), use: 'sig', kid: 'fuzzed', status: 'INACTIVE' },
      secrets: { client_secret: 'fuzzed-secret-of-some-length', status: 'ACTIVE' },
      roles: { type: 'READ_ONLY_ADMIN' },
      grants: { scopeId: 'okta.users.read', issuer: server.url },
      inlineHooks: inlineHook,
    },
  };
}

/** Resident memory of the server's process in MiB, as soon as it is below `level` or, if it never is, after ten seconds. */
export async function memoryOf(server: TestServer, level = 0): Promise<number> {
  const deadline = Date.now() + (level > 0 ? 10_000 : 0);
  for (;;) {
    const status = await readFile(`/proc/${server.pid()}/status`, 'utf8');
    const mebibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    if (mebibytes <= level || Date.now() >= deadline) return Math.round(mebibytes);
    await delay(250);
  }
}
