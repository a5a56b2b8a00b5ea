// Owns reading an administrator's definition of a profile attribute: what may be said, what it means when it is not said, and what
// makes no sense. Not here: storing it (profile-schemas.ts), values (profile-attributes.ts).
import { ExpressionError } from './expressions/expression-error.ts';
import { patternOf } from './expressions/pattern.ts';
import type { AttributeType, Choice, ProfileAttribute } from './profile-attributes.ts';
import { invalid } from './refusal.ts';

/** A definition as it is given: its form is checked already, its sense is not. Null is as good as absent. */
export type GivenAttribute = {
  [K in Exclude<keyof ProfileAttribute, 'items' | 'master'>]?: ProfileAttribute[K] | null | undefined;
} & {
  items?: ({ type: Exclude<AttributeType, 'array'> } & Choices) | null | undefined;
  master?: { type: string; priority?: { type: string; value: string }[] | undefined } | null | undefined;
};

export type AttributeKind = 'user' | 'group' | 'app';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const MOST_CHOICES = 500;

export function requireAttributeName(name: string): void {
  if (!NAME.test(name))
    throw invalid(
      'definitions',
      `${name.slice(0, 100)}: A property name has at most 64 letters, digits and underscores, and does not begin with a digit`,
    );
}

/** The definition of a custom attribute, complete. Throws E0000001. */
export function readAttribute(name: string, given: GivenAttribute, kind: AttributeKind): ProfileAttribute {
  requireAttributeName(name);
  const refuse = (member: string, problem: string) => invalid(`${name}.${member}`, `${name}.${member}: ${problem}`);
  const { title, description, type, format, required } = given;
  if (!title?.trim()) throw refuse('title', 'The field cannot be left blank');
  if (!type) throw refuse('type', 'The field cannot be left blank');
  const { minLength, maxLength, minimum, maximum, items } = given;
  if (type !== 'string' && (minLength ?? maxLength ?? null) !== null)
    throw refuse('minLength', 'Only a string has a length');
  if (type !== 'number' && type !== 'integer' && (minimum ?? maximum ?? null) !== null)
    throw refuse('minimum', 'Only a number has a range');
  requireOrder(refuse, 'minLength', minLength, maxLength);
  requireOrder(refuse, 'minimum', minimum, maximum);
  if (type === 'array' && !items) throw refuse('items', 'The field cannot be left blank');
  if (type !== 'array' && items) throw refuse('items', 'Only an array has items');
  if (given.unique === 'UNIQUE_VALIDATED' && (type === 'array' || type === 'boolean' || kind !== 'user'))
    throw refuse('unique', 'This property cannot be unique');
  if (given.pattern) requirePattern(refuse, given.pattern);
  return {
    title,
    ...known('description', description),
    type,
    ...(required === true ? { required } : {}),
    ...known('format', format),
    ...known('externalName', given.externalName),
    ...known('externalNamespace', given.externalNamespace),
    ...(kind === 'app' ? {} : { mutability: given.mutability ?? 'READ_WRITE' }),
    scope: given.scope ?? 'NONE',
    ...known('unique', given.unique),
    ...known('minLength', minLength),
    ...known('maxLength', maxLength),
    ...known('minimum', minimum),
    ...known('maximum', maximum),
    ...known('pattern', given.pattern),
    ...choicesOf(refuse, type, given),
    ...(items ? { items: { type: items.type, ...choicesOf(refuse, items.type, items) } } : {}),
    ...(kind === 'app' && type === 'array' ? { union: given.union ?? 'DISABLE' } : {}),
    ...(kind === 'app' ? {} : whoMay(given)),
  };
}

function whoMay({ permissions, master }: GivenAttribute): Pick<ProfileAttribute, 'permissions' | 'master'> {
  return {
    permissions: permissions ?? [{ principal: 'SELF', action: 'READ_ONLY' }],
    master: master ? { type: master.type, ...known('priority', master.priority) } : { type: 'PROFILE_MASTER' },
  };
}

