// Kill -9 at any moment loses no answer that was given: tokens, sessions and objects that were acknowledged are there afterwards.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { followGuide, type Guide, unique } from '../support/guide.ts';
import { codeFor, introspect, redeem, refresh, revoke } from '../support/oauth.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { newUserAgent, type UserAgent } from '../support/user-agent.ts';

/** Everything that the server said yes to. */
type Acknowledged = {
  groups: string[];
  deletedGroups: string[];
  accessTokens: string[];
  refreshTokens: string[];
  revoked: string[];
  spentCodes: { code: string; verifier: string }[];
  sessions: string[];
  endedSessions: string[];
};

const ROUNDS = 3;

test('nothing that was acknowledged is lost, whenever the process is killed', { timeout: 180_000 }, async () => {
  const server = await startServer({ database: inject('database') });
  try {
    const guide = await followGuide(server, { oauthClient: { refresh_token: { rotation_type: 'ROTATE', leeway: 0 } } });
    for (let round = 0; round < ROUNDS; round++) {
      const said = await loadUntilKilled(server, guide, 300 + round * 250);
      await server.restart();
      await expectAllThere(server, guide, said);
    }
  } finally {
    await server.stop();
  }
});

async function loadUntilKilled(server: TestServer, guide: Guide, killAfterMs: number): Promise<Acknowledged> {
  const said: Acknowledged = {
    groups: [],
    deletedGroups: [],
    accessTokens: [],
    refreshTokens: [],
    revoked: [],
    spentCodes: [],
    sessions: [],
    endedSessions: [],
  };
  let running = true;
  const forever = async (act: () => Promise<void>): Promise<void> => {
    // The connection breaks in the middle of a request: that one was not acknowledged.
    while (running)
      await act().catch((error: unknown) => running && expect(String(error)).toMatch(/fetch failed|terminated|socket/));
  };
  const agents = [newUserAgent(server), newUserAgent(server)];
  for (const agent of agents) await codeFor(agent, guide, guide.user);
  const load = Promise.all([
    forever(() => makeGroups(guide, said)),
    forever(() => makeGroups(guide, said)),
    ...agents.map((agent) => forever(() => takeTokens(agent, guide, said))),
    forever(() => signInAndOut(server, guide, said)),
  ]);
  const enough = () => said.groups.length > 5 && said.refreshTokens.length > 2 && said.sessions.length > 1;
  const start = performance.now();
  while (!enough() || performance.now() - start < killAfterMs) {
    if (performance.now() - start > 30_000)
      throw new Error(`Too little was acknowledged: ${said.groups.length} groups, ${said.sessions.length} sessions`);
    await delay(5);
  }
  await server.kill9();
  running = false;
  await load;
  return said;
}

async function makeGroups(guide: Guide, said: Acknowledged): Promise<void> {
  const { id } = await guide.api.post<{ id: string }>('/api/v1/groups', { profile: { name: unique('Killed') } });
  if (said.groups.length <= said.deletedGroups.length * 2) {
    said.groups.push(id);
    return;
  }
  await guide.api.delete(`/api/v1/groups/${id}`);
  said.deletedGroups.push(id);
}

async function takeTokens(agent: UserAgent, guide: Guide, said: Acknowledged): Promise<void> {
  const grant = await codeFor(agent, guide, guide.user);
  const first = await redeem(guide, grant);
  if (first.status !== 200) return;
  said.spentCodes.push(grant);
  const renewed = await refresh(guide, first.body.refresh_token);
  if (renewed.status !== 200) return;
  said.accessTokens.push(renewed.body.access_token);
  said.refreshTokens.push(renewed.body.refresh_token);
  const other = await redeem(guide, await codeFor(agent, guide, guide.user));
  if (other.status !== 200) return;
  if ((await revoke(guide, other.body.refresh_token)).status === 200) said.revoked.push(other.body.refresh_token);
}

async function signInAndOut(server: TestServer, guide: Guide, said: Acknowledged): Promise<void> {
  const agent = newUserAgent(server);
  await codeFor(agent, guide, guide.user);
  const id = agent.cookies.get('idx') ?? '';
  if (said.sessions.length <= said.endedSessions.length) {
    said.sessions.push(id);
    return;
  }
  const headers = { origin: server.url };
  const ended = await agent.send(`${server.url}/api/v1/sessions/me`, { method: 'DELETE', headers });
  if (ended.status === 204) said.endedSessions.push(id);
}

async function expectAllThere(server: TestServer, guide: Guide, said: Acknowledged): Promise<void> {
  for (const id of said.groups) expect((await guide.api.request('GET', `/api/v1/groups/${id}`)).status).toBe(200);
  for (const id of said.deletedGroups)
    expect((await guide.api.request('GET', `/api/v1/groups/${id}`)).status).toBe(404);
  for (const token of said.accessTokens) expect((await introspect(guide, token)).body.active).toBe(true);
  for (const token of said.revoked) expect((await introspect(guide, token)).body.active).toBe(false);
  for (const token of said.refreshTokens) expect((await refresh(guide, token)).status).toBe(200);
  const sessionStatus = async (id: string) => {
    const agent = newUserAgent(server);
    agent.cookies.set('idx', id);
    return (await agent.send(`${server.url}/api/v1/sessions/me`)).status;
  };
  for (const id of said.sessions) expect(await sessionStatus(id)).toBe(200);
  for (const id of said.endedSessions) expect(await sessionStatus(id)).toBe(404);
  // Last, because a second use takes its tokens back.
  for (const grant of said.spentCodes) expect((await redeem(guide, grant)).status).toBe(400);
}
