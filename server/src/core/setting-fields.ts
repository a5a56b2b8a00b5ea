// Owns the little language in which the fields of a record's settings are listed, and filling in what was said of them: what is
// missing takes its default, what does not fit is named. Not here: which records have which fields.
import { invalid } from './refusal.ts';

export type JsonObject = Record<string, unknown>;

export type SettingField = {
  kind: 'text' | 'address' | 'flag' | 'number';
  required: boolean;
  /** When nothing was said. */
  fallback: unknown;
  oneOf?: readonly string[];
};

export const needed = { kind: 'text', required: true, fallback: null } as const satisfies SettingField;
export const optional = { kind: 'text', required: false, fallback: null } as const satisfies SettingField;
/** An address on the web that people are sent to. */
export const neededAddress = { kind: 'address', required: true, fallback: null } as const satisfies SettingField;
export const optionalAddress = { kind: 'address', required: false, fallback: null } as const satisfies SettingField;

export function flag(fallback: boolean): SettingField {
  return { kind: 'flag', required: false, fallback };
}

export function oneOf(values: readonly string[], fallback: string): SettingField {
  return { kind: 'text', required: false, fallback, oneOf: values };
}

const LONGEST_TEXT = 1024;

/** The fields in their order, each as it was said or by default; what was said beyond them is left out. Throws E0000001. */
export function completeSettings(
  fields: Readonly<Record<string, SettingField>>,
  said: JsonObject,
  path: string,
): JsonObject {
  const causes = Object.entries(fields).flatMap(([name, field]) => {
    const objection = objectionTo(field, said[name]);
    return objection === null ? [] : [`${path}.${name}: ${objection}`];
  });
  const [first] = causes;
  if (first !== undefined) throw invalid(first.slice(0, first.indexOf(':')), ...causes);
  return Object.fromEntries(Object.entries(fields).map(([name, { fallback }]) => [name, said[name] ?? fallback]));
}

function objectionTo({ kind, required, oneOf }: SettingField, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return required ? 'The field cannot be left blank' : null;
  if (kind === 'flag') return typeof value === 'boolean' ? null : 'The value must be true or false';
  if (kind === 'number') return Number.isSafeInteger(value) ? null : 'The value must be a whole number';
  if (typeof value !== 'string' || value.length > LONGEST_TEXT)
    return `The value must be a text of at most ${LONGEST_TEXT} characters`;
  if (kind === 'address' && !isWebAddress(value)) return 'The value must be an address that begins with http or https';
  return oneOf && !oneOf.includes(value) ? `The value must be one of ${oneOf.join(', ')}` : null;
}

/** Nothing that would run in the page that shows it, and nothing that a browser reads in another way than it is written. */
export function isWebAddress(text: string): boolean {
  const protocol = /^[\x21-\x7e]+$/.test(text) ? URL.parse(text)?.protocol : undefined;
  return protocol === 'https:' || protocol === 'http:';
}
