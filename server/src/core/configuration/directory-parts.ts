// Owns the shapes of a document's sections about people and groups: types of users, attributes of profiles, groups, group rules, who
// administers. Not here: the document (document.ts), and what makes sense of them, which the rules of each judge.
import { z } from 'zod';
import { roles } from '../roles.ts';

const name = z.string().min(1);
const names = z.array(z.string());
const text = z.string().nullable().default(null);
const json = z.record(z.string(), z.unknown());
const scalarTypes = ['string', 'number', 'integer', 'boolean'] as const;
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const roleType = z.enum(Object.keys(roles) as [keyof typeof roles]);

const choices = {
  enum: z.array(scalar).optional(),
  oneOf: z.array(z.strictObject({ const: scalar, title: z.string() })).optional(),
};

export const attribute = z.strictObject({
  name,
  title: z.string().optional(),
  description: z.string().optional(),
  type: z.enum([...scalarTypes, 'array']),
  required: z.boolean().optional(),
  format: z.string().optional(),
  externalName: z.string().optional(),
  externalNamespace: z.string().optional(),
  mutability: z.enum(['READ_WRITE', 'READ_ONLY', 'WRITE_ONLY', 'IMMUTABLE']).optional(),
  scope: z.enum(['NONE', 'SELF']).optional(),
  unique: z.enum(['UNIQUE_VALIDATED', 'NOT_UNIQUE']).optional(),
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(0).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  pattern: z.string().optional(),
  ...choices,
  items: z.strictObject({ type: z.enum(scalarTypes), ...choices }).optional(),
  union: z.enum(['DISABLE', 'ENABLE']).optional(),
  permissions: z
    .array(z.strictObject({ principal: z.string(), action: z.enum(['HIDE', 'READ_ONLY', 'READ_WRITE']) }))
    .optional(),
  master: z
    .strictObject({
      type: z.string(),
      priority: z.array(z.strictObject({ type: z.string(), value: z.string() })).optional(),
    })
    .optional(),
});

/** What a schema says: attributes that were added, and those of all profiles that were changed. */
export const attributes = {
  attributes: z.array(attribute).default([]),
  baseAttributes: z.array(attribute).default([]),
};

export const userType = z.strictObject({ name, displayName: name, description: text, ...attributes });

export const groupAttributes = z.strictObject(attributes);

export const group = z.strictObject({
  name,
  description: text,
  /** Values of attributes that were added to groups. */
  profile: json.optional(),
});

export const user = z.strictObject({
  login: name,
  /** Not given: the default type. */
  type: z.string().optional(),
  profile: json,
  groups: names.default([]),
});

export const groupRule = z.strictObject({
  name,
  /** INVALID is read, never made: such a rule moves nobody. */
  status: z.enum(['ACTIVE', 'INACTIVE', 'INVALID']).default('ACTIVE'),
  expression: name,
  groups: names.min(1),
  excludedUsers: names.default([]),
  excludedGroups: names.default([]),
});

/** A role, and the groups and clients that hold it. */
export const role = z.strictObject({ type: roleType, groups: names.default([]), clients: names.default([]) });

/** A person, and the roles that are theirs by name. */
export const administrator = z.strictObject({ login: name, roles: z.array(roleType).min(1) });
