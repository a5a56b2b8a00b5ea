// What must happen once happens once, and what may happen often may happen at the same time: peers 6b.5.
import { describe, expect, test } from 'vitest';
import { followGuide, makeUser } from '../support/guide.ts';
import { codeFor, introspect, redeem, refresh, tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const lenient = await followGuide(server);
const strict = await followGuide(server, { oauthClient: { refresh_token: { rotation_type: 'ROTATE', leeway: 0 } } });
const persistent = await followGuide(server, { oauthClient: { refresh_token: { rotation_type: 'STATIC' } } });
const agent = newUserAgent(server);

const together = <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)));

describe('a code', () => {
  test('is redeemed once, even by fifty at a time', async () => {
    for (let round = 0; round < 3; round++) {
      const grant = await codeFor(agent, lenient, lenient.user);
      const answers = await together(50, () => redeem(lenient, grant));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
        expect(status).toBe(400);
        expect(body.error).toBe('invalid_grant');
      }
    }
  });

  test('that is presented again takes back what its first use gave', async () => {
    const grant = await codeFor(agent, lenient, lenient.user);
    const { body } = await redeem(lenient, grant);
    await redeem(lenient, grant);
    expect((await introspect(lenient, body.access_token)).body.active).toBe(false);
    expect((await refresh(lenient, body.refresh_token)).status).toBe(400);
  });
});

describe('fifty parallel refreshes', () => {
  test('inside the leeway sign nobody out', async () => {
    const tokens = await tokensFor(agent, lenient, lenient.user);
    const answers = await together(50, () => refresh(lenient, tokens.refresh_token));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    const next = await together(50, (index) => refresh(lenient, answers[index]?.body.refresh_token ?? ''));
    expect(next.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    expect((await introspect(lenient, next[0]?.body.access_token ?? '')).body.active).toBe(true);
  });

  test('of a persistent token all succeed, with that same token', async () => {
    const tokens = await tokensFor(newUserAgent(server), persistent, persistent.user);
    const answers = await together(50, () => refresh(persistent, tokens.refresh_token));
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body.refresh_token).toBe(tokens.refresh_token);
    }
  });

  test('without leeway are a theft: at most one succeeds, and the family is revoked', async () => {
    const tokens = await tokensFor(newUserAgent(server), strict, strict.user);
    const answers = await together(50, () => refresh(strict, tokens.refresh_token));
    const successes = answers.filter(({ status }) => status === 200);
    expect(successes.length).toBeLessThanOrEqual(1);
    for (const { body } of answers.filter(({ status }) => status !== 200))
      expect(body.error_description).toBe('The refresh token is invalid or expired.');
    for (const { body } of successes) {
      expect((await refresh(strict, body.refresh_token)).status).toBe(400);
      expect((await introspect(strict, body.access_token)).body.active).toBe(false);
    }
    expect((await refresh(strict, tokens.refresh_token)).status).toBe(400);
  });
});

describe('twenty at a time', () => {
  test('create twenty different objects, or one and nineteen refusals of its name', async () => {
    const name = `Racers ${Date.now()}`;
    const groups = await together(20, () => lenient.api.request('POST', '/api/v1/groups', { profile: { name } }));
    expect(groups.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of groups.filter((group) => group.status !== 200)) {
      expect(status).toBe(400);
      expect(body.errorCauses[0]?.errorSummary).toContain('already exists');
    }
    const login = `racer-${Date.now()}@example.com`;
    const users = await together(20, (index) =>
      lenient.api.request('POST', '/api/v1/users', {
        profile: { firstName: 'R', lastName: `${index}`, email: login, login: index % 2 ? login : login.toUpperCase() },
      }),
    );
    expect(users.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('assign one user once', async () => {
    const person = await makeUser(lenient.api);
    const answers = await together(20, () =>
      lenient.api.request('POST', `/api/v1/apps/${lenient.app.id}/users`, { id: person.id, scope: 'USER' }),
    );
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    const assigned = await lenient.api.get<{ id: string }[]>(`/api/v1/apps/${lenient.app.id}/users?limit=500`);
    expect(assigned.filter(({ id }) => id === person.id)).toHaveLength(1);
  });

  test('sign in, each to a session of its own', async () => {
    const visits = await together(8, () => tokensFor(newUserAgent(server), lenient, lenient.user));
    expect(new Set(visits.map((tokens) => tokens.access_token)).size).toBe(8);
  });

  test('make policies of different priorities', async () => {
    const base = `/api/v1/authorizationServers/${lenient.authorizationServer.id}/policies`;
    const answers = await together(10, (index) =>
      lenient.api.request('POST', base, {
        type: 'OAUTH_AUTHORIZATION_POLICY',
        name: `Racer ${index}`,
        description: 'Made at the same time',
        priority: 1,
        conditions: { clients: { include: ['ALL_CLIENTS'] } },
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    const all = await lenient.api.get<{ priority: number }[]>(base);
    expect(all.map(({ priority }) => priority)).toEqual(all.map((_, index) => index + 1));
  });
});
