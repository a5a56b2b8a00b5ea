// Owns the shapes of inline hooks, as they come in and as they go out.
import { z } from 'zod';
import { inlineHookTypes } from '../core/inline-hooks.ts';

const BLANK = 'The field cannot be left blank';

const header = z.object({ key: z.string().min(1, BLANK).max(255), value: z.string().max(4096) });

export const inlineHook = z.object({
  id: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  name: z.string(),
  type: z.enum(inlineHookTypes),
  version: z.string(),
  channel: z.object({
    type: z.literal('HTTP'),
    version: z.string(),
    config: z.object({
      uri: z.string(),
      headers: z.array(header),
      method: z.literal('POST'),
      authScheme: z.object({ type: z.literal('HEADER'), key: z.string() }).nullable(),
    }),
  }),
  created: z.string(),
  lastUpdated: z.string(),
  _links: z.record(z.string(), z.unknown()),
});

const configInput = z.object({
  uri: z.string().min(1, BLANK).max(1024),
  method: z.literal('POST').optional(),
  headers: z.array(header).max(50).nullish(),
  authScheme: z
    .object({
      type: z.literal('HEADER').optional(),
      key: z.string().min(1, BLANK).max(255),
      value: z.string().min(1, BLANK).max(4096).nullish(),
    })
    .nullish(),
});

const channelInput = z.object({
  type: z.literal('HTTP', 'Only channels of the type HTTP are called by this server'),
  version: z.literal('1.0.0'),
  config: configInput,
});

/** A hook that is made or replaced. Its status has ways of its own and is not read here. */
export const inlineHookInput = z.object({
  name: z.string().trim().min(1, BLANK).max(255),
  type: z.enum(inlineHookTypes),
  version: z.string().regex(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/, 'The version must be of the form 1.0.0'),
  channel: channelInput,
});

/** What of a hook is changed. */
export const inlineHookChange = inlineHookInput.partial().extend({
  channel: channelInput.partial().extend({ config: configInput.partial().optional() }).optional(),
});

/** What a hook is asked to try out, and what it answered: both are the hook's own. */
export const hookPayload = z.record(z.string(), z.unknown());
