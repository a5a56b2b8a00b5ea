// Owns what another org's policies and their rules are as parts of a document. Not here: policies of authorization servers (servers.ts).
import type { PolicyPart, PolicyRulePart } from '../configuration/document.ts';
import { orgPolicyTypes, policyKinds } from '../policies/org-policy-types.ts';
import { leftInactive } from './directory.ts';
import { statusOf } from './neighbours.ts';
import { objectOf, type ReadOrg, textOf } from './read-org.ts';
import { type Names, named } from './remote-names.ts';
import type { Json } from './remote-org.ts';
import type { Report } from './report.ts';

/** `here`: this org's policies, of which those of the system take the place of the other's. */
export function policyParts(
  org: ReadOrg,
  { names, report }: { names: Names; report: Report },
  here: readonly PolicyPart[],
  isAsked: (type: PolicyPart['type']) => boolean,
): PolicyPart[] {
  return org.policies.flatMap(({ policy, rules }): PolicyPart[] => {
    const type = orgPolicyTypes.find((known) => known === policy.type);
    if (type === undefined || !isAsked(type)) return [];
    const name = nameHere(type, policy);
    if (name === null) {
      report.add(
        'policies',
        `${type} ${policy.name}`,
        'An org has no second policy of this type here: it was left out',
      );
      return [];
    }
    const own = here.find((one) => one.type === type && one.name === name) ?? null;
    const said = named(names, { conditions: policy.conditions ?? null, settings: policy.settings ?? null });
    const isSystem = systemNames(type).includes(name);
    if (said.lost.length > 0) report.add('policies', `${type} ${name}`, leftInactive(said.lost));
    return [
      {
        type,
        name,
        description: textOf(policy.description),
        status: isSystem || said.lost.length === 0 ? statusOf(policy) : 'INACTIVE',
        conditions: conditionsOf(said.value.conditions, isSystem ? own : null),
        settings: said.value.settings === null ? null : objectOf(said.value.settings),
        rules: ruleParts(`${type} ${name}`, rules, {
          names,
          own,
          report,
          isDense: policyKinds[type].ruleOrder === 'dense',
        }),
      },
    ];
  });
}

/** For whom the system's own policies are never changes. */
function conditionsOf(said: unknown, own: PolicyPart | null): PolicyPart['conditions'] {
  if (own !== null) return own.conditions;
  return said === null ? null : objectOf(said);
}

function systemNames(type: PolicyPart['type']): string[] {
  return [policyKinds[type].system, ...(policyKinds[type].further ?? [])].map(({ name }) => name);
}

function nameHere(type: PolicyPart['type'], policy: Json): string | null {
  const name = String(policy.name);
  const [usual = name] = systemNames(type);
  if (systemNames(type).includes(name)) return name;
  if (policy.system === true && policyKinds[type].making === 'rules') return usual;
  return policyKinds[type].making === 'rules' ? null : name;
}

type Around = { names: Names; own: PolicyPart | null; report: Report; isDense: boolean };

function ruleParts(policy: string, rules: readonly Json[], { names, own, report, isDense }: Around): PolicyRulePart[] {
  const parts = rules.flatMap((rule): PolicyRulePart[] => {
    const name = String(rule.name);
    const said = named(names, { conditions: rule.conditions ?? null, actions: objectOf(rule.actions) });
    const isSystem = rule.system === true;
    const kept = own?.rules.find((one) => one.name === name);
    if (said.lost.length > 0 && isSystem) {
      report.add(
        'policies',
        `${policy}: ${name}`,
        `It names what did not come along: it says what it said here before`,
      );
      return kept ? [kept] : [];
    }
    if (said.lost.length > 0) report.add('policies', `${policy}: ${name}`, leftInactive(said.lost));
    return [
      {
        name,
        status: said.lost.length === 0 ? statusOf(rule) : 'INACTIVE',
        ...(isDense || isSystem || typeof rule.priority !== 'number' ? {} : { priority: rule.priority }),
        conditions: said.value.conditions === null ? null : objectOf(said.value.conditions),
        actions: said.value.actions,
      },
    ];
  });
  // The rule that catches all stays, whatever the other org calls its own.
  const missing = (own?.rules ?? []).filter((rule) => !parts.some(({ name }) => name === rule.name));
  return [...parts, ...missing];
}
