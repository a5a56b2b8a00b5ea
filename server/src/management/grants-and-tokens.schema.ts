// Owns the shapes of consents and refresh tokens as administrators see them, and of the clients that hold them.
import { z } from 'zod';

const links = z.record(z.string(), z.unknown());
const embedded = z.record(z.string(), z.unknown()).optional();
const status = z.enum(['ACTIVE', 'REVOKED']);

export const consentGrant = z.object({
  id: z.string(),
  status,
  created: z.string(),
  lastUpdated: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  userId: z.string(),
  scopeId: z.string(),
  source: z.literal('END_USER'),
  _embedded: embedded,
  _links: links,
});

export const refreshToken = z.object({
  id: z.string(),
  status,
  created: z.string(),
  lastUpdated: z.string(),
  expiresAt: z.string().nullable(),
  issuer: z.string(),
  clientId: z.string(),
  userId: z.string(),
  scopes: z.array(z.string()),
  _embedded: embedded,
  _links: links,
});

export const grantedClient = z.object({
  client_id: z.string(),
  client_name: z.string(),
  client_uri: z.string().nullable(),
  logo_uri: z.string().nullable(),
  _links: links,
});
