import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWalSync } from './wal-sync.ts';

type Done = (error: Error | null) => void;

function walSync() {
  const path = join(mkdtempSync(join(tmpdir(), 'wal-sync-')), 'test.db');
  writeFileSync(`${path}-wal`, '');
  const running: Done[] = [];
  return { running, sync: createWalSync(path, (_file, done) => running.push(done)) };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('the commits of one turn share one sync', async () => {
  const { sync, running } = walSync();
  const all = Promise.all([sync.durable(), sync.durable(), sync.durable()]);
  await nextTurn();
  expect(running).toHaveLength(1);
  running[0]?.(null);
  await all;
});

test('a commit made while a sync runs waits for the next one', async () => {
  const { sync, running } = walSync();
  const first = sync.durable();
  await nextTurn();
  let isDurable = false;
  const second = sync.durable().then(() => {
    isDurable = true;
  });
  running[0]?.(null);
  await first;
  await nextTurn();
  expect(isDurable).toBe(false);
  expect(running).toHaveLength(2);
  running[1]?.(null);
  await second;
});

test('when the disk refuses, nobody is told that it is written, and the next commit tries again', async () => {
  const { sync, running } = walSync();
  const refused = expect(sync.durable()).rejects.toThrow('EIO');
  await nextTurn();
  running[0]?.(new Error('EIO'));
  await refused;
  const again = sync.durable();
  await nextTurn();
  running[1]?.(null);
  await again;
});

test('a log that cannot be opened refuses as well', async () => {
  const sync = createWalSync(join(tmpdir(), 'no', 'such', 'folder', 'test.db'));
  await expect(sync.durable()).rejects.toThrow('ENOENT');
});
