// Owns which tests there are: unit tests beside the code, and the black-box tests, every file once on each database.
import { defineConfig } from 'vitest/config';

const globalSetup = ['test/support/global-setup.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The default of one second is too short for a browser on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{server,relying-party,demo}/**/*.test.ts', 'test/support/**/*.test.ts'],
          globalSetup,
        },
      },
      ...(['sqlite', 'postgres'] as const).map((database) => ({
        test: {
          name: database,
          include: ['test/**/*.test.ts'],
          // Several processes on one database are for PostgreSQL alone; what pages look like does not depend on the database.
          exclude: ['test/support/**', `**/*.${database === 'sqlite' ? 'postgres' : 'sqlite'}.test.ts`],
          globalSetup,
          provide: { database },
        },
      })),
    ],
  },
});
