// Owns what an expression computes with: JSON's simple values, lists, maps, and things (a person, an application, a group), which
// answer for named members and nothing else: there is no way from a value to a prototype, a constructor or a function.
import { ExpressionError } from './expression-error.ts';

export type Value = null | boolean | number | string | readonly Value[] | ReadonlyMap<string, Value> | Thing;

export type Thing = {
  /** For messages, such as `user`. */
  readonly thing: string;
  /** Null: there is nothing by this name. */
  get(name: string): Value;
};

/** A thing whose members are the record's own. */
export function thingOf(thing: string, members: Readonly<Record<string, unknown>>): Thing {
  return { thing, get: (name) => (Object.hasOwn(members, name) ? fromJson(members[name]) : null) };
}

/** JSON as a value; what JSON does not know is null. */
export function fromJson(json: unknown): Value {
  if (typeof json === 'string' || typeof json === 'boolean') return json;
  if (typeof json === 'number') return Number.isFinite(json) ? json : null;
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object' && json !== null)
    return new Map(Object.entries(json).map(([name, member]) => [name, fromJson(member)]));
  return null;
}

/** The value as JSON. Throws for a thing: a whole profile is not the value of a claim. */
export function toJsonValue(value: Value): unknown {
  if (isList(value)) return value.map(toJsonValue);
  // The record has no prototype, so a member named __proto__ is a member like any other.
  if (isMap(value))
    return [...value].reduce<Record<string, unknown>>((members, [name, member]) => {
      members[name] = toJsonValue(member);
      return members;
    }, Object.create(null));
  if (isThing(value)) throw new ExpressionError(`The value is the whole ${value.thing}, not one of its attributes`);
  return value;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isThing(value: Value): value is Thing {
  return typeof value === 'object' && value !== null && !isList(value) && !isMap(value);
}

/** `member` of a map or thing; null has no members. */
export function memberOf(value: Value, name: string): Value {
  if (isMap(value)) return value.get(name) ?? null;
  if (isThing(value)) return value.get(name);
  throw new ExpressionError(
    value === null ? `There is nothing to read '${name}' of` : `'${name}' is read of ${kindOf(value)}`,
  );
}

export function kindOf(value: Value): string {
  if (value === null) return 'nothing';
  if (isList(value)) return 'a list';
  if (isMap(value)) return 'a map';
  if (isThing(value)) return `the whole ${value.thing}`;
  return typeof value === 'string' ? 'a text' : typeof value === 'number' ? 'a number' : 'true or false';
}

/** How a simple value reads as text: `null` for nothing, as the language's model (SpEL) has it. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (isList(value)) return value.map(textOf).join(',');
  throw new ExpressionError(`Text is expected, not ${kindOf(value)}`);
}

/** True and false, and the texts of these names; anything else is no condition. */
export function conditionOf(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new ExpressionError(`True or false is expected, not ${kindOf(value)}`);
}

/** Of the same kind and alike; letter case counts. */
export function equal(one: Value, other: Value): boolean {
  if (isList(one) && isList(other))
    return one.length === other.length && one.every((item, index) => equal(item, other[index] ?? null));
  return one === other;
}
