// Owns the shapes of factors on the management API and in the authentication API, as read and as written.
import { z } from 'zod';

const anyObject = z.record(z.string(), z.unknown());

export const factor = z.object({
  id: z.string(),
  factorType: z.string(),
  provider: z.string(),
  vendorName: z.string(),
  status: z.enum(['PENDING_ACTIVATION', 'ACTIVE']),
  created: z.string(),
  lastUpdated: z.string(),
  profile: anyObject,
  _links: anyObject,
  _embedded: anyObject.optional(),
});

export const offeredFactor = z.object({
  factorType: z.string(),
  provider: z.string(),
  vendorName: z.string(),
  status: z.enum(['NOT_SETUP', 'PENDING_ACTIVATION', 'ACTIVE']),
  enrollment: z.enum(['REQUIRED', 'OPTIONAL']),
  _links: anyObject,
});

export const securityQuestion = z.object({ question: z.string(), questionText: z.string() });

export const givenFactor = z.object({
  factorType: z.string().max(50),
  provider: z.string().max(50).default('OKTA'),
  profile: z
    .object({ question: z.string().max(100).nullish(), answer: z.string().max(1024).nullish() })
    .nullish()
    .transform((profile) => profile ?? {}),
});

export const givenProof = z.object({
  passCode: z.union([z.string().max(32), z.number().transform(String)]).nullish(),
  answer: z.string().max(1024).nullish(),
});

export const verification = z.object({ factorResult: z.literal('SUCCESS') });

export const orgFactor = z.object({
  id: z.string(),
  provider: z.string(),
  factorType: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  _links: anyObject,
});
