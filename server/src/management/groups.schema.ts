// Owns the shapes of groups on the management API, as read and as written.
import { z } from 'zod';
import { pagingQuery } from '../http/paging.ts';

export const group = z.object({
  id: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  lastMembershipUpdated: z.string(),
  objectClass: z.array(z.string()),
  type: z.enum(['OKTA_GROUP', 'APP_GROUP', 'BUILT_IN']),
  profile: z.looseObject({ name: z.string(), description: z.string().nullable() }),
  _embedded: z.record(z.string(), z.unknown()).optional(),
  _links: z.record(z.string(), z.unknown()),
});

/** Attributes beyond these two are judged by the schema of groups. */
export const givenGroup = z.object({
  profile: z.looseObject({ name: z.string(), description: z.string().nullish() }),
});

export const groupListQuery = pagingQuery.extend({
  q: z.string().optional(),
  filter: z.string().optional(),
  search: z.string().optional(),
  expand: z.string().optional(),
  sortBy: z.string().optional(),
  sortOrder: z.string().optional(),
});
