// Owns the shapes of the org's policies and their rules on the management API, as read and as written.
import { z } from 'zod';
import { orgPolicyTypes } from '../core/policies/org-policy-types.ts';

const BLANK = 'The field cannot be left blank';
const name = z.string().trim().min(1, BLANK).max(255);
const priority = z.int().min(0).nullish();
const anyObject = z.record(z.string(), z.unknown());

export const policyType = z.enum(orgPolicyTypes, 'The policy type is not known');

export const orgPolicy = z.object({
  id: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  name: z.string(),
  description: z.string().optional(),
  priority: z.number(),
  system: z.boolean(),
  conditions: anyObject.nullable(),
  created: z.string(),
  lastUpdated: z.string(),
  settings: anyObject.optional(),
  _links: anyObject,
  _embedded: anyObject.optional(),
  type: policyType,
});

/** Status has ways of its own and is not read here. */
export const givenOrgPolicy = z.object({
  type: policyType,
  name,
  description: z.string().max(1023).nullish(),
  priority,
  conditions: anyObject.nullish(),
  settings: anyObject.nullish(),
});

export const changedOrgPolicy = givenOrgPolicy.extend({ type: policyType.optional() });

export const orgPolicyRule = z.object({
  id: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  name: z.string(),
  priority: z.number(),
  created: z.string(),
  lastUpdated: z.string(),
  system: z.boolean(),
  conditions: anyObject.nullable(),
  actions: anyObject,
  _links: anyObject,
  type: z.string(),
});

export const givenOrgPolicyRule = z.object({
  type: z.string().nullish(),
  name,
  priority,
  conditions: anyObject.nullish(),
  actions: anyObject.nullish(),
});

export const policyListQuery = z.object({
  type: z.string(),
  status: z.string().optional(),
  q: z.string().optional(),
  expand: z.string().optional(),
});

export const policyQuery = z.object({ expand: z.string().optional() });

export const creationQuery = z.object({ activate: z.enum(['true', 'false']).optional() });

export const policyMapping = z.object({ id: z.string(), _links: anyObject });

export const givenPolicyMapping = z.object({ resourceType: z.enum(['APP']), resourceId: z.string().min(1, BLANK) });
