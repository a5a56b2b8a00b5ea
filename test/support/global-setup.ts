// Owns what all projects of one vitest run share: the PostgreSQL server (workers inherit TEST_DATABASE_URL) and the browser.
import { prepareBrowser } from './browser.ts';
import { startPostgres } from './postgres.ts';

export async function setup(): Promise<(() => Promise<void>) | undefined> {
  await prepareBrowser();
  if (process.env.TEST_DATABASE_URL) return undefined;
  const postgres = await startPostgres();
  process.env.TEST_DATABASE_URL = postgres.url;
  return async () => {
    delete process.env.TEST_DATABASE_URL;
    await postgres.stop();
  };
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** On which database this run of a black-box test file stands. */
    database: 'sqlite' | 'postgres';
  }
}