type Refuse = (member: string, problem: string) => Error;

function requireOrder(refuse: Refuse, member: string, least?: number | null, most?: number | null): void {
  if (typeof least === 'number' && typeof most === 'number' && least > most)
    throw refuse(member, 'The minimum must not be above the maximum');
}

function requirePattern(refuse: Refuse, pattern: string): void {
  try {
    patternOf(pattern);
  } catch (error) {
    if (error instanceof ExpressionError) throw refuse('pattern', error.message);
    throw error;
  }
}

type Choices = { enum?: (string | number | boolean)[] | null | undefined; oneOf?: Choice[] | null | undefined };

function choicesOf(refuse: Refuse, type: AttributeType, { enum: values, oneOf }: Choices): object {
  if (!values && !oneOf) return {};
  if (type === 'array') throw refuse('enum', 'The choices of an array belong to its items');
  const given = [...(values ?? []), ...(oneOf ?? []).map((choice) => choice.const)];
  if (given.length > 2 * MOST_CHOICES) throw refuse('enum', `There can be at most ${MOST_CHOICES} choices`);
  const fits = (value: unknown) =>
    type === 'integer' ? Number.isSafeInteger(value) : typeof value === (type === 'number' ? 'number' : type);
  if (given.length === 0 || !given.every(fits)) throw refuse('enum', `The choices must be of type ${type}`);
  const consts = new Set((oneOf ?? []).map((choice) => choice.const));
  if (values && oneOf && (consts.size !== new Set(values).size || values.some((value) => !consts.has(value))))
    throw refuse('oneOf', 'enum and oneOf must name the same values');
  return { ...known('enum', values), ...known('oneOf', oneOf) };
}

function known<K extends string, V>(name: K, value: V | null | undefined): { [P in K]?: V } {
  return value === null || value === undefined ? {} : ({ [name]: value } as { [P in K]?: V });
}

/** What may be said anew of an attribute that every profile has. */
const BASE_MEMBERS = ['permissions', 'master', 'required', 'minLength', 'maxLength', 'pattern', 'unique'] as const;
/** Without these nobody can sign in. */
const ALWAYS_REQUIRED = ['login', 'email', 'userName'];
/** A login is anything, or characters of one class: what is stricter or cleverer locks people out. */
const LOGIN_PATTERN = /^(\.\+|\[[^\]]+\]\+)$/;

/** The definition of a base attribute with what is given of it; its title, type and name stay. Throws E0000001. */
export function changedBaseAttribute(
  name: string,
  before: ProfileAttribute,
  given: GivenAttribute,
  kind: AttributeKind,
): ProfileAttribute {
  const refuse = (member: string, problem: string) => invalid(`${name}.${member}`, `${name}.${member}: ${problem}`);
  if (given.type && given.type !== before.type) throw refuse('type', 'The type of a base property cannot be changed');
  if (ALWAYS_REQUIRED.includes(name) && given.required === false)
    throw refuse('required', 'This property is always required');
  if (given.pattern && name !== 'login') throw refuse('pattern', 'Only the login has a pattern');
  if (given.pattern && !LOGIN_PATTERN.test(given.pattern))
    throw refuse('pattern', 'The pattern of the login is .+ or a class of characters such as [a-z0-9]+');
  if (given.pattern) requirePattern(refuse, given.pattern);
  const changes = Object.fromEntries(
    BASE_MEMBERS.filter((member) => kind !== 'app' || member === 'required')
      .filter((member) => member !== 'unique' || name === 'login')
      .filter((member) => given[member] !== undefined)
      .map((member) => [member, given[member]]),
  );
  const changed = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null);
  const after = Object.fromEntries(changed) as ProfileAttribute;
  requireOrder(refuse, 'minLength', after.minLength, after.maxLength);
  return after;
}
