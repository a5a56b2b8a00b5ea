// Owns the small orgs that tests of configurations begin with, and what they do with them. Not here: anything that the server uses.
import { afterEach } from 'vitest';
import { ensureDefaultServers } from '../authorization-servers.ts';
import type { Env } from '../env.ts';
import { ensureEveryone } from '../groups.ts';
import { ensureZones } from '../network-zones.ts';
import { ensureDefaultPolicies } from '../policies/default-policies.ts';
import { createTestEnv, type TestEnv } from '../test-env.ts';
import { applyConfiguration, rehearse } from './apply.ts';
import { exportConfiguration } from './export.ts';
import { type Change, changesBetween } from './plan.ts';
import { takeSecrets } from './secrets.ts';
import { parseConfiguration, printConfiguration } from './text.ts';

const open: TestEnv[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

export async function newOrg(): Promise<Env> {
  const world = await createTestEnv();
  open.push(world);
  await ensureEveryone(world.env);
  await ensureDefaultPolicies(world.env);
  await ensureZones(world.env);
  await ensureDefaultServers(world.env);
  return world.env;
}

export async function textOf(env: Env, users = false): Promise<string> {
  return printConfiguration(env, await exportConfiguration(env, { users }), { users });
}

type Variables = Record<string, string>;

async function read(env: Env, text: string, variables: Variables) {
  return takeSecrets(await parseConfiguration(env, text), (name) => variables[name]);
}

export async function apply(env: Env, text: string, variables: Variables = {}): Promise<Change[]> {
  const { wanted, secretOf } = await read(env, text, variables);
  return changesBetween(await applyConfiguration(env, wanted, secretOf));
}

export async function planOf(env: Env, text: string, variables: Variables = {}): Promise<Change[]> {
  const { wanted, secretOf } = await read(env, text, variables);
  return changesBetween(await rehearse(env, wanted, secretOf));
}
