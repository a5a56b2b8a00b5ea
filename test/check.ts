// Owns `npm run check`: what a reviewer should not have to look for. Each step says what it proves; all run, and one failure fails.
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const node = (script: string) => () => run(process.execPath, [script, '--check']);

type Step = { name: string; run: () => Promise<void> };

const generated = [
  'server/src/config-docs.ts',
  'server/src/management/openapi-docs.ts',
  'server/src/compatibility-docs.ts',
];

const steps: Step[] = [
  { name: 'lint, format and boundaries (Biome)', run: () => run(bin('biome'), ['check', '--error-on-warnings', '.']) },
  { name: 'the boundaries bite', run: plantWrongImports },
  { name: 'types (tsc)', run: () => run(bin('tsc'), ['-p', '.']) },
  { name: 'types of the console (tsc)', run: () => run(bin('tsc'), ['-p', 'console']) },
  { name: 'no dead code, no undeclared package (knip)', run: () => run(bin('knip'), []) },
  ...generated
    .filter((script) => existsSync(join(root, script)))
    .map((script) => ({ name: `generated files are current (${script})`, run: node(script) })),
];

const refused: [file: string, code: string][] = [
  ['server/src/base/to-storage.ts', "import '../storage/database.ts';"],
  ['server/src/storage/to-core.ts', "import type { Env } from '../core/env.ts';\nexport type X = Env;"],
  ['server/src/core/to-http.ts', "export const x = () => import('../http/reply.ts');"],
  ['server/src/core/policies/to-http.ts', "import '../../http/reply.ts';"],
  ['server/src/http/to-management.ts', "import '../management/routes.ts';"],
  ['server/src/oauth2/to-sign-in.ts', "import '../sign-in/routes.ts';"],
  ['server/src/oauth2/grants/to-management.ts', "import '../../management/routes.ts';"],
  ['server/src/sign-in/to-oauth2.ts', "import '../oauth2/routes.ts';"],
  ['server/src/management/to-oauth2.ts', "export { oauthRoutes } from '../oauth2/routes.ts';"],
  ['server/src/management/to-server.ts', "import '../server.ts';"],
  ['server/src/server.ts', "import './main.ts';"],
  ['server/src/config.ts', "import './core/env.ts';"],
  ['test/protocol/to-server.ts', "import '../../server/src/config.ts';"],
  ['demo/src/to-server.ts', "import '../../server/src/config.ts';"],
  ['server/src/core/date.ts', 'export const x = () => new Date();'],
  ['server/src/core/crypto.ts', 'export const x = () => crypto.randomUUID();'],
  ['server/src/oauth2/fetch.ts', "export const x = () => fetch('https://example.com');"],
  ['server/src/management/process.ts', 'export const x = () => process.env;'],
];

const passed: [file: string, code: string][] = [
  ['server/src/management/right.ts', "import '../http/reply.ts';"],
  ['server/src/core/right.ts', "import '../base/time.ts';"],
  ['server/src/base/right.ts', 'export const x = () => new Date();'],
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

/**
 * A linter that reads nothing reports success: so each rule has to refuse what it is there for, and to pass what is right.
 * The planted files stand in a folder of their own, under the same biome.json.
 */
async function plantWrongImports(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-boundaries-'));
  try {
    copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
    for (const [file, code] of [...refused, ...passed]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${code}\n`);
    }
    const found = await diagnosticsIn(folder);
    const isRefused = (file: string) => found.some((line) => line.includes(file));
    const problems = [
      ...refused.filter(([file]) => !isRefused(file)).map(([file, code]) => `not refused: ${file}: ${code}`),
      ...passed.filter(([file]) => isRefused(file)).map(([file, code]) => `refused: ${file}: ${code}`),
    ];
    if (problems.length > 0) throw new Error(problems.join('\n'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function diagnosticsIn(folder: string): Promise<string[]> {
  const rules = ['--only=style/noRestrictedImports', '--only=style/noRestrictedGlobals'];
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', ...rules, '.'];
  const { stdout, stderr } = await promisify(execFile)(bin('biome'), args, { cwd: folder }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return `${stdout}\n${stderr}`.split('\n').filter((line) => /lint\/style\/noRestricted/.test(line));
}
