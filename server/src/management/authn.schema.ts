// Owns the shapes of the authentication API, as sent and as shown.
import { z } from 'zod';

const relayState = z.string().max(2048).nullish();

export const authnRequest = z.object({
  username: z.string().nullish(),
  password: z.string().nullish(),
  relayState,
  stateToken: z.string().nullish(),
  options: z.record(z.string(), z.unknown()).nullish(),
  context: z.record(z.string(), z.unknown()).nullish(),
});

export const stateRequest = z.object({ stateToken: z.string() });

export const passwordChangeRequest = stateRequest.extend({ oldPassword: z.string(), newPassword: z.string() });

export const recoveryRequest = z.object({ username: z.string(), factorType: z.string().nullish(), relayState });

export const transaction = z.object({
  stateToken: z.string().optional(),
  recoveryToken: z.string().optional(),
  expiresAt: z.string(),
  status: z.enum(['SUCCESS', 'PASSWORD_EXPIRED', 'RECOVERY']),
  relayState: z.string().optional(),
  sessionToken: z.string().optional(),
  recoveryType: z.literal('PASSWORD').optional(),
  _embedded: z.record(z.string(), z.unknown()),
  _links: z.record(z.string(), z.unknown()).optional(),
});

export const cancelled = z.object({ relayState: z.string().optional() });
