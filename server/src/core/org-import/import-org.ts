// Owns copying another org into this one: what is read first, then types, groups, people, everything that names them, and at last who
// is where. What the other org has is laid over what this one has: nothing is removed, and what has the same name becomes the same.
// Not here: how each thing is translated (the other files of this folder).

import { groupBaseAttributes, userBaseAttributes } from '../base-attributes.ts';
import { applyConfiguration, applyWithin, makeKeys } from '../configuration/apply.ts';
import { exportConfiguration } from '../configuration/export.ts';
import { type Change, changesBetween } from '../configuration/plan.ts';
import { noSecrets, type SecretOf } from '../configuration/secrets.ts';
import { type Env, transact } from '../env.ts';
import { defaultUserType } from '../org.ts';
import { Refusal } from '../refusal.ts';
import { applicationParts } from './applications.ts';
import { attributesPart, groupParts, groupRuleParts, userTypeParts } from './directory.ts';
import { type Around, importAssignments, importMemberships, importPeople, type PeopleCount } from './import-people.ts';
import { merged, partsOf, type Sections } from './lay-over.ts';
import { eventHookParts, identityProviderParts, inlineHookParts, trustedOriginParts, zoneParts } from './neighbours.ts';
import { policyParts } from './policies.ts';
import type { ReadOrg } from './read-org.ts';
import { namesOf } from './remote-names.ts';
import { createReport, type Remark, type Report } from './report.ts';
import { attempt } from './savepoint.ts';
import { serverParts } from './servers.ts';

export type Outcome = { changes: Change[]; people: PeopleCount; remarks: readonly Remark[] };

type Options = { note: (text: string) => void; report: Report };

/** Copies the org, part by part: interrupted, it is run again and goes on. */
export async function importOrg(env: Env, org: ReadOrg, { note, report }: Options): Promise<Outcome> {
  return carryOut(env, org, { names: namesOf(org), report, note });
}

/** What importOrg would do; nothing is changed. */
export async function planImport(env: Env, org: ReadOrg, { note, report }: Options): Promise<Outcome> {
  const names = namesOf(org);
  // Slow, so before the transaction. What the making of parts remarks is remarked within.
  const parts = serverParts(org, { names, report: createReport(), config: env.config });
  await makeKeys(env, { gatehouse: 1, authorizationServers: parts });
  try {
    return await transact(env, async (env): Promise<never> => {
      throw new Planned(await carryOut(env, org, { names, report, note }));
    });
  } catch (error) {
    if (error instanceof Planned) return error.outcome;
    throw error;
  }
}

class Planned extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super('A plan is made');
    this.outcome = outcome;
  }
}

// Each step knows what the steps before could not bring along.
async function carryOut(env: Env, org: ReadOrg, around: Around): Promise<Outcome> {
  const { names, report, note } = around;
  const changes: Change[] = [];
  const lay = async (sections: Sections, secretOf: SecretOf = noSecrets) =>
    changes.push(...(await layOver(env, around, sections, secretOf)));
  const here = await exportConfiguration(env, { users: false });
  const groupAttributes = attributesPart(org.groupSchema, groupBaseAttributes, report, 'groups');
  await lay({ userTypes: userTypeParts(org, userBaseAttributes, defaultUserType.name, report), groupAttributes });
  const grown = [...groupAttributes.attributes, ...here.groupAttributes.attributes];
  await lay({ groups: groupParts(org, grown, report) });
  note('Attributes and groups are there\n');

  const added = await importPeople(env, org, around);
  await lay({
    networkZones: zoneParts(org, report),
    eventHooks: eventHookParts(org, report),
    inlineHooks: inlineHookParts(org, report),
    trustedOrigins: trustedOriginParts(org, report),
  });
  const { parts: identityProviders, secretOf } = identityProviderParts(org, names, report);
  await lay({ identityProviders, groupRules: groupRuleParts(org, names, report) }, secretOf);
  await lay({ policies: policyParts(org, around, here.policies, (type) => type !== 'IDP_DISCOVERY') });
  await lay({ applications: applicationParts(org, { ...around, config: env.config }) });
  await lay({ policies: policyParts(org, around, here.policies, (type) => type === 'IDP_DISCOVERY') });
  await lay({ authorizationServers: serverParts(org, { ...around, config: env.config }) });
  note('Applications, policies and servers are there\n');

  const memberships = await importMemberships(env, org, around);
  const assignments = await importAssignments(env, org, around);
  if (org.users.length > 0)
    report.add('administrators', '', 'Roles do not come along: give them here to those who should have them');
  return { changes, people: { added, memberships, assignments }, remarks: report.remarks() };
}

/** All at once; when one part is refused, one after another, and what is refused is reported. */
async function layOver(env: Env, { names, report }: Around, sections: Sections, secretOf: SecretOf): Promise<Change[]> {
  const whole = await tried(env, sections, secretOf);
  if (!(whole instanceof Refusal)) return whole;
  const changes: Change[] = [];
  for (const { section, about, kinds, name, part } of partsOf(sections)) {
    const one = await tried(env, { [section]: part }, secretOf);
    if (one instanceof Refusal) {
      report.add(about, name, `Refused here: ${one.causes.join('; ') || one.message}`);
      for (const kind of kinds) names.lose(kind, name);
    } else changes.push(...one);
  }
  return changes;
}

async function tried(env: Env, sections: Sections, secretOf: SecretOf): Promise<Change[] | Refusal> {
  const here = await exportConfiguration(env, { users: false });
  const wanted = merged(here, sections);
  try {
    const made = env.db.isTransaction
      ? attempt(env, (env) => applyWithin(env, wanted, secretOf))
      : applyConfiguration(env, wanted, secretOf);
    return changesBetween(await made);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
