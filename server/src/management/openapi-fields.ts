// Owns how a shape of the OpenAPI document (JSON Schema) is told in rows: each member by its path, its type in words, and its limits.
// Not here: the page (openapi-page.ts).

export type Schema = {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  description?: string;
  default?: unknown;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
};

export type Field = { name: string; type: string; required: boolean; notes: string };
type Schemas = Readonly<Record<string, Schema>>;

const DEEPEST = 4;

/** The members of the shape, and theirs, each after the one that it is in. */
export function fieldsOf(schema: Schema, schemas: Schemas): Field[] {
  return membersOf(schema, schemas, '', 0);
}

function membersOf(given: Schema, schemas: Schemas, path: string, depth: number): Field[] {
  const schema = resolved(given, schemas);
  if (depth === DEEPEST) return [];
  const variants = variantsOf(schema);
  if (variants.length > 0) {
    const fields = variants.flatMap((variant) => membersOf(variant, schemas, path, depth));
    // A member that several of them have is told once.
    return [...new Map(fields.map((field) => [field.name, field])).values()];
  }
  if (schema.items) return membersOf(schema.items, schemas, `${path}[]`, depth);
  const members = Object.entries(schema.properties ?? {});
  return members.flatMap(([name, member]): Field[] => {
    const at = path === '' ? name : `${path}.${name}`;
    const own = { name: at, required: schema.required?.includes(name) ?? false, ...typeOf(member, schemas) };
    return [own, ...membersOf(member, schemas, at, depth + 1)];
  });
}

/** What kind of value it is, in words, and what else is known of it. */
export function typeOf(given: Schema, schemas: Schemas): Pick<Field, 'type' | 'notes'> {
  const schema = resolved(given, schemas);
  const variants = variantsOf(schema);
  if (variants.length > 0) {
    const types = [...new Set(variants.map((variant) => typeOf(variant, schemas).type))];
    const notes = [...new Set(variants.map((variant) => typeOf(variant, schemas).notes))].filter(Boolean);
    return { type: types.join(' or '), notes: notes.join('; ') };
  }
  if (schema.items) {
    const item = typeOf(schema.items, schemas);
    return { type: `list of ${item.type}`, notes: [limitsOf(schema), item.notes].filter(Boolean).join('; ') };
  }
  const names = [schema.type ?? (schema.properties ? 'object' : 'anything')].flat();
  return { type: names.join(' or '), notes: limitsOf(schema) };
}

function variantsOf({ anyOf, oneOf }: Schema): readonly Schema[] {
  return anyOf ?? oneOf ?? [];
}

function limitsOf(schema: Schema): string {
  const { enum: values, format, pattern, description, minLength, maxLength, minimum, maximum, maxItems } = schema;
  const between = (least: unknown, most: unknown, unit: string) =>
    least === undefined && most === undefined
      ? ''
      : [least === undefined ? '' : `at least ${least}`, most === undefined ? '' : `at most ${most}`]
          .filter(Boolean)
          .join(', ') + unit;
  // What zod writes for every whole number says nothing.
  const isSafe = (value: number | undefined) => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  return [
    description ?? '',
    values ? values.map((value) => JSON.stringify(value)).join(', ') : '',
    schema.const === undefined ? '' : JSON.stringify(schema.const),
    schema.default === undefined ? '' : `${JSON.stringify(schema.default)} unless given`,
    format ?? '',
    pattern ? `matches ${pattern}` : '',
    between(minLength, maxLength, ' characters'),
    between(isSafe(minimum) ? minimum : undefined, isSafe(maximum) ? maximum : undefined, ''),
    between(undefined, maxItems, ' items'),
  ]
    .filter(Boolean)
    .join('; ');
}

function resolved(schema: Schema, schemas: Schemas): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (schemas[name] ?? {});
}
