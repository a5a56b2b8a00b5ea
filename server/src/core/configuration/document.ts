// Owns the shape of an org's configuration as a document: what `gatehouse export` writes and `gatehouse apply` reads. Things are
// named, never given by id, and no secret has a place in it. Not here: YAML (text.ts) and the database (export.ts, apply.ts).
import { z } from 'zod';
import { applicationTypes } from '../application-settings.ts';
import { conformances } from '../authorization-servers.ts';
import { orgPolicyTypes } from '../policies/org-policy-types.ts';
import {
  administrator,
  attributes,
  group,
  groupAttributes,
  groupRule,
  role,
  user,
  userType,
} from './directory-parts.ts';
import { eventHook, identityProvider, inlineHook, networkZone } from './neighbour-parts.ts';

const name = z.string().min(1);
const names = z.array(z.string());
const text = z.string().nullable().default(null);
const status = z.enum(['ACTIVE', 'INACTIVE']).default('ACTIVE');
const json = z.record(z.string(), z.unknown());
const condition = z.strictObject({ include: names.default([]), exclude: names.default([]) });
const nobody = { include: [], exclude: [] };

const trustedOrigin = z.strictObject({
  name,
  origin: z.string(),
  scopes: z.array(
    z.strictObject({ type: z.enum(['CORS', 'REDIRECT', 'IFRAME_EMBED']), allowedOktaApps: names.optional() }),
  ),
  status,
});

const policyRule = z.strictObject({
  name,
  status,
  /** Only where rules are asked by a number that their maker chose; elsewhere by their order here. */
  priority: z.int().min(0).optional(),
  conditions: json.nullable().default(null),
  actions: json.default({}),
});

const policy = z.strictObject({
  type: z.enum(orgPolicyTypes),
  name,
  description: text,
  status,
  conditions: json.nullable().default(null),
  settings: json.nullable().default(null),
  rules: z.array(policyRule).default([]),
});

const application = z.strictObject({
  clientId: name,
  label: name,
  status,
  /** The authentication policy; null: the system's. */
  policy: text,
  groups: z.array(z.strictObject({ name, priority: z.int().min(0).optional(), profile: json.optional() })).default([]),
  /** Who is assigned by name; not given: whoever is. */
  users: z.array(z.strictObject({ login: name, userName: z.string().optional(), profile: json.optional() })).optional(),
  grants: names.default([]),
  credentials: json.default({}),
  oauthClient: z.looseObject({ application_type: z.enum(applicationTypes) }),
  groupsClaim: json.nullable().default(null),
  userNameTemplate: json.optional(),
  accessibility: json.optional(),
  visibility: json.optional(),
  features: names.optional(),
  profile: json.nullable().default(null),
  settings: json.default({}),
  ...attributes,
});

const scope = z.strictObject({
  name,
  displayName: text,
  description: text,
  metadataPublish: z.enum(['ALL_CLIENTS', 'NO_CLIENTS']).default('NO_CLIENTS'),
  consent: z.enum(['IMPLICIT', 'FLEXIBLE', 'REQUIRED']).default('IMPLICIT'),
  optional: z.boolean().default(false),
  default: z.boolean().default(false),
});

const claim = z.strictObject({
  name,
  claimType: z.enum(['RESOURCE', 'IDENTITY']),
  status,
  valueType: z.enum(['EXPRESSION', 'GROUPS', 'SYSTEM']).default('EXPRESSION'),
  value: text,
  groupFilterType: z.enum(['STARTS_WITH', 'EQUALS', 'CONTAINS', 'REGEX']).nullable().default(null),
  scopes: names.default([]),
  alwaysIncludeInToken: z.boolean().default(true),
});

const accessRule = z.strictObject({
  name,
  status,
  grantTypes: names.default([]),
  scopes: names.default([]),
  users: condition.default(nobody),
  groups: condition.default(nobody),
  accessTokenLifetimeMinutes: z.int().default(60),
  refreshTokenLifetimeMinutes: z.int().default(0),
  refreshTokenWindowMinutes: z.int().default(10_080),
  inlineHook: text,
});

const accessPolicy = z.strictObject({
  name,
  description: text,
  status,
  clients: names.default([]),
  rules: z.array(accessRule).default([]),
});

const authorizationServer = z.strictObject({
  name,
  description: text,
  audience: z.string(),
  issuerMode: z.enum(['ORG_URL', 'CUSTOM_URL', 'DYNAMIC']).optional(),
  status,
  rotationMode: z.enum(['AUTO', 'MANUAL']).optional(),
  signingAlg: z.string().optional(),
  conformance: z.enum(conformances).optional(),
  /** Servers whose access tokens this one exchanges. */
  trusts: names.default([]),
  scopes: z.array(scope).default([]),
  claims: z.array(claim).default([]),
  policies: z.array(accessPolicy).default([]),
});

/** A section that is there is complete: what it does not name is removed. One that is missing is left alone. */
export const configuration = z.strictObject({
  gatehouse: z.literal(1),
  userTypes: z.array(userType).optional(),
  groupAttributes: groupAttributes.optional(),
  groups: z.array(group).optional(),
  users: z.array(user).optional(),
  groupRules: z.array(groupRule).optional(),
  networkZones: z.array(networkZone).optional(),
  eventHooks: z.array(eventHook).optional(),
  inlineHooks: z.array(inlineHook).optional(),
  identityProviders: z.array(identityProvider).optional(),
  trustedOrigins: z.array(trustedOrigin).optional(),
  policies: z.array(policy).optional(),
  applications: z.array(application).optional(),
  authorizationServers: z.array(authorizationServer).optional(),
  roles: z.array(role).optional(),
  administrators: z.array(administrator).optional(),
});

export type Configuration = z.infer<typeof configuration>;
/** With every section, as an org has them. */
export type WholeConfiguration = { [Section in keyof Configuration]-?: NonNullable<Configuration[Section]> };
type Part<Section extends Exclude<keyof Configuration, 'gatehouse' | 'groupAttributes'>> = NonNullable<
  Configuration[Section]
>[number];
export type GroupPart = Part<'groups'>;
export type UserPart = Part<'users'>;
export type UserTypePart = Part<'userTypes'>;
export type AttributePart = UserTypePart['attributes'][number];
export type AttributesPart = NonNullable<Configuration['groupAttributes']>;
export type GroupRulePart = Part<'groupRules'>;
export type ZonePart = Part<'networkZones'>;
export type EventHookPart = Part<'eventHooks'>;
export type InlineHookPart = Part<'inlineHooks'>;
export type IdentityProviderPart = Part<'identityProviders'>;
export type RolePart = Part<'roles'>;
export type AdministratorPart = Part<'administrators'>;
export type TrustedOriginPart = Part<'trustedOrigins'>;
export type PolicyPart = Part<'policies'>;
export type PolicyRulePart = PolicyPart['rules'][number];
export type ApplicationPart = Part<'applications'>;
export type ServerPart = Part<'authorizationServers'>;
export type ScopePart = ServerPart['scopes'][number];
export type ClaimPart = ServerPart['claims'][number];
export type AccessPolicyPart = ServerPart['policies'][number];
export type AccessRulePart = AccessPolicyPart['rules'][number];

/** The same value with the members of every object in the order of their names: the two databases keep them differently. */
export function ordered<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => ordered(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, member]) => [key, ordered(member)]),
  ) as T;
}

/** Whether two parts say the same, in whatever order their members come. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}
