// Owns the shapes of identity providers, their keys and their users on the management API, as read and as written.
import { z } from 'zod';
import { providerTypes } from '../core/identity-provider-types.ts';

const BLANK = 'The field cannot be left blank';
const anyObject = z.record(z.string(), z.unknown());
const status = z.enum(['ACTIVE', 'INACTIVE']);
const issuerMode = z.enum(['ORG_URL', 'CUSTOM_URL', 'DYNAMIC']);
const type = z.enum(providerTypes, 'Identity providers of this type are not supported by this server');

export const identityProvider = z.object({
  id: z.string(),
  issuerMode,
  name: z.string(),
  status,
  created: z.string(),
  lastUpdated: z.string(),
  protocol: anyObject,
  policy: anyObject,
  type,
  _links: anyObject,
});

const url = z.object({ url: z.string().max(2048) });

export const givenIdentityProvider = z.object({
  type,
  name: z.string().trim().min(1, BLANK).max(100),
  issuerMode: issuerMode.nullish(),
  status: status.nullish(),
  protocol: z.looseObject({
    type: z.string().nullish(),
    scopes: z.array(z.string().min(1, BLANK).max(1024)).max(100).nullish(),
    issuer: url.nullish(),
    endpoints: z.record(z.string(), z.looseObject({ ...url.shape, binding: z.string().nullish() })).nullish(),
    credentials: anyObject,
  }),
  policy: z.looseObject({ maxClockSkew: z.int().min(0).nullish(), trustClaims: z.boolean().nullish() }).nullish(),
});

export const identityProviderUser = z.object({
  id: z.string(),
  externalId: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  profile: anyObject,
  _links: anyObject,
});

export const givenIdentityProviderUser = z.object({ externalId: z.string().trim().min(1, BLANK).max(512) });

export const identityProviderKey = z.looseObject({
  kid: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  expiresAt: z.string(),
});

export const givenIdentityProviderKey = z.object({ x5c: z.array(z.string().max(16_384)).min(1, BLANK).max(1) });
