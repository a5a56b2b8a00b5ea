// Owns the shapes of network zones on the management API, as read and as written.
import { z } from 'zod';
import { zoneTypes, zoneUsages } from '../core/network-zones.ts';

const BLANK = 'The field cannot be left blank';
const status = z.enum(['ACTIVE', 'INACTIVE']);
const addresses = z.array(z.object({ type: z.enum(['CIDR', 'RANGE']), value: z.string().min(1, BLANK).max(255) }));
const place = z.object({ country: z.string().nullish(), region: z.string().nullish() });
const lists = <T extends z.ZodType>(item: T) =>
  z.object({ include: z.array(item).nullish(), exclude: z.array(item).nullish() });

export const zone = z.looseObject({
  type: z.enum(zoneTypes),
  id: z.string(),
  name: z.string(),
  status,
  usage: z.enum(zoneUsages),
  created: z.string(),
  lastUpdated: z.string(),
  system: z.boolean(),
  _links: z.record(z.string(), z.unknown()),
});

const common = {
  name: z.string().trim().min(1, BLANK).max(128),
  status: status.nullish(),
  usage: z.enum(zoneUsages).nullish(),
};

export const givenZone = z.discriminatedUnion('type', [
  z.object({
    ...common,
    type: z.literal('IP'),
    gateways: addresses.nullish(),
    proxies: addresses.nullish(),
    useAsExemptList: z.boolean().nullish(),
  }),
  z.object({
    ...common,
    type: z.literal('DYNAMIC'),
    locations: z.array(place).nullish(),
    proxyType: z.string().nullish(),
    asns: z.array(z.string()).nullish(),
  }),
  z.object({
    ...common,
    type: z.literal('DYNAMIC_V2'),
    locations: lists(place).nullish(),
    ipServiceCategories: lists(z.string()).nullish(),
    asns: lists(z.string()).nullish(),
  }),
]);
