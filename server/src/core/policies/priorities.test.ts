import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type AuthorizationServer, createAuthorizationServer } from '../authorization-servers.ts';
import { createTestEnv, type TestEnv } from '../test-env.ts';
import { createPolicy, deletePolicy, listPolicies, updatePolicy } from './policies.ts';
import { createRule, deleteRule, listRules, updateRule } from './policy-rules.ts';
import { placed } from './priorities.ts';

describe('a place in an order', () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 8 });
  const priority = fc.option(fc.integer({ min: 1, max: 12 }));

  it('is the one asked for, or the end beyond it, and the others keep their order', () => {
    fc.assert(
      fc.property(ids, fc.string({ minLength: 1 }), priority, (ids, id, priority) => {
        const order = placed(ids, id, priority);
        expect(order.filter((other) => other !== id)).toEqual(ids.filter((other) => other !== id));
        expect(new Set(order).size).toBe(order.length);
        if (priority !== null) expect(order.indexOf(id)).toBe(Math.min(priority, order.length) - 1);
      }),
    );
  });

  it('stays when none is asked for; a newcomer goes to the end', () => {
    expect(placed(['a', 'b', 'c'], 'b', null)).toEqual(['a', 'b', 'c']);
    expect(placed(['a', 'b'], 'z', null)).toEqual(['a', 'b', 'z']);
  });

  it('moves those behind it down', () => {
    expect(placed(['a', 'b', 'c'], 'z', 1)).toEqual(['z', 'a', 'b', 'c']);
    expect(placed(['a', 'b', 'c'], 'c', 1)).toEqual(['c', 'a', 'b']);
    expect(placed(['a', 'b', 'c'], 'a', 2)).toEqual(['b', 'a', 'c']);
  });
});

describe('the priorities of policies and rules', () => {
  let world: TestEnv;
  afterEach(() => world.close());

  const rule = (name: string, priority?: number) => ({
    name,
    conditions: {
      people: { users: { include: [], exclude: [] }, groups: { include: [], exclude: [] } },
      grantTypes: { include: ['authorization_code'] },
      scopes: { include: ['*'] },
    },
    token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
    status: undefined,
    priority,
  });
  const policy = (name: string, priority?: number) => ({
    name,
    description: name,
    clients: ['ALL_CLIENTS'],
    status: undefined,
    priority,
  });

  async function newServer(): Promise<AuthorizationServer> {
    world = await createTestEnv();
    const input = { name: 'one', description: null, audience: 'api://one' };
    return createAuthorizationServer(world.env, { ...input, issuerMode: undefined, rotationMode: undefined });
  }

  it('shift when one is inserted, close up when one is deleted, and follow a move', async () => {
    const server = await newServer();
    const { env } = world;
    const shown = async () => (await listPolicies(env, server.id)).map(({ name, priority }) => `${priority} ${name}`);
    const a = await createPolicy(env, server, policy('a', 1));
    await createPolicy(env, server, policy('b', 1));
    await createPolicy(env, server, policy('c', 40));
    expect(await shown()).toEqual(['1 b', '2 a', '3 c']);
    expect((await updatePolicy(env, server, a.id, policy('a', 9))).priority).toBe(3);
    expect(await shown()).toEqual(['1 b', '2 c', '3 a']);
    await updatePolicy(env, server, a.id, policy('a'));
    expect(await shown()).toEqual(['1 b', '2 c', '3 a']);
    const [first] = await listPolicies(env, server.id);
    await deletePolicy(env, server, first?.id ?? '');
    expect(await shown()).toEqual(['1 c', '2 a']);
  });

  it('stay 1, 2, 3 … under concurrent inserts, moves and deletions', async () => {
    const server = await newServer();
    const { env } = world;
    const parent = await createPolicy(env, server, policy('parent'));
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) => createRule(env, parent, rule(`rule ${i}`, (i % 4) + 1))),
    );
    await Promise.all(
      made.map((one, i) =>
        i % 3 === 0 ? deleteRule(env, parent, one.id) : updateRule(env, parent, one.id, rule(one.name, (i % 7) + 1)),
      ),
    );
    const left = await listRules(env, parent.id);
    expect(left.map(({ priority }) => priority)).toEqual(Array.from({ length: 13 }, (_, i) => i + 1));
  });
});
