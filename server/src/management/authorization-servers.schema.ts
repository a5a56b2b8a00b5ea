// Owns the shapes of authorization servers and of what belongs to them, as they come in and as they go out.
// Not here: rules that need the database or that every caller must keep (core/).
import { z } from 'zod';
import { signatureAlgorithms } from '../base/key-pair.ts';
import { conformances } from '../core/authorization-servers.ts';
import { ruleGrantTypes } from '../core/policies/policy-rules.ts';

const BLANK = 'The field cannot be left blank';
const FIVE_YEARS_IN_MINUTES = 2_628_000;

const links = z.record(z.string(), z.unknown());
const status = z.enum(['ACTIVE', 'INACTIVE']);
const issuerMode = z.enum(['ORG_URL', 'CUSTOM_URL', 'DYNAMIC']);
const rotationMode = z.enum(['AUTO', 'MANUAL']);
const required = (most: number) => z.string().trim().min(1, BLANK).max(most);
const optional = (most: number) =>
  z
    .string()
    .max(most)
    .nullish()
    .transform((text) => text ?? null);

export const authorizationServer = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  audiences: z.array(z.string()),
  issuer: z.string(),
  issuerMode,
  status,
  created: z.string(),
  lastUpdated: z.string(),
  credentials: z.object({
    signing: z.object({
      kid: z.string(),
      rotationMode,
      lastRotated: z.string(),
      nextRotation: z.string().optional(),
      alg: z.enum(signatureAlgorithms).optional(),
    }),
  }),
  conformance: z.enum(conformances).optional(),
  default: z.boolean(),
  _links: links,
});

/** A server that is made or replaced. */
export const authorizationServerInput = z.object({
  name: required(255),
  description: optional(1000),
  audiences: z.tuple([required(1000)], 'Exactly one audience must be given'),
  issuerMode: issuerMode.optional(),
  conformance: z.enum(conformances).optional(),
  credentials: z
    .object({
      signing: z
        .object({ rotationMode: rotationMode.optional(), alg: z.enum(signatureAlgorithms).optional() })
        .optional(),
    })
    .optional(),
});

/** Servers to trust. */
export const associatedServers = z.object({ trusted: z.array(z.string()).min(1, BLANK) });

export const signingKey = z.object({
  kty: z.string(),
  status: z.enum(['ACTIVE', 'NEXT', 'EXPIRED']),
  alg: z.string(),
  kid: z.string(),
  use: z.literal('sig'),
  _links: links,
  e: z.string().optional(),
  n: z.string().optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
});

/** What to rotate; the handler words the refusal of any other use. */
export const keyRotation = z.object({ use: z.string().optional() }).optional();

const metadataPublish = z.enum(['ALL_CLIENTS', 'NO_CLIENTS']);
const consent = z.enum(['IMPLICIT', 'FLEXIBLE', 'REQUIRED']);

export const scope = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string().nullable(),
  description: z.string().nullable(),
  system: z.boolean(),
  metadataPublish,
  consent,
  optional: z.boolean(),
  apiResourceId: z.null(),
  default: z.boolean(),
  _links: links,
});

export const scopeInput = z.object({
  name: z.string().min(1, BLANK).max(255),
  displayName: optional(255),
  description: optional(1000),
  metadataPublish: metadataPublish.default('NO_CLIENTS'),
  consent: consent.default('IMPLICIT'),
  optional: z.boolean().default(false),
  default: z.boolean().default(false),
});

const claimType = z.enum(['RESOURCE', 'IDENTITY']);
const valueType = z.enum(['EXPRESSION', 'GROUPS', 'SYSTEM']);
const groupFilterType = z.enum(['STARTS_WITH', 'EQUALS', 'CONTAINS', 'REGEX']);

