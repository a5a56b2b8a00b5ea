// Owns the shapes of explanations: a request that might be, and what would become of it.
import { z } from 'zod';
import { type BeginningGrant, grantTerms } from '../core/grant-terms.ts';

const grantTypes = Object.keys(grantTerms) as [BeginningGrant, ...BeginningGrant[]];
const names = z.array(z.string().min(1).max(255)).max(100);

export const explainInput = z.object({
  clientId: z.string().min(1, 'The field cannot be left blank').max(255),
  /** A refresh is judged by the grant that it continues: explain that one. */
  grantType: z.enum(grantTypes),
  /** Of a request to the authorization endpoint; not given: `code`, or for implicit `token`, with `id_token` where openid is asked. */
  responseTypes: z
    .array(z.enum(['code', 'token', 'id_token']))
    .min(1)
    .max(3)
    .optional(),
  /** Whom the grant acts for, by id or by login. */
  userId: z.string().max(100).nullish(),
  login: z.string().max(100).nullish(),
  /** Not given: the request names none. */
  scopes: names.nullish(),
  prompt: z.enum(['none', 'consent']).nullish(),
  amr: z.array(z.string().max(20)).max(10).default(['pwd']),
  nonce: z.string().max(1024).nullish(),
});

const change = z.object({ kind: z.string(), description: z.string() });

const step = z.object({
  condition: z.string(),
  passed: z.boolean(),
  explanation: z.string(),
  compared: z.record(z.string(), z.unknown()),
  policyId: z.string().nullable(),
  policyName: z.string().nullable(),
  ruleId: z.string().nullable(),
  ruleName: z.string().nullable(),
});

const claim = z.object({
  name: z.string(),
  included: z.boolean(),
  why: z.string(),
  value: z.unknown().optional(),
});

const token = z.object({
  header: z.record(z.string(), z.unknown()),
  payload: z.record(z.string(), z.unknown()),
  lifetime: z.number(),
  claims: z.array(claim),
});

const decidedBy = z.object({
  policyId: z.string().nullable(),
  policyName: z.string().nullable(),
  ruleId: z.string().nullable(),
  ruleName: z.string().nullable(),
});

export const explanation = z.object({
  outcome: z.enum(['ALLOW', 'DENY']),
  reason: z.string().nullable(),
  decidedBy,
  trace: z.array(step),
  whatWouldPass: z.array(z.array(change)),
  scopes: z.array(z.object({ name: z.string(), granted: z.boolean(), why: z.string() })),
  consent: z.array(z.string()),
  tokens: z.array(
    z.object({
      endpoint: z.enum(['authorize', 'token']),
      scope: z.string(),
      accessToken: token.nullable(),
      idToken: token.nullable(),
      refreshToken: z.boolean(),
    }),
  ),
});

/** What the System Log keeps of a request: most have one event, those that gave several tokens more. */
export const explainedRequest = z.object({
  requestId: z.string(),
  events: z.array(
    z.object({
      uuid: z.string(),
      published: z.string(),
      eventType: z.string(),
      displayMessage: z.string(),
      outcome: z.enum(['ALLOW', 'DENY', 'OTHER']),
      reason: z.string().nullable(),
      decidedBy,
      trace: z.array(step),
      whatWouldPass: z.array(z.array(change)),
      facts: z.record(z.string(), z.unknown()),
    }),
  ),
});
