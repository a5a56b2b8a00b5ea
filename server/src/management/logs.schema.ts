// Owns the shapes of the System Log's route. An event's members follow core/system-log.ts, which writes them once for all.
import { z } from 'zod';

export const logQuery = z.object({
  since: z.string().optional(),
  until: z.string().optional(),
  after: z.string().optional(),
  filter: z.string().optional(),
  q: z.string().optional(),
  limit: z.string().optional(),
  sortOrder: z.string().optional(),
});

const subject = z.object({
  id: z.string().nullable(),
  type: z.string().nullable(),
  alternateId: z.string().nullable(),
  displayName: z.string().nullable(),
  detailEntry: z.record(z.string(), z.unknown()).nullable(),
});

export const logEvent = z.object({
  actor: subject,
  client: z.record(z.string(), z.unknown()),
  device: z.record(z.string(), z.unknown()).nullable(),
  authenticationContext: z.record(z.string(), z.unknown()),
  displayMessage: z.string(),
  eventType: z.string(),
  outcome: z.object({ result: z.string(), reason: z.string().nullable() }),
  published: z.string(),
  securityContext: z.record(z.string(), z.unknown()),
  severity: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
  debugContext: z.object({ debugData: z.record(z.string(), z.unknown()) }),
  legacyEventType: z.string().nullable(),
  transaction: z.object({ type: z.string(), id: z.string(), detail: z.record(z.string(), z.unknown()) }),
  uuid: z.string(),
  version: z.string(),
  request: z.record(z.string(), z.unknown()),
  target: z.array(subject),
});
