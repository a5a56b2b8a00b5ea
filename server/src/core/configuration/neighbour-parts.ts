// Owns the shapes of a document's sections about what lies outside: networks, hooks, identity providers. What those know this server
// by has no place in a document: it may name the variable of the environment that holds it (secrets.ts). Not here: the document.
import { z } from 'zod';
import { providerTypes } from '../identity-provider-types.ts';
import { inlineHookTypes } from '../inline-hooks.ts';
import { zoneTypes, zoneUsages } from '../network-zones.ts';

const name = z.string().min(1);
const names = z.array(z.string());
const text = z.string().nullable().default(null);
const status = z.enum(['ACTIVE', 'INACTIVE']).default('ACTIVE');
const json = z.record(z.string(), z.unknown());
const addresses = z.array(z.strictObject({ type: z.enum(['CIDR', 'RANGE']), value: name })).nullable();
const place = z.strictObject({ country: z.string().nullish(), region: z.string().nullish() });
const lists = <T extends z.ZodType>(item: T) =>
  z.strictObject({ include: z.array(item).nullish(), exclude: z.array(item).nullish() });
const secretVariable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'A variable of the environment is named by letters, digits and underscores')
  .optional();

export const networkZone = z.strictObject({
  name,
  type: z.enum(zoneTypes).default('IP'),
  status,
  usage: z.enum(zoneUsages).default('POLICY'),
  settings: z
    .strictObject({
      gateways: addresses.optional(),
      proxies: addresses.optional(),
      useAsExemptList: z.boolean().optional(),
      locations: z.union([z.array(place), lists(place)]).nullish(),
      proxyType: z.string().nullish(),
      asns: z.union([names, lists(z.string())]).nullish(),
      ipServiceCategories: lists(z.string()).nullish(),
    })
    .default({}),
});

const channel = {
  uri: name,
  headers: z.array(z.strictObject({ key: name, value: z.string() })).default([]),
  /** The header that carries the secret; null: there is none. */
  authHeader: text,
  secretVariable,
};

export const eventHook = z.strictObject({
  name,
  description: text,
  status,
  events: z.array(z.string().regex(/^[a-z0-9_]+(\.[a-z0-9_]+)+$/, 'The event type is not valid')).min(1),
  ...channel,
});

export const inlineHook = z.strictObject({
  name,
  type: z.enum(inlineHookTypes),
  version: z
    .string()
    .regex(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/)
    .default('1.0.0'),
  status,
  ...channel,
});

export const identityProvider = z.strictObject({
  name,
  type: z.enum(providerTypes),
  status,
  issuerMode: z.enum(['ORG_URL', 'CUSTOM_URL', 'DYNAMIC']).default('ORG_URL'),
  protocol: json,
  policy: json.default({}),
  secretVariable,
});
