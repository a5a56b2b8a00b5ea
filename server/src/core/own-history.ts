// Owns what a person sees of the System Log: what was done, or tried, in their own name. Not here: the log as administrators search
// it (system-log-search.ts), and the words for people (sign-in/).
import { sql } from 'kysely';
import { DAY } from '../base/time.ts';
import { EVENTS_OF_PEOPLE } from '../storage/tables/surroundings.ts';
import type { Env } from './env.ts';
import { type StoredEvent, sequenceAt } from './system-log.ts';

export type OwnEvent = {
  eventType: string;
  displayMessage: string;
  published: number;
  succeeded: boolean;
  reason: string | null;
  ipAddress: string;
  userAgent: string;
};

const STRETCH = 90 * DAY;

/** The latest first, from before the cursor; `next`: the cursor of what came earlier, null when there is nothing. */
export async function listOwnEvents(
  env: Env,
  userId: string,
  { before, limit }: { before: string | null; limit: number },
): Promise<{ events: OwnEvent[]; next: string | null }> {
  let query = env.db
    .selectFrom('system_log')
    .select(['sequence', 'published', 'outcome_result', 'event'])
    .$narrowType<{ event: StoredEvent }>()
    .where('actor_id', '=', userId)
    .where(sql<boolean>`${sql.raw(EVENTS_OF_PEOPLE)}`)
    .where('sequence', '>=', sequenceAt(env.now() - STRETCH))
    .orderBy('sequence', 'desc')
    .limit(limit + 1);
  if (before !== null) query = query.where('sequence', '<', before);
  const rows = await query.execute();
  const shown = rows.slice(0, limit);
  const events = shown.map(({ event, published, outcome_result }) => ({
    eventType: event.eventType,
    displayMessage: event.displayMessage,
    published,
    succeeded: outcome_result !== 'FAILURE' && outcome_result !== 'DENY',
    reason: event.outcome?.reason ?? null,
    ipAddress: event.client.ipAddress,
    userAgent: event.client.userAgent.rawUserAgent,
  }));
  return { events, next: rows.length > limit ? (shown.at(-1)?.sequence ?? null) : null };
}
