// Owns the shapes of sessions, as sent and as shown.
import { z } from 'zod';

export const sessionRequest = z.object({ sessionToken: z.string() });

export const session = z.object({
  id: z.string(),
  login: z.string(),
  userId: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  status: z.literal('ACTIVE'),
  lastPasswordVerification: z.string().nullable(),
  lastFactorVerification: z.string().nullable(),
  amr: z.array(z.string()),
  idp: z.object({ id: z.string(), type: z.enum(['OKTA', 'FEDERATION', 'SOCIAL']) }),
  mfaActive: z.boolean(),
  _links: z.record(z.string(), z.unknown()),
});

/** Empty to end all but the session of the cookie. There are no devices to forget here. */
export const endingSessions = z
  .object({ keepCurrent: z.boolean(), oauthTokens: z.boolean(), forgetDevices: z.boolean() })
  .partial()
  .optional();
