// Owns the shapes of trusted origins, as sent and as shown.
import { z } from 'zod';

const scope = z.object({
  type: z.enum(['CORS', 'REDIRECT', 'IFRAME_EMBED']),
  allowedOktaApps: z.array(z.string()).optional(),
});

export const trustedOriginBody = z.object({
  name: z.string().trim().min(1, 'The field cannot be left blank').max(255),
  origin: z.string(),
  scopes: z.array(scope),
  status: z.enum(['ACTIVE', 'INACTIVE']).optional(),
});

export const trustedOrigin = z.object({
  id: z.string(),
  name: z.string(),
  origin: z.string(),
  scopes: z.array(z.object({ type: z.string() })),
  status: z.string(),
  created: z.string(),
  createdBy: z.string(),
  lastUpdated: z.string(),
  lastUpdatedBy: z.string(),
  _links: z.record(z.string(), z.unknown()),
});
