// Owns durable commits of the embedded database, shared: transactions that end near each other are savepoints of one transaction of
// SQLite, which is committed and written out to disk (fdatasync, on the thread pool) once for all of them. Each is told of its end
// when the disk has it, and each rolls back alone. Not here: statements (sqlite-dialect.ts).
import { close, fdatasync, openSync } from 'node:fs';
import type { Turns } from './turns.ts';

/** The transaction of SQLite that is open, and who waits for its end. */
export type Group = { readonly members: Member[] };

type Member = { resolve: () => void; reject: (error: unknown) => void };

/** What of node:sqlite's database is needed here. */
type Connection = { exec(sql: string): void; readonly isTransaction: boolean };

type Fdatasync = (file: number, done: (error: Error | null) => void) => void;

export type CommitGroups = {
  /** The open group, or a new one. The caller holds the turn, as for the next two. */
  open(): Group;
  /** False: SQLite itself ended its transaction (disk full, or the like), and what was written in it is undone. */
  isOpen(group: Group): boolean;
  /** The caller's writes are complete. Resolves when they are on disk; rejects when they are undone, or the disk refuses. */
  join(group: Group): Promise<void>;
  /** After a statement failed: if that ended the whole group, its members are told. */
  noteFailure(): void;
  /** Ends the open group, and waits for what is being written out. */
  close(): Promise<void>;
};

/** How long a group waits for as many members as the last one had, once the disk is free. */
const PATIENCE_MS = 1;

/** `path`: of the database; `:memory:` commits at once. */
export function createCommitGroups(
  database: Connection,
  turns: Turns,
  path: string,
  writeOut: Fdatasync = fdatasync,
): CommitGroups {
  const inMemory = path === ':memory:';
  let group: Group | null = null;
  let isWritingOut = false;
  let lastSize = 1;
  let log: number | null = null;
  let pause: NodeJS.Timeout | null = null;
  let isEnding = false;

  /** Commits the group once nobody is inside of a transaction; more may join until then. */
  const end = async () => {
    if (isEnding || isWritingOut || !group) return;
    isEnding = true;
    if (pause) clearTimeout(pause);
    pause = null;
    await turns.takeNext();
    const ended = group;
    const error = ended ? commit() : null;
    turns.give();
    isEnding = false;
    if (!ended) return;
    if (error === null && ended.members.length > 0) writeLog(ended);
    else settle(ended, error);
  };
  const commit = (): unknown => {
    group = null;
    try {
      database.exec('commit');
      return null;
    } catch (error) {
      if (database.isTransaction) database.exec('rollback');
      return error;
    }
  };
  const writeLog = (ended: Group) => {
    lastSize = ended.members.length;
    isWritingOut = true;
    const done = (error: unknown) => {
      isWritingOut = false;
      settle(ended, error);
      if (group) endWhenGathered();
    };
    try {
      // Opened late: SQLite makes the log at the first write. It holds no lock on it that closing this descriptor could drop.
      log ??= openSync(`${path}-wal`, 'r+');
      writeOut(log, done);
    } catch (error) {
      done(error);
    }
  };
  const endSoon = () => setImmediate(end);
  const endWhenGathered = () => {
    if ((group?.members.length ?? 0) >= lastSize) endSoon();
    else pause ??= setTimeout(end, PATIENCE_MS);
  };

  const noteFailure = () => {
    if (!group || database.isTransaction) return;
    const undone = group;
    group = null;
    settle(undone, lost());
  };

  return {
    open() {
      noteFailure();
      if (group) return group;
      database.exec('begin immediate');
      group = { members: [] };
      if (!inMemory && !isWritingOut) endWhenGathered();
      return group;
    },
    isOpen(one) {
      noteFailure();
      return one === group;
    },
    join(mine) {
      if (inMemory) {
        const error = commit();
        return error === null ? Promise.resolve() : Promise.reject(error);
      }
      return new Promise((resolve, reject) => {
        mine.members.push({ resolve, reject });
        if (!isWritingOut && mine.members.length === lastSize) endSoon();
      });
    },
    noteFailure,
    async close() {
      while (group || isWritingOut) {
        if (group && !isWritingOut) await end();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const open = log;
      log = null;
      if (open !== null) await new Promise<void>((resolve) => close(open, () => resolve()));
    },
  };
}

export function lost(): Error {
  return new Error('The database ended the transaction before its commit');
}

function settle({ members }: Group, error: unknown): void {
  for (const { resolve, reject } of members) error ? reject(error) : resolve();
}
