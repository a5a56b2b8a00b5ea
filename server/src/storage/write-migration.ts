// Owns writing the SQL files of the first migration from tables.ts: `node server/src/storage/write-migration.ts`.
// Until the first release they are written again at each change of tables.ts; after it they are frozen, and a change gets a
// migration of its own.
import { writeFileSync } from 'node:fs';
import { createStatements } from './create-tables.ts';
import { tables } from './tables.ts';

for (const dialect of ['sqlite', 'postgres'] as const) {
  const file = new URL(`./migrations/0001-initial.${dialect}.sql`, import.meta.url);
  writeFileSync(file, `${createStatements(tables, dialect).join(';\n')};\n`);
}
