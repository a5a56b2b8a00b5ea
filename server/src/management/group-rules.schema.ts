// Owns the shapes of group rules on the management API, as read and as written.
import { z } from 'zod';
import { pagingQuery } from '../http/paging.ts';

const BLANK = 'The field cannot be left blank';
const LANGUAGE = 'urn:okta:expression:1.0';
const id = z.string().min(1, BLANK).max(100);
const excluded = z.object({ exclude: z.array(id).nullish() }).nullish();

export const groupRule = z.object({
  type: z.literal('group_rule'),
  id: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE', 'INVALID']),
  name: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  conditions: z.object({
    people: z.object({
      users: z.object({ exclude: z.array(z.string()) }),
      groups: z.object({ exclude: z.array(z.string()) }),
    }),
    expression: z.object({ value: z.string(), type: z.literal(LANGUAGE) }),
  }),
  actions: z.object({ assignUserToGroups: z.object({ groupIds: z.array(z.string()) }) }),
  allGroupsValid: z.boolean(),
  _embedded: z.record(z.string(), z.unknown()).optional(),
});

export const givenGroupRule = z.object({
  type: z.literal('group_rule'),
  name: z.string().trim().min(1, BLANK).max(50),
  conditions: z.object({
    people: z.object({ users: excluded, groups: excluded }).nullish(),
    expression: z.object({ value: z.string().min(1, BLANK), type: z.literal(LANGUAGE).nullish() }),
  }),
  actions: z.object({ assignUserToGroups: z.object({ groupIds: z.array(id).min(1, BLANK).max(100) }) }),
});

/** `expand=groupIdToGroupNameMap` adds the names of the groups. */
export const groupRuleQuery = z.object({ expand: z.string().optional() });
export const groupRuleListQuery = pagingQuery.extend({ search: z.string().optional(), expand: z.string().optional() });
export const groupRuleDeletion = z.object({ removeUsers: z.enum(['true', 'false']).optional() });
