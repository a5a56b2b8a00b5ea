// Owns the answer to a name that is taken: of two who write it at once, a unique index lets one through, and the other is told in
// the words that clients know. Not here: names that mean something else when they are taken (logins, labels).
import { isUniqueViolation } from '../storage/database.ts';
import { alreadyExists } from './refusal.ts';

/** Waits for the write. Throws E0000001 where the unique index of this name (or part of its name) refused it. */
export async function refusingTakenName<T>(index: string, write: Promise<T>, field = 'name'): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error, index)) throw alreadyExists(field, field);
    throw error;
  }
}
