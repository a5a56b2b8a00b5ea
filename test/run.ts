// Owns `npm test`: PostgreSQL is started once, then every unit test and every black-box test on both databases run, and the last
// line is `N passed, M failed`. Arguments narrow it: `npm test -- test/protocol/token.test.ts --project sqlite`.
// Not here: which files those are (vitest.config.ts).
import { startVitest, type TestModule } from 'vitest/node';
import { startPostgres } from './support/postgres.ts';

const { filters, projects } = readArguments(process.argv.slice(2));
// Node ends without its exit handlers on a signal, and those end PostgreSQL.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const postgres = await startPostgres();
process.env.TEST_DATABASE_URL = postgres.url;

const vitest = await startVitest('test', filters, { watch: false, ...(projects.length > 0 && { project: projects }) });
const { passed, failed } = count(vitest.state.getTestModules());
const broken = vitest.state.getUnhandledErrors().length;
await vitest.close();
await postgres.stop();

console.log(`\n${passed} passed, ${failed + broken} failed`);
process.exit(failed + broken > 0 || passed === 0 ? 1 : 0);

function readArguments(given: string[]): { filters: string[]; projects: string[] } {
  const filters: string[] = [];
  const projects: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const argument = given[at] ?? '';
    if (argument === '--project') projects.push(given[++at] ?? '');
    else if (argument.startsWith('-')) throw new Error(`npm test knows --project and file names, not ${argument}`);
    else filters.push(argument);
  }
  return { filters, projects };
}

/** A file that could not be read to its end counts as one failure, and so does a skipped test: nothing here is optional. */
function count(modules: TestModule[]): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  for (const module of modules) {
    const tests = [...module.children.allTests()];
    passed += tests.filter((test) => test.result().state === 'passed').length;
    failed += tests.filter((test) => test.result().state !== 'passed').length;
    const isBroken =
      module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0);
    if (isBroken || tests.length === 0) failed++;
  }
  return { passed, failed };
}
