// Owns the shapes of types of user on the management API, as read and as written.
import { z } from 'zod';

const BLANK = 'The field cannot be left blank';
const displayName = z.string().trim().min(1, BLANK).max(255);
const description = z.string().max(1024).nullish();

export const userType = z.object({
  id: z.string(),
  displayName: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  createdBy: z.string(),
  lastUpdatedBy: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  default: z.boolean(),
  _links: z.record(z.string(), z.unknown()),
});

export const newUserType = z.object({ name: z.string().min(1, BLANK).max(100), displayName, description });
export const userTypeChange = z.object({
  name: z.string().optional(),
  displayName: displayName.optional(),
  description,
});
export const userTypeReplacement = z.object({ name: z.string().optional(), displayName, description });
