// Owns what another org's types, attributes, groups and group rules are as parts of a document. Not here: people (import-people.ts).
import { attribute } from '../configuration/directory-parts.ts';
import {
  type AttributePart,
  type AttributesPart,
  type GroupPart,
  type GroupRulePart,
  isSame,
  type UserTypePart,
} from '../configuration/document.ts';
import { ExpressionError } from '../expressions/expression-error.ts';
import { parseExpression } from '../expressions/parse-expression.ts';
import type { ProfileAttributes } from '../profile-attributes.ts';
import { at, objectOf, type ReadOrg, textOf, textsOf } from './read-org.ts';
import { comesAlong, type Names, namedGroups, namedList } from './remote-names.ts';
import type { Json } from './remote-org.ts';
import type { Report } from './report.ts';

export function userTypeParts(
  org: ReadOrg,
  standard: ProfileAttributes,
  usualName: string,
  report: Report,
): UserTypePart[] {
  return org.userTypes.map(({ type, schema }) => {
    const name = type.default === true ? usualName : String(type.name);
    return {
      name,
      displayName: textOf(type.displayName) ?? name,
      description: textOf(type.description),
      ...attributesPart(schema, standard, report, `the user type ${name}`),
    };
  });
}

const MEMBERS = Object.keys(attribute.shape);
/** What may be said anew of an attribute that every profile has. */
const CHANGEABLE = ['permissions', 'required', 'minLength', 'maxLength', 'pattern', 'unique'];

/** What a schema adds to the attributes that every profile has, and what it changes of them. */
export function attributesPart(
  schema: Json | null,
  standard: ProfileAttributes,
  report: Report,
  owner: string,
): AttributesPart {
  const custom = definitionsIn(schema, 'custom');
  const read = [...custom].flatMap(([name, definition]): AttributePart[] => {
    const part = attribute.safeParse({ ...only(definition, MEMBERS), name });
    if (part.success && !Object.hasOwn(standard, name)) return [part.data];
    report.add('attributes', `${name} of ${owner}`, 'Its definition is not one that is known here: it was left out');
    return [];
  });
  const base = [...definitionsIn(schema, 'base')].flatMap(([name, definition]): AttributePart[] => {
    const usual = Object.hasOwn(standard, name) ? standard[name] : undefined;
    if (!usual) return [];
    const changed = { ...usual, ...only(definition, CHANGEABLE) };
    const part = attribute.safeParse({ ...changed, name });
    return part.success && !isSame({ ...usual, name }, part.data) ? [part.data] : [];
  });
  return { attributes: read, baseAttributes: base };
}

function definitionsIn(schema: Json | null, which: 'base' | 'custom'): Map<string, Json> {
  const definition = at(schema, 'definitions', which);
  const required = textsOf(at(definition, 'required'));
  return new Map(
    Object.entries(objectOf(at(definition, 'properties'))).map(([name, given]) => {
      const { required: own, ...others } = objectOf(given);
      const isRequired = typeof own === 'boolean' ? own : required.includes(name) || undefined;
      return [name, isRequired === undefined ? others : { ...others, required: isRequired }];
    }),
  );
}

function only(definition: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    Object.entries(definition).filter(([name, value]) => names.includes(name) && value !== null),
  );
}

export function groupParts(org: ReadOrg, added: readonly AttributePart[], report: Report): GroupPart[] {
  const taken = new Set<string>();
  return org.groups.flatMap(({ group }): GroupPart[] => {
    const name = textOf(at(group, 'profile', 'name'));
    if (group.type === 'BUILT_IN' || name === null) {
      if (!comesAlong(group))
        report.add('groups', name ?? '', 'The other system keeps this group itself: it stays there');
      return [];
    }
    if (taken.size === taken.add(name.toLowerCase()).size) {
      report.add('groups', name, 'Two groups have this name: the second was left out, and its members with it');
      return [];
    }
    if (group.type === 'APP_GROUP')
      report.add(
        'groups',
        name,
        'An application filled this group: here it is an ordinary one, with its members of now',
      );
    const profile = only(
      objectOf(group.profile),
      added.map((one) => one.name),
    );
    return [
      {
        name,
        description: textOf(at(group, 'profile', 'description')),
        ...(Object.keys(profile).length > 0 ? { profile } : {}),
      },
    ];
  });
}

export function groupRuleParts(org: ReadOrg, names: Names, report: Report): GroupRulePart[] {
  return org.groupRules.flatMap((rule): GroupRulePart[] => {
    const name = String(rule.name);
    const text = textOf(at(rule, 'conditions', 'expression', 'value')) ?? '';
    const problem = problemOf(text);
    const groups = namedList(names, 'group', textsOf(at(rule, 'actions', 'assignUserToGroups', 'groupIds')));
    if (problem !== null || groups.value.length === 0) {
      report.add('group rules', name, problem ?? 'None of its groups came along: it was left out');
      return [];
    }
    const expression = namedGroups(names, text);
    const users = namedList(names, 'user', textsOf(at(rule, 'conditions', 'people', 'users', 'exclude')));
    const excluded = namedList(names, 'group', textsOf(at(rule, 'conditions', 'people', 'groups', 'exclude')));
    const lost = [...groups.lost, ...expression.lost, ...users.lost, ...excluded.lost];
    if (lost.length > 0) report.add('group rules', name, leftInactive(lost));
    return [
      {
        name,
        status: rule.status === 'ACTIVE' && lost.length === 0 ? 'ACTIVE' : 'INACTIVE',
        expression: expression.value,
        groups: groups.value,
        excludedUsers: users.value,
        excludedGroups: excluded.value,
      },
    ];
  });
}

export function leftInactive(lost: readonly string[]): string {
  return `It names what did not come along (${[...new Set(lost)].join(', ')}): it is INACTIVE until that is put right`;
}

function problemOf(text: string): string | null {
  try {
    parseExpression(text, 'group-rule');
    return null;
  } catch (error) {
    if (error instanceof ExpressionError) return `Its expression is not understood here: ${error.message}`;
    throw error;
  }
}
