// Owns making an org what a document says, and saying beforehand what that would change. The change is rehearsed: it is carried
// out in a transaction that is then undone, by the same functions and so under the same rules, and what the org then was is what
// is applied. So a plan is what happens, what only repeats a default is no change, and nothing is half applied.
import { type Env, transact } from '../env.ts';
import { readSubscriptions } from '../event-outbox.ts';
import { type OrgPolicyType, orgPolicyTypes } from '../policies/org-policy-types.ts';
import { prepareKeyPairs } from '../signing-keys.ts';
import { applyApplications } from './apply-applications.ts';
import {
  applyGroupAttributes,
  applyGroupRules,
  applyGroups,
  applyUsers,
  applyUserTypes,
  type Later,
} from './apply-directory.ts';
import {
  applyEventHooks,
  applyIdentityProviders,
  applyInlineHooks,
  applyTrustedOrigins,
  applyZones,
} from './apply-neighbours.ts';
import { applyPolicies } from './apply-policies.ts';
import { applyRoles } from './apply-roles.ts';
import { applyServers } from './apply-servers.ts';
import { type Configuration, isSame, type WholeConfiguration } from './document.ts';
import { exportConfiguration } from './export.ts';
import { type References, readReferences } from './references.ts';
import { noSecrets, type SecretOf } from './secrets.ts';

export type Rehearsal = {
  before: WholeConfiguration;
  after: WholeConfiguration;
  /** Whose secret, which neither shows, is another: `section: name`. */
  renewed: string[];
};

/** What the org is, and what the document would make of it; nothing is changed. Throws what applying it would throw. */
export async function rehearse(env: Env, wanted: Configuration, secretOf: SecretOf = noSecrets): Promise<Rehearsal> {
  await makeKeys(env, wanted);
  try {
    return await transact(env, async (env): Promise<never> => {
      throw new Undone(await applyWithin(env, wanted, secretOf));
    });
  } catch (error) {
    if (error instanceof Undone) return error.rehearsal;
    throw error;
  }
}

/** Makes the org so, in one transaction, and answers with what was changed. A second time it changes nothing. */
export async function applyConfiguration(
  env: Env,
  wanted: Configuration,
  secretOf: SecretOf = noSecrets,
): Promise<Rehearsal> {
  const rehearsal = await rehearse(env, wanted, secretOf);
  const { before, after, renewed } = rehearsal;
  if (isSame(before, after) && renewed.length === 0) return rehearsal;
  await makeKeys(env, wanted);
  const sections = Object.entries(after).filter(([section]) => Object.hasOwn(wanted, section));
  const agreed = Object.fromEntries(sections) as Configuration;
  const changed = await transact(env, (env) => applyWithin(env, agreed, secretOf));
  await readSubscriptions(env);
  return changed;
}

/** The same without a rehearsal, in the caller's transaction. What needs keys needs makeKeys before it. */
export async function applyWithin(env: Env, wanted: Configuration, secretOf: SecretOf): Promise<Rehearsal> {
  const users = isAboutPeople(wanted);
  const before = await exportConfiguration(env, { users });
  const renewed = await perform(env, before, wanted, secretOf);
  return { before, after: await exportConfiguration(env, { users }), renewed };
}

function isAboutPeople({ users, administrators, applications = [] }: Configuration): boolean {
  return users !== undefined || administrators !== undefined || applications.some((part) => part.users !== undefined);
}

class Undone extends Error {
  readonly rehearsal: Rehearsal;
  constructor(rehearsal: Rehearsal) {
    super('A rehearsal is over');
    this.rehearsal = rehearsal;
  }
}

/** Making keys is slow, so it is done before the transaction. Two a server. */
export async function makeKeys(env: Env, { authorizationServers = [] }: Configuration): Promise<void> {
  const known = await env.db.selectFrom('authorization_servers').select('name').execute();
  const added = authorizationServers.filter((part) => !known.some(({ name }) => name === part.name));
  if (added.length > 0) await prepareKeyPairs(env, 2 * added.length);
}

// In the order in which the sections name each other; what goes is deleted once nothing names it.
async function perform(
  env: Env,
  before: WholeConfiguration,
  wanted: Configuration,
  secretOf: SecretOf,
): Promise<string[]> {
  const { applications } = wanted;
  const references = () => readReferences(env, { ...(applications ? { applications } : {}), naming: naming(wanted) });
  const later: Later[] = [];
  const renewed = await performDirectory(env, { before, wanted, secretOf }, references, later);
  if (wanted.trustedOrigins) await applyTrustedOrigins(env, wanted.trustedOrigins);
  const policies = async (types: readonly OrgPolicyType[]) => {
    if (!wanted.policies) return;
    await applyPolicies(env, { types, before: before.policies, wanted: wanted.policies }, await references(), later);
  };
  // Applications name access policies, and discovery rules name applications.
  await policies(orgPolicyTypes.filter((type) => type !== 'IDP_DISCOVERY'));
  if (applications) await applyApplications(env, before.applications, applications, await references());
  await policies(['IDP_DISCOVERY']);
  if (wanted.authorizationServers)
    await applyServers(env, before.authorizationServers, wanted.authorizationServers, references);
  if (wanted.roles || wanted.administrators) await applyRoles(env, wanted, await references());
  // In reverse: policies name identity providers, zones and groups.
  for (const remove of later.reverse()) await remove(env);
  return renewed;
}

/** What lies outside, and people and groups; the answer is whose secret is another. */
async function performDirectory(
  env: Env,
  { before, wanted, secretOf }: { before: WholeConfiguration; wanted: Configuration; secretOf: SecretOf },
  references: () => Promise<References>,
  later: Later[],
): Promise<string[]> {
  const { userTypes, groupAttributes, networkZones, eventHooks, inlineHooks, identityProviders } = wanted;
  const { groups, users, groupRules } = wanted;
  const renewed: string[] = [];
  const note = (section: string, names: readonly string[]) =>
    renewed.push(...names.map((name) => `${section}: ${name}`));
  if (userTypes) await applyUserTypes(env, userTypes, later);
  if (groupAttributes) await applyGroupAttributes(env, groupAttributes);
  if (networkZones) await applyZones(env, before.networkZones, networkZones, later);
  if (eventHooks) {
    const hooks = { before: before.eventHooks, wanted: eventHooks, secretOf };
    note('eventHooks', await applyEventHooks(env, hooks, later));
  }
  if (inlineHooks) {
    const hooks = { before: before.inlineHooks, wanted: inlineHooks, secretOf };
    note('inlineHooks', await applyInlineHooks(env, hooks, later));
  }
  if (groups) await applyGroups(env, before.groups, groups, later);
  if (users) await applyUsers(env, before.users, users, await references());
  if (groupRules) await applyGroupRules(env, before.groupRules, groupRules, await references());
  if (identityProviders) {
    const providers = { before: before.identityProviders, wanted: identityProviders, secretOf };
    note('identityProviders', await applyIdentityProviders(env, providers, await references(), later));
  }
  return renewed;
}

/** The parts that name people, without the people themselves. */
function naming({ users: _, administrators = [], ...others }: Configuration): unknown {
  return [others, { administrators }];
}
