// Owns what an attribute of a profile is, in the words of the schema API, and whether a value fits it. Users, groups and
// application users all have profiles made of these. Not here: which attributes there are (profile-schemas.ts), and how an
// administrator's definition of one is read (attribute-definition.ts).
import { ExpressionError } from './expressions/expression-error.ts';
import { patternOf } from './expressions/pattern.ts';
import { invalid, Refusal } from './refusal.ts';

export type AttributeType = 'string' | 'boolean' | 'number' | 'integer' | 'array';
export type Choice = { const: string | number | boolean; title: string };

export type ProfileAttribute = {
  title: string;
  description?: string;
  type: AttributeType;
  required?: boolean;
  format?: string;
  externalName?: string;
  externalNamespace?: string;
  mutability?: 'READ_WRITE' | 'READ_ONLY' | 'WRITE_ONLY' | 'IMMUTABLE';
  scope?: 'NONE' | 'SELF';
  unique?: 'NOT_UNIQUE' | 'UNIQUE_VALIDATED';
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  enum?: (string | number | boolean)[];
  oneOf?: Choice[];
  items?: { type: Exclude<AttributeType, 'array'>; enum?: (string | number | boolean)[]; oneOf?: Choice[] };
  union?: 'DISABLE' | 'ENABLE';
  permissions?: { principal: string; action: 'HIDE' | 'READ_ONLY' | 'READ_WRITE' }[];
  master?: { type: string; priority?: { type: string; value: string }[] };
};

/** Attributes by name, in the order in which a profile is shown. */
export type ProfileAttributes = Readonly<Record<string, ProfileAttribute>>;

const LONGEST_TEXT = 4096;
const LONGEST_ARRAY = 1000;

/**
 * The profile in the form that is stored: null takes an attribute away, what is given is checked.
 * Throws E0000001 with a cause for each thing wrong; `object` names the whole profile in its summary, such as `newUser`.
 */
export function checkedAttributes(
  attributes: ProfileAttributes,
  given: Readonly<Record<string, unknown>>,
  object: string,
): Record<string, unknown> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(attributes, name));
  if (unknown.length > 0)
    throw invalid(object, ...unknown.map((name) => `Property name '${name}' is not defined in profile`));
  const wrong: { name: string; cause: string }[] = [];
  const profile: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = given[name] ?? null;
    const problem = presenceProblem(attribute, value) ?? (value === null ? null : valueProblem(attribute, value));
    if (problem !== null) wrong.push({ name, cause: `${name}: ${problem}` });
    else if (value !== null) profile[name] = value;
  }
  const [first] = wrong;
  if (!first) return profile;
  throw new Refusal(
    'E0000001',
    first.name,
    wrong.map(({ cause }) => cause),
  );
}

function presenceProblem({ required = false, minLength = 0 }: ProfileAttribute, value: unknown): string | null {
  const missing = (required && value === null) || (value === '' && (required || minLength > 0));
  return missing ? 'The field cannot be left blank' : null;
}

/** What is wrong with a value that is there; null when nothing is. */
function valueProblem(attribute: ProfileAttribute, value: unknown): string | null {
  if (attribute.type === 'array') {
    if (!Array.isArray(value)) return 'The value must be an array';
    if (value.length > LONGEST_ARRAY) return `The array must have at most ${LONGEST_ARRAY} items`;
    const item: ProfileAttribute = { title: '', type: 'string', ...attribute.items };
    return value.map((one) => valueProblem(item, one)).find((problem) => problem !== null) ?? null;
  }
  return typeProblem(attribute.type, value) ?? limitProblem(attribute, value as string | number | boolean);
}

function typeProblem(type: AttributeType, value: unknown): string | null {
  if (type === 'string') return typeof value === 'string' ? null : 'The value must be a string';
  if (type === 'boolean') return typeof value === 'boolean' ? null : 'The value must be a boolean';
  if (typeof value !== 'number' || !Number.isFinite(value)) return `The value must be ${a(type)}`;
  return type === 'number' || Number.isSafeInteger(value) ? null : 'The value must be an integer';
}

function a(type: AttributeType): string {
  return type === 'integer' ? 'an integer' : 'a number';
}

function limitProblem(attribute: ProfileAttribute, value: string | number | boolean): string | null {
  const { enum: values, oneOf } = attribute;
  const allowed = oneOf ? oneOf.map((choice) => choice.const) : values;
  if (allowed && !allowed.includes(value)) return `The value must be one of ${allowed.join(', ')}`;
  if (typeof value === 'number') return rangeProblem(attribute, value);
  return typeof value === 'string' ? textProblem(attribute, value) : null;
}

function rangeProblem({ minimum, maximum }: ProfileAttribute, value: number): string | null {
  if (minimum !== undefined && value < minimum) return `The value must be at least ${minimum}`;
  return maximum !== undefined && value > maximum ? `The value must be at most ${maximum}` : null;
}

function textProblem({ minLength = 0, maxLength = LONGEST_TEXT, pattern, format }: ProfileAttribute, text: string) {
  if (text.length < minLength || text.length > maxLength)
    return `The field must have ${minLength} to ${maxLength} characters`;
  if (pattern !== undefined && !fits(pattern, text)) return 'Does not match required pattern';
  return format === 'email' && text !== '' && !isEmailForm(text) ? 'Does not match required pattern' : null;
}

function fits(pattern: string, text: string): boolean {
  try {
    return patternOf(pattern).matches(text);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

// Neither white space nor control or format characters: two logins that look the same must be the same.
const EMAIL = /^[^\s\p{C}@]+@[^\s\p{C}@.]+(\.[^\s\p{C}@.]+)*$/u;

function isEmailForm(value: string): boolean {
  return EMAIL.test(value);
}

export function isUnique({ unique }: ProfileAttribute): boolean {
  return unique === 'UNIQUE_VALIDATED';
}
