// Owns making an org what a document says, and saying beforehand what that would change. The change is rehearsed: it is carried
// out in a transaction that is then undone, by the same functions and so under the same rules, and what the org then was is what
// is applied. So a plan is what happens, what only repeats a default is no change, and nothing is half applied.

import { deleteGroup } from '../delete-groups.ts';
import { type Env, transact } from '../env.ts';
import { addUserToGroup, removeUserFromGroup } from '../group-memberships.ts';
import { createGroup, updateGroup } from '../groups.ts';
import { prepareKeyPairs } from '../signing-keys.ts';
import { createTrustedOrigin, deleteTrustedOrigin, replaceTrustedOrigin } from '../trusted-origins.ts';
import { changeProfile, createUser, findUserByLogin, holdUser } from '../users.ts';
import { applyApplications } from './apply-applications.ts';
import { applyPolicies, deletePolicies } from './apply-policies.ts';
import { applyServers } from './apply-servers.ts';
import {
  type Configuration,
  type GroupPart,
  isSame,
  type TrustedOriginPart,
  type UserPart,
  type WholeConfiguration,
} from './document.ts';
import { exportConfiguration } from './export.ts';
import { matched } from './match.ts';
import { readReferences } from './references.ts';

export type Rehearsal = { before: WholeConfiguration; after: WholeConfiguration };

/** What the org is, and what the document would make of it; nothing is changed. Throws what applying it would throw. */
export async function rehearse(env: Env, wanted: Configuration): Promise<Rehearsal> {
  await makeKeys(env, wanted);
  const users = wanted.users !== undefined;
  try {
    return await transact(env, async (env): Promise<never> => {
      const before = await exportConfiguration(env, { users });
      await perform(env, before, wanted);
      throw new Undone({ before, after: await exportConfiguration(env, { users }) });
    });
  } catch (error) {
    if (error instanceof Undone) return error.rehearsal;
    throw error;
  }
}

/** Makes the org so, in one transaction, and answers with what was changed. A second time it changes nothing. */
export async function applyConfiguration(env: Env, wanted: Configuration): Promise<Rehearsal> {
  const { before, after } = await rehearse(env, wanted);
  if (isSame(before, after)) return { before, after };
  await makeKeys(env, wanted);
  return transact(env, async (env) => {
    const users = wanted.users !== undefined;
    const now = await exportConfiguration(env, { users });
    const sections = Object.entries(after).filter(([section]) => Object.hasOwn(wanted, section));
    await perform(env, now, Object.fromEntries(sections) as Configuration);
    return { before: now, after: await exportConfiguration(env, { users }) };
  });
}

class Undone extends Error {
  readonly rehearsal: Rehearsal;
  constructor(rehearsal: Rehearsal) {
    super('A rehearsal is over');
    this.rehearsal = rehearsal;
  }
}

/** Making keys is slow, so it is done before the transaction. Two a server. */
async function makeKeys(env: Env, { authorizationServers = [] }: Configuration): Promise<void> {
  const known = await env.db.selectFrom('authorization_servers').select('name').execute();
  const added = authorizationServers.filter((part) => !known.some(({ name }) => name === part.name));
  if (added.length > 0) await prepareKeyPairs(env, 2 * added.length);
}

// In the order in which the sections name each other; what goes is deleted once nothing names it.
async function perform(env: Env, before: WholeConfiguration, wanted: Configuration): Promise<void> {
  const { applications } = wanted;
  const references = () => readReferences(env, { ...(applications ? { applications } : {}), naming: wanted });
  const surplusGroups = wanted.groups ? await applyGroups(env, before.groups, wanted.groups) : [];
  if (wanted.users) await applyUsers(env, before.users, wanted.users);
  if (wanted.trustedOrigins) await applyTrustedOrigins(env, wanted.trustedOrigins);
  const surplusPolicies = wanted.policies
    ? await applyPolicies(env, before.policies, wanted.policies, await references())
    : [];
  if (applications) await applyApplications(env, before.applications, applications, await references());
  if (wanted.authorizationServers)
    await applyServers(env, before.authorizationServers, wanted.authorizationServers, references);
  await deletePolicies(env, surplusPolicies);
  for (const id of surplusGroups) await deleteGroup(env, id);
}

async function applyGroups(env: Env, before: readonly GroupPart[], wanted: readonly GroupPart[]): Promise<string[]> {
  const rows = await env.db.selectFrom('groups').select(['id', 'name']).where('type', '=', 'OKTA_GROUP').execute();
  const key = ({ name }: { name: string }) => name.toLowerCase();
  const { pairs, surplus } = matched(rows, wanted, key, key);
  for (const { has, wanted: part } of pairs) {
    if (!has) await createGroup(env, part);
    else if (!before.some((said) => isSame(said, part))) await updateGroup(env, has.id, part);
  }
  return surplus.map(({ id }) => id);
}

/** People are added and changed, never removed: a person who is missing from a file may still be somebody. */
async function applyUsers(env: Env, before: readonly UserPart[], wanted: readonly UserPart[]): Promise<void> {
  const rows = await env.db.selectFrom('groups').select(['id', 'name']).where('type', '=', 'OKTA_GROUP').execute();
  const groups = new Map(rows.map(({ id, name }) => [name, id]));
  const known = new Map(before.map((said) => [said.login.toLowerCase(), said]));
  for (const part of wanted) {
    const said = known.get(part.login.toLowerCase());
    if (said && isSame(said, { ...part, groups: part.groups.toSorted() })) continue;
    const profile = { ...part.profile, login: part.login };
    const found = said ? await findUserByLogin(env, part.login) : null;
    const user = found ?? (await createUser(env, { profile, activate: true }));
    if (said && !isSame(said.profile, part.profile))
      await changeProfile(env, await holdUser(env, user.id), { profile, how: 'replace' });
    const leaves = (said?.groups ?? []).filter((name) => !part.groups.includes(name));
    const joins = part.groups.filter((name) => !said?.groups.includes(name));
    for (const name of joins) await addUserToGroup(env, groups.get(name) ?? name, user.id);
    for (const name of leaves) await removeUserFromGroup(env, groups.get(name) ?? name, user.id);
  }
}

async function applyTrustedOrigins(env: Env, wanted: readonly TrustedOriginPart[]): Promise<void> {
  const rows = await env.db.selectFrom('trusted_origins').selectAll().execute();
  const key = ({ name }: { name: string }) => name;
  const { pairs, surplus } = matched(rows, wanted, key, key);
  // First what goes: another may take its origin.
  for (const { id } of surplus) await deleteTrustedOrigin(env, id);
  for (const { has, wanted: part } of pairs) {
    if (!has) await createTrustedOrigin(env, part);
    else {
      const { name, origin, scopes, status } = has;
      if (!isSame({ name, origin, scopes, status }, part)) await replaceTrustedOrigin(env, has.id, part);
    }
  }
}
