// Owns the shapes of the authentication API, as sent and as shown.
import { z } from 'zod';
import { givenFactor, givenProof } from './factors.schema.ts';

const relayState = z.string().max(2048).nullish();

export const authnRequest = z.object({
  username: z.string().nullish(),
  password: z.string().nullish(),
  relayState,
  stateToken: z.string().nullish(),
  options: z.looseObject({ warnBeforePasswordExpired: z.boolean().nullish() }).nullish(),
  context: z.looseObject({ deviceToken: z.string().max(128).nullish() }).nullish(),
});

export const stateRequest = z.object({ stateToken: z.string() });

export const passwordChangeRequest = stateRequest.extend({ oldPassword: z.string(), newPassword: z.string() });

export const passwordResetRequest = stateRequest.extend({ newPassword: z.string() });

export const recoveryTokenRequest = z.object({ recoveryToken: z.string(), relayState });

export const recoveryAnswer = stateRequest.extend({ answer: z.string().max(1024) });

export const factorEnrollment = givenFactor.extend({ stateToken: z.string() });

export const factorProof = givenProof.extend({ stateToken: z.string(), rememberDevice: z.boolean().nullish() });

export const rememberQuery = z.object({ rememberDevice: z.string().optional() });

export const recoveryRequest = z.object({ username: z.string(), factorType: z.string().nullish(), relayState });

export const transaction = z.object({
  stateToken: z.string().optional(),
  recoveryToken: z.string().optional(),
  expiresAt: z.string().optional(),
  status: z.enum([
    'SUCCESS',
    'PASSWORD_EXPIRED',
    'PASSWORD_WARN',
    'MFA_REQUIRED',
    'MFA_CHALLENGE',
    'MFA_ENROLL',
    'MFA_ENROLL_ACTIVATE',
    'LOCKED_OUT',
    'RECOVERY',
    'PASSWORD_RESET',
  ]),
  relayState: z.string().optional(),
  sessionToken: z.string().optional(),
  recoveryType: z.literal('PASSWORD').optional(),
  _embedded: z.record(z.string(), z.unknown()),
  _links: z.record(z.string(), z.unknown()).optional(),
});

export const cancelled = z.object({ relayState: z.string().optional() });
