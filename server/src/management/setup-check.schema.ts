// Owns the shapes of Check setup: whose sign-in to which application, and what each line of the chain says.
import { z } from 'zod';
import { type BeginningGrant, grantTerms } from '../core/grant-terms.ts';
import { settingPlaces, setupResults } from '../core/setup-check/setup-line.ts';

const grantTypes = Object.keys(grantTerms) as [BeginningGrant, ...BeginningGrant[]];
const address = z.string().trim().min(1).max(1024).nullish();

export const setupCheckInput = z.object({
  /** By id or login; not given: who asks. */
  userId: z.string().min(1).max(100).nullish(),
  /** By id, `default`, or `org` for the organization's own; not given: the one that the application most likely uses. */
  authorizationServerId: z.string().min(1).max(100).nullish(),
  grantType: z.enum(grantTypes).nullish(),
  /** Not given: what applications usually ask for. Null: the application names none. */
  scopes: z.array(z.string().min(1).max(255)).max(100).nullable().optional(),
  /** What the application is known to send, or to have been given. */
  redirectUri: address,
  postLogoutRedirectUri: address,
  origin: address,
  issuer: address,
  /** The asking machine's clock, in milliseconds since 1970. */
  clock: z.number().int().min(0).max(8_640_000_000_000_000).nullish(),
});

export const setupReport = z.object({
  application: z.object({ id: z.string(), label: z.string(), clientId: z.string() }),
  authorizationServer: z.object({ id: z.string(), name: z.string(), issuer: z.string() }),
  user: z.object({ id: z.string(), login: z.string() }).nullable(),
  grantType: z.enum(grantTypes),
  scopes: z.array(z.string()).nullable(),
  outcome: z.enum(['ALLOW', 'DENY']),
  reason: z.string().nullable(),
  whatWouldPass: z.array(z.array(z.object({ kind: z.string(), description: z.string() }))),
  lines: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      result: z.enum(setupResults),
      says: z.string(),
      fix: z.string().nullable(),
      /** Of the guide. */
      step: z.object({ number: z.number(), title: z.string() }).nullable(),
      place: z.enum(settingPlaces),
    }),
  ),
});
