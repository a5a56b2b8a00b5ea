// Owns how a JSON object is completed: what was not given takes its default, and members come in the order of the defaults.
// Not here: what the defaults are (org-policy-types.ts).

export type Json = Record<string, unknown>;

/** A member of the defaults that has a place in the order but no value of its own. */
export const ABSENT = undefined;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Objects are completed member by member, everything else is replaced whole. Members without a default keep their order at the end. */
export function completed(defaults: Json, given: unknown): Json {
  const from = isObject(given) ? given : {};
  const names = [...Object.keys(defaults), ...Object.keys(from).filter((name) => !Object.hasOwn(defaults, name))];
  const members = names.map((name): [string, unknown] => {
    const value = Object.hasOwn(from, name) ? from[name] : undefined;
    const otherwise = defaults[name];
    if (value === undefined || (value === null && otherwise !== ABSENT)) return [name, otherwise];
    return [name, isObject(otherwise) && isObject(value) ? completed(otherwise, value) : value];
  });
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

/** A list inside an object, by its path; empty when there is none. */
export function listAt(value: unknown, ...path: string[]): string[] {
  const found = path.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}
