// Owns the shapes of event hooks, as they come in and as they go out.
import { z } from 'zod';
import { inlineHook, inlineHookInput } from './inline-hooks.schema.ts';

const BLANK = 'The field cannot be left blank';
const eventType = z.string().regex(/^[a-z0-9_]+(\.[a-z0-9_]+)+$/, 'The event type is not valid');

export const eventHook = z.object({
  id: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  verificationStatus: z.enum(['VERIFIED', 'UNVERIFIED']),
  name: z.string(),
  description: z.string().nullable(),
  created: z.string(),
  createdBy: z.string().nullable(),
  lastUpdated: z.string(),
  events: z.object({ type: z.literal('EVENT_TYPE'), items: z.array(z.string()), filter: z.null() }),
  channel: inlineHook.shape.channel,
  _links: z.record(z.string(), z.unknown()),
});

export const eventHookInput = z.object({
  name: z.string().trim().min(1, BLANK).max(255),
  description: z.string().max(1024).nullish(),
  status: z.enum(['ACTIVE', 'INACTIVE']).nullish(),
  events: z.object({
    type: z.literal('EVENT_TYPE').optional(),
    items: z.array(eventType).min(1, BLANK).max(100),
    filter: z.null('Filters of events are not supported by this server').optional(),
  }),
  channel: inlineHookInput.shape.channel,
});
