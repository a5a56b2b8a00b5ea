// Owns what a new database is given before anybody can use it: the organization, Everyone, the default policies and
// authorization servers, and, where the settings name them, the first administrator and an API token. It happens once, all of it
// or none; a later change of those settings changes nothing. Without an administrator a set-up link lets the operator make one.
// Not here: reading settings (config.ts), printing the link (main.ts), the page behind it (sign-in/).
import { MINUTE } from '../base/time.ts';
import { waitForFirstStart } from '../storage/migrate.ts';
import { createApiToken, systemPrincipal } from './api-tokens.ts';
import { ensureAuthenticators } from './authenticators.ts';
import { ensureDefaultServers } from './authorization-servers.ts';
import { ensureDefaultBrand } from './brands.ts';
import { ensureConsoleClient } from './console-client.ts';
import { type Env, transact } from './env.ts';
import { ensureEveryone } from './groups.ts';
import { ensureZones } from './network-zones.ts';
import { issueOneTimeToken } from './one-time-tokens.ts';
import { createOrg, findOrg } from './org.ts';
import { ensureDefaultPolicies } from './policies/default-policies.ts';
import { assignRole, hasAdministrator } from './roles.ts';
import { createUser } from './users.ts';

const SET_UP_LINK_LIFETIME = 15 * MINUTE;

/** Furnishes a new database; any number of processes may call it at once. `setUpLink`: where to make the first administrator. */
export async function firstStart(env: Env): Promise<{ setUpLink: string | null }> {
  await furnishOrg(env);
  return { setUpLink: (await hasAdministrator(env)) ? null : await newSetUpLink(env) };
}

/** What every org has, where it is missing. */
export async function furnishOrg(env: Env): Promise<void> {
  if (!(await findOrg(env))) await furnish(env);
  await ensureDefaultPolicies(env);
  await ensureZones(env);
  await ensureAuthenticators(env);
  await ensureDefaultServers(env);
  await ensureConsoleClient(env);
  await ensureDefaultBrand(env);
}

async function furnish(env: Env): Promise<void> {
  const { firstAdmin, firstApiToken } = env.config;
  // Hashing must not happen inside a transaction: so it is done before.
  const hash = firstAdmin === null ? '' : await env.passwords.hash(firstAdmin.password);
  const passwords = { ...env.passwords, hash: () => Promise.resolve(hash) };
  await transact({ ...env, passwords }, async (env) => {
    await waitForFirstStart(env.db);
    if (await findOrg(env)) return;
    await createOrg(env);
    await ensureEveryone(env);
    await ensureDefaultPolicies(env);
    const adminId = firstAdmin === null ? null : await createFirstAdmin(env, firstAdmin);
    // Without an administrator the token acts for the system itself, until the first one takes it over (roles.ts).
    if (firstApiToken !== null)
      await createApiToken(env, { name: 'First start', userId: adminId ?? systemPrincipal.id, value: firstApiToken });
  });
}

async function createFirstAdmin(env: Env, { login, password }: { login: string; password: string }): Promise<string> {
  const profile = { login, email: login, firstName: 'First', lastName: 'Administrator' };
  const user = await createUser(env, { profile, password });
  await assignRole(env, { userId: user.id, type: 'SUPER_ADMIN' });
  return user.id;
}

async function newSetUpLink(env: Env): Promise<string> {
  const token = await issueOneTimeToken(env, { purpose: 'set-up', userId: null, lifetime: SET_UP_LINK_LIFETIME });
  return `${env.config.url}/set-up/${token}`;
}
