// Owns the small language in which an application says how it names a person: `${source.login}`, another attribute, or part of one
// (`${fn:substringBefore(source.email, "@")}`). Not here: the expression language of claims.
import type { Row } from '../storage/tables.ts';
import { invalid } from './refusal.ts';

type Person = Pick<Row<'users'>, 'login' | 'profile'>;

const PARTS: Record<string, (text: string, mark: string) => string> = {
  substringBefore: (text, mark) => (text.includes(mark) ? text.slice(0, text.indexOf(mark)) : ''),
  substringAfter: (text, mark) => (text.includes(mark) ? text.slice(text.indexOf(mark) + mark.length) : ''),
};
const FOLDS: Record<string, (text: string) => string> = {
  toLowerCase: (text) => text.toLowerCase(),
  toUpperCase: (text) => text.toUpperCase(),
};

/** Throws E0000001 for a template that cannot be evaluated, so that nobody gets a wrong name later. */
export function checkUserNameTemplate(template: string): void {
  for (const [, expression] of template.matchAll(/\$\{([^}]*)\}/g))
    if (reader(expression ?? '') === null)
      throw invalid('userNameTemplate', `userNameTemplate: The expression '${expression}' is not supported`);
}

/** The name that the template makes for this person; null when it makes none. */
export function userNameOf(template: string, person: Person): string | null {
  const name = template.replaceAll(/\$\{([^}]*)\}/g, (_, expression: string) => reader(expression)?.(person) ?? '');
  return name === '' ? null : name;
}

function reader(expression: string): ((person: Person) => string) | null {
  const attribute = /^\s*(?:source|user)\.(\w+)\s*$/.exec(expression)?.[1];
  if (attribute) return (person) => attributeOf(person, attribute);
  const call = /^\s*(?:fn:)?(\w+)\(\s*(?:source|user)\.(\w+)\s*(?:,\s*["']([^"']+)["']\s*)?\)\s*$/.exec(expression);
  const [, name = '', argument = '', mark] = call ?? [];
  const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
  if (part && mark !== undefined) return (person) => part(attributeOf(person, argument), mark);
  const fold = Object.hasOwn(FOLDS, name) ? FOLDS[name] : undefined;
  return fold && mark === undefined ? (person) => fold(attributeOf(person, argument)) : null;
}

function attributeOf({ login, profile }: Person, name: string): string {
  const value = name === 'login' ? login : Object.hasOwn(profile, name) ? profile[name] : undefined;
  return typeof value === 'string' ? value : '';
}
