// Owns the shapes of authenticators and their methods on the management API, as read and as written.
import { z } from 'zod';

const anyObject = z.record(z.string(), z.unknown());
const status = z.enum(['ACTIVE', 'INACTIVE']);

export const authenticator = z.object({
  type: z.string(),
  id: z.string(),
  key: z.string(),
  status,
  name: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  settings: anyObject.optional(),
  _links: anyObject,
});

export const givenAuthenticator = z.object({ key: z.string().nullish(), settings: anyObject.nullish() });

export const authenticatorMethod = z.object({
  type: z.string(),
  status,
  settings: anyObject.optional(),
  _links: anyObject,
});

export const givenMethod = z.object({ type: z.string().nullish(), settings: anyObject.nullish() });