export const claim = z.object({
  id: z.string(),
  name: z.string(),
  status,
  claimType,
  valueType,
  value: z.string().optional(),
  conditions: z.object({ scopes: z.array(z.string()) }),
  system: z.boolean(),
  alwaysIncludeInToken: z.boolean(),
  apiResourceId: z.null(),
  group_filter_type: groupFilterType.optional(),
  _links: links,
});

export const claimInput = z.object({
  name: z.string().min(1, BLANK).max(255),
  status: status.optional(),
  claimType,
  valueType,
  value: optional(1024),
  group_filter_type: groupFilterType.nullish(),
  conditions: z.object({ scopes: z.array(z.string()).nullish() }).nullish(),
  alwaysIncludeInToken: z.boolean().default(false),
});

const clients = z.object({ include: z.array(z.string()) });

export const policy = z.object({
  id: z.string(),
  status,
  name: z.string(),
  description: z.string().nullable(),
  priority: z.number(),
  system: z.boolean(),
  conditions: z.object({ clients }),
  created: z.string(),
  lastUpdated: z.string(),
  _links: links,
  type: z.literal('OAUTH_AUTHORIZATION_POLICY'),
});

export const policyInput = z.object({
  name: required(100),
  description: required(255),
  status: status.optional(),
  priority: z.int().min(1).optional(),
  conditions: z.object({ clients }),
  type: z.literal('OAUTH_AUTHORIZATION_POLICY').optional(),
});

const list = z
  .array(z.string())
  .nullish()
  .transform((ids) => ids ?? []);
const userIds = list.refine((ids) => ids.every((id) => id.startsWith('00u')), 'Every entry must be the id of a user');
const groupIds = list.refine(
  (ids) => ids.every((id) => id === 'EVERYONE' || id.startsWith('00g')),
  'Every entry must be the id of a group, or EVERYONE',
);
const nobody = { include: [], exclude: [] };
const people = z.object({
  users: z
    .object({ include: userIds, exclude: userIds })
    .nullish()
    .transform((users) => users ?? nobody),
  groups: z
    .object({ include: groupIds, exclude: groupIds })
    .nullish()
    .transform((groups) => groups ?? nobody),
});

const minutes = (least: number, most: number) => z.int().min(least).max(most);

const tokenActions = z
  .object({
    accessTokenLifetimeMinutes: minutes(5, 1440).default(60),
    refreshTokenLifetimeMinutes: minutes(0, FIVE_YEARS_IN_MINUTES).default(0),
    refreshTokenWindowMinutes: minutes(10, FIVE_YEARS_IN_MINUTES).default(10_080),
    inlineHook: z.object({ id: z.string().nullish() }).nullish(),
  })
  .refine(
    (token) =>
      token.refreshTokenLifetimeMinutes === 0 || token.refreshTokenLifetimeMinutes >= token.accessTokenLifetimeMinutes,
    {
      path: ['refreshTokenLifetimeMinutes'],
      message: 'A refresh token must live at least as long as an access token',
    },
  );

export const rule = z.object({
  id: z.string(),
  status,
  name: z.string(),
  priority: z.number(),
  created: z.string(),
  lastUpdated: z.string(),
  system: z.boolean(),
  conditions: z.record(z.string(), z.unknown()),
  actions: z.object({ token: z.record(z.string(), z.unknown()) }),
  _links: links,
  type: z.literal('RESOURCE_ACCESS'),
});

export const ruleInput = z.object({
  name: required(100),
  status: status.optional(),
  priority: z.int().min(1).optional(),
  conditions: z.object({
    people: people.nullish().transform((given) => given ?? { users: nobody, groups: nobody }),
    grantTypes: z.object({ include: z.array(z.enum(ruleGrantTypes)).min(1, BLANK) }),
    scopes: z
      .object({ include: list })
      .nullish()
      .transform((scopes) => scopes ?? { include: [] }),
  }),
  actions: z.object({ token: tokenActions.prefault({}) }).prefault({}),
  type: z.literal('RESOURCE_ACCESS').optional(),
});
