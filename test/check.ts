// Owns `npm run check`: what a reviewer should not have to look for. Each step says what it proves; all run, and one failure fails.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const node = (script: string) => () => run(process.execPath, [script, '--check']);

type Step = { name: string; run: () => Promise<void> };

const generated = ['server/src/config-docs.ts', 'server/src/management/openapi-docs.ts'];

const steps: Step[] = [
  { name: 'lint, format and boundaries (Biome)', run: () => run(bin('biome'), ['check', '--error-on-warnings', '.']) },
  { name: 'the boundaries bite', run: plantWrongImports },
  { name: 'types (tsc)', run: () => run(bin('tsc'), ['-p', '.']) },
  { name: 'no dead code, no undeclared package (knip)', run: () => run(bin('knip'), []) },
  ...generated
    .filter((script) => existsSync(join(root, script)))
    .map((script) => ({ name: `generated files are current (${script})`, run: node(script) })),
];

let failures = 0;
for (const step of steps) {
  const start = performance.now();
  try {
    await step.run();
    console.log(`ok    ${step.name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failures++;
    console.log(`FAIL  ${step.name}\n${describe(error)}`);
  }
}
console.log(failures === 0 ? 'All checks passed.' : `${failures} of ${steps.length} checks failed.`);
process.exitCode = failures === 0 ? 0 : 1;

async function run(file: string, args: string[]): Promise<void> {
  await promisify(execFile)(file, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
}

function describe(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'stdout' in error && 'stderr' in error)
    return `${error.stdout}${error.stderr}`;
  return String(error);
}

/** A linter that reads nothing reports success: so each rule has to refuse what it is there for, and pass what is right. */
async function plantWrongImports(): Promise<void> {
  const wrong: [file: string, code: string][] = [
    ['server/src/base/planted.ts', "import '../storage/database.ts';"],
    ['server/src/storage/planted.ts', "import type { Env } from '../core/env.ts';\nexport type X = Env;"],
    ['server/src/core/planted.ts', "export const x = () => import('../http/reply.ts');"],
    ['server/src/core/policies/planted.ts', "import '../../http/reply.ts';"],
    ['server/src/http/planted.ts', "import '../management/routes.ts';"],
    ['server/src/oauth2/planted.ts', "import '../sign-in/routes.ts';"],
    ['server/src/oauth2/grants/planted.ts', "import '../../management/routes.ts';"],
    ['server/src/sign-in/planted.ts', "import '../oauth2/routes.ts';"],
    ['server/src/management/planted.ts', "export { oauthRoutes } from '../oauth2/routes.ts';"],
    ['server/src/management/planted.ts', "import '../server.ts';"],
    ['server/src/server.ts', "import './main.ts';"],
    ['server/src/config.ts', "import './core/env.ts';"],
    ['test/protocol/planted.ts', "import '../../server/src/config.ts';"],
    ['demo/src/planted.ts', "import '../../server/src/config.ts';"],
    ['server/src/core/planted.ts', 'export const x = () => new Date();'],
    ['server/src/core/planted.ts', 'export const x = () => crypto.randomUUID();'],
    ['server/src/oauth2/planted.ts', "export const x = () => fetch('https://example.com');"],
    ['server/src/management/planted.ts', 'export const x = () => process.env;'],
  ];
  const right: [file: string, code: string][] = [
    ['server/src/management/planted.ts', "import '../http/reply.ts';"],
    ['server/src/core/planted.ts', "import '../base/time.ts';"],
    ['server/src/base/planted.ts', 'export const x = () => new Date();'],
  ];
  const missed = await Promise.all(
    wrong.map(async ([file, code]) => ((await isRefused(file, code)) ? [] : [`${file}: ${code}`])),
  );
  const overdone = await Promise.all(
    right.map(async ([file, code]) => ((await isRefused(file, code)) ? [`${file}: ${code}`] : [])),
  );
  const problems = [
    ...missed.flat().map((one) => `not refused: ${one}`),
    ...overdone.flat().map((one) => `refused: ${one}`),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Whether one of the boundary rules refuses this code at this place; nothing is written there. */
function isRefused(file: string, code: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile(bin('biome'), ['lint', `--stdin-file-path=${file}`], { cwd: root }, (_, stdout, stderr) =>
      resolve(/noRestricted(Imports|Globals)/.test(stdout + stderr)),
    );
    child.stdin?.end(`${code}\n`);
  });
}
