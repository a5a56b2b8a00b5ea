// Owns the shapes of profile schemas on the management API, as read and as written. Whether a definition makes sense is judged in
// core/attribute-definition.ts.
import { z } from 'zod';

const scalarTypes = ['string', 'number', 'integer', 'boolean'] as const;
const length = z.int().min(0).max(65_536).nullish();
const bound = z.number().nullish();
const title = z.string().max(1024);
const value = z.union([z.string().max(1024), z.number(), z.boolean()]);
const choices = {
  enum: z.array(value).max(500).nullish(),
  oneOf: z
    .array(z.object({ const: value, title }))
    .max(500)
    .nullish(),
};
const action = z.enum(['HIDE', 'READ_ONLY', 'READ_WRITE']);
const priority = z.array(z.object({ type: z.string().max(100), value: z.string().max(100) })).max(100);

const attribute = z.object({
  title: title.nullish(),
  description: z.string().max(1024).nullish(),
  type: z.enum([...scalarTypes, 'array']).nullish(),
  required: z.boolean().nullish(),
  format: z.string().max(100).nullish(),
  externalName: z.string().max(255).nullish(),
  externalNamespace: z.string().max(255).nullish(),
  mutability: z.enum(['READ_WRITE', 'READ_ONLY', 'WRITE_ONLY', 'IMMUTABLE']).nullish(),
  scope: z.enum(['NONE', 'SELF']).nullish(),
  unique: z
    .union([z.boolean(), z.string()])
    .transform((given) => (/^(true|unique_validated)$/i.test(String(given)) ? 'UNIQUE_VALIDATED' : 'NOT_UNIQUE'))
    .nullish(),
  minLength: length,
  maxLength: length,
  minimum: bound,
  maximum: bound,
  pattern: z.string().max(255).nullish(),
  ...choices,
  items: z.object({ type: z.enum(scalarTypes), ...choices }).nullish(),
  union: z.enum(['DISABLE', 'ENABLE']).nullish(),
  permissions: z
    .array(z.object({ principal: z.string().max(100), action }))
    .max(10)
    .nullish(),
  master: z.object({ type: z.string().max(100), priority: priority.optional() }).nullish(),
});

const attributes = z.record(z.string(), attribute.nullable());

export const schemaChange = z.object({
  definitions: z
    .object({
      base: z.object({ properties: attributes.nullish() }).nullish(),
      custom: z.object({ properties: attributes.nullish() }).nullish(),
    })
    .nullish(),
});

const definition = z.object({
  id: z.string(),
  type: z.string(),
  properties: z.record(z.string(), z.record(z.string(), z.unknown())),
  required: z.array(z.string()).optional(),
});

export const profileSchema = z.object({
  id: z.string(),
  $schema: z.string(),
  name: z.string(),
  title: z.string(),
  description: z.string().optional(),
  lastUpdated: z.string(),
  created: z.string(),
  definitions: z.object({ custom: definition, base: definition }),
  type: z.string(),
  properties: z.record(z.string(), z.unknown()),
  _links: z.record(z.string(), z.unknown()),
});
