// Owns the shapes of the organization, as read and as changed.
import { z } from 'zod';
import { orgDetails } from '../core/org.ts';

const detail = z.string().max(255).nullable();
const details = Object.fromEntries(orgDetails.map((name) => [name, detail])) as Record<
  (typeof orgDetails)[number],
  typeof detail
>;
const companyName = z.string().trim().min(1, 'The field cannot be left blank').max(100);

export const org = z.object({
  id: z.string(),
  subdomain: z.string(),
  companyName: z.string(),
  status: z.string(),
  expiresAt: z.string().nullable(),
  created: z.string(),
  lastUpdated: z.string(),
  ...details,
  _links: z.record(z.string(), z.unknown()),
});

/** POST: what is not named stays. */
export const orgChange = z.object({ companyName, ...details }).partial();
/** PUT: what is not named is emptied. */
export const orgReplacement = z.object({ companyName, ...z.object(details).partial().shape });
