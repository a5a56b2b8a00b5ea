// Owns the promise that an answered write is on disk: it has the system write out SQLite's write-ahead log (fdatasync, on the
// thread pool) after the commits of a turn of the event loop, one sync for all of them. Not here: SQL.
import { close, fdatasync, openSync } from 'node:fs';

type Waiting = { resolve: () => void; reject: (error: unknown) => void };

export type WalSync = {
  /** Resolves when every commit made so far is on disk; rejects when the disk refuses. */
  durable(): Promise<void>;
  /** Waits for the syncs under way. */
  close(): Promise<void>;
};

type Fdatasync = (file: number, done: (error: Error | null) => void) => void;

/** `path`: of the database; its log stands beside it for as long as a connection is open. */
export function createWalSync(path: string, writeOut: Fdatasync = fdatasync): WalSync {
  if (path === ':memory:') return { durable: async () => {}, close: async () => {} };
  let file: number | null = null;
  let waiting: Waiting[] = [];
  let isBusy = false;

  const settle = (members: Waiting[], error: unknown) => {
    for (const { resolve, reject } of members) error ? reject(error) : resolve();
    if (waiting.length > 0) sync();
    else isBusy = false;
  };
  const sync = () => {
    const members = waiting;
    waiting = [];
    try {
      // Opened late: SQLite makes the log at the first write. It holds no lock on it that closing this descriptor could drop.
      file ??= openSync(`${path}-wal`, 'r+');
      writeOut(file, (error) => settle(members, error));
    } catch (error) {
      settle(members, error);
    }
  };
  const durable = () =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ resolve, reject });
      if (isBusy) return;
      isBusy = true;
      setImmediate(sync);
    });
  return {
    durable,
    async close() {
      if (isBusy) await durable();
      const open = file;
      file = null;
      if (open !== null) await new Promise<void>((resolve) => close(open, () => resolve()));
    },
  };
}
