import { expect, test } from 'vitest';
import { createDatabase, startPostgres } from './postgres.ts';

test('where the system has no PostgreSQL, the npm package serves one, as root too', { timeout: 60_000 }, async () => {
  const postgres = await startPostgres('embedded');
  try {
    const database = await createDatabase(postgres.url);
    expect(database.url).toMatch(/^postgres:\/\/gatehouse@127\.0\.0\.1:\d+\/gatehouse_[0-9a-f]{16}$/);
    await database.drop();
    await expect(createDatabase(database.url)).rejects.toThrow('does not exist');
  } finally {
    await postgres.stop();
  }
});
