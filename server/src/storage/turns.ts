// Owns the order in which the one connection of the embedded database is used: a transaction holds it from its beginning to its end,
// a statement alone for itself. Not here: SQL.

export type Turns = {
  /** Resolves when it is the caller's turn; rejects when that takes too long. */
  take(): Promise<void>;
  /** As take, before whoever waits, and however long it takes. */
  takeNext(): Promise<void>;
  /** Whether nobody has it: what the caller does now, without waiting for anything, happens between two turns. */
  isFree(): boolean;
  give(): void;
};

type Entry = { resolve: () => void; timer: NodeJS.Timeout | null };

/** How long one may wait for its turn before it is taken for a deadlock: code inside a transaction used the outer db. */
const TIMEOUT_MS = 20_000;

export function createTurns(): Turns {
  let taken = false;
  const waiting: Entry[] = [];
  return {
    take() {
      if (!taken) {
        taken = true;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(new Error('The embedded database was not free in time: does a transaction use the db outside it?'));
        }, TIMEOUT_MS);
        const entry: Entry = { resolve, timer };
        waiting.push(entry);
      });
    },
    takeNext() {
      if (!taken) {
        taken = true;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.unshift({ resolve, timer: null }));
    },
    isFree: () => !taken,
    give() {
      const next = waiting.shift();
      if (!next) {
        taken = false;
        return;
      }
      if (next.timer) clearTimeout(next.timer);
      next.resolve();
    },
  };
}
