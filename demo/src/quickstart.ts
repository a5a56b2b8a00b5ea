// Owns: the newcomer's one command: Gatehouse and the catalogue side by side, set up by the guide, and what to open.
// Does not own: the steps (guide-steps.ts), the two programs.
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { createCatalogue } from './catalogue.ts';
import { startGatehouse } from './gatehouse-process.ts';
import { followGuide, type GuideResult, type Outcome } from './guide-steps.ts';
import { type Installation, openInstallation, randomApiToken, randomPassword } from './installation.ts';
import { createManagementApi, type ManagementApi } from './management-api.ts';
import { freePort } from './ports.ts';
import { quietExperimentalWarnings } from './warnings.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ADMINISTRATOR = { role: 'Administrator', login: 'admin@example.com' };
const PERSON = { role: 'Person', login: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };
const OUTCOMES: Record<Outcome, string> = { made: 'done', changed: 'changed', found: 'as it should be' };

quietExperimentalWarnings();
await main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});

async function main(): Promise<void> {
  const { PORT = '8080', DEMO_PORT = '8585', DATA_DIR } = process.env;
  const installation = openInstallation(resolve(DATA_DIR ?? join(ROOT, 'data')));
  if (await isRunningAlready(installation)) return;
  const port = await freePort(Number(PORT));
  const demoPort = await freePort(Number(DEMO_PORT), [port]);
  const url = `http://localhost:${port}`;
  const demoOrigin = `http://localhost:${demoPort}`;

  console.log('\nGatehouse quickstart\n');
  const secrets = keptSecrets(installation);
  const gatehouse = startGatehouse(
    url,
    { ...settingsFor(installation, url, port), ...secrets.settings },
    installation.logFile,
  );
  const ending = onSignal(async () => {
    installation.keepRunning(undefined);
    await gatehouse.stop();
  });
  try {
    await gatehouse.ready;
    const result = await setUp(installation, createManagementApi({ url, apiToken: secrets.apiToken }), demoOrigin);
    await openCatalogue(result, demoPort);
    installation.keepRunning({ pid: process.pid, url, demoOrigin });
    tellWhatToOpen({ installation, result, url, demoOrigin, adminPassword: secrets.newAdminPassword });
    await gatehouse.ended;
    throw new Error(`Gatehouse has ended unexpectedly. Its log: ${shown(installation.logFile)}`);
  } catch (error) {
    if (ending.begun()) return;
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    installation.keepRunning(undefined);
    await gatehouse.stop();
    process.exit(1);
  }
}

async function isRunningAlready(installation: Installation): Promise<boolean> {
  const running = installation.running();
  if (running === undefined) return false;
  const answers = await fetch(`${running.demoOrigin}/health`).then(
    (response) => response.ok,
    () => false,
  );
  if (answers)
    console.log(`\nIt is running already: open ${running.demoOrigin}, or end process ${running.pid} first.\n`);
  return answers;
}

function settingsFor(installation: Installation, url: string, port: number): Record<string, string> {
  return {
    GATEHOUSE_URL: url,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: installation.databaseUrl,
  };
}

type Secrets = { apiToken: string; newAdminPassword: string | undefined; settings: Record<string, string> };

/** Random for each installation, and written down before the server takes them: a first start that breaks off locks nobody out. */
function keptSecrets(installation: Installation): Secrets {
  const known = installation.apiToken() ?? process.env.GATEHOUSE_API_TOKEN;
  if (known === undefined && !installation.isNew)
    throw new Error(
      `The database in ${shown(installation.folder)} was not set up by this command, so there is no API token for it. ` +
        'Make one in the admin console (Security, API, Tokens) and start again with GATEHOUSE_API_TOKEN set to it, or set ' +
        'DATA_DIR to another folder.',
    );
  const apiToken = known ?? randomApiToken();
  if (installation.apiToken() !== apiToken) installation.keepApiToken(apiToken);
  let administrator = installation.account(ADMINISTRATOR.role);
  const isNew = administrator === undefined && installation.isNew;
  if (isNew) {
    administrator = { ...ADMINISTRATOR, password: randomPassword() };
    installation.keepAccount(administrator);
  }
  if (administrator === undefined) return { apiToken, newAdminPassword: undefined, settings: {} };
  return {
    apiToken,
    newAdminPassword: isNew ? administrator.password : undefined,
    // The server heeds these on its first start only, so handing them over again is harmless.
    settings: {
      GATEHOUSE_ADMIN_LOGIN: administrator.login,
      GATEHOUSE_ADMIN_PASSWORD: administrator.password,
      GATEHOUSE_API_TOKEN: apiToken,
    },
  };
}

async function setUp(installation: Installation, api: ManagementApi, demoOrigin: string): Promise<GuideResult> {
  const result = await followGuide(
    api,
    {
      demoOrigin,
      person: PERSON,
      newPassword: randomPassword,
      passwordIsKept: installation.account(PERSON.role) !== undefined,
    },
    (step, what, outcome) => console.log(`  ${step}  ${what}: ${OUTCOMES[outcome]}`),
  );
  if (result.password !== undefined)
    installation.keepAccount({ role: PERSON.role, login: PERSON.login, password: result.password });
  return result;
}

function openCatalogue({ issuer, clientId }: GuideResult, port: number): Promise<void> {
  const catalogue = createCatalogue({ issuer, clientId });
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: catalogue.fetch, hostname: '127.0.0.1', port }, () => resolve());
    server.once('error', reject);
  });
}

function tellWhatToOpen(told: {
  installation: Installation;
  result: GuideResult;
  url: string;
  demoOrigin: string;
  adminPassword: string | undefined;
}): void {
  const { result, installation } = told;
  const kept = `password in ${shown(installation.credentialsFile)}`;
  const account = (login: string, password: string | undefined) =>
    password === undefined ? `${login}, ${kept}` : `${login}  ${password}   (shown once; ${kept})`;
  console.log(`
  Open           ${told.demoOrigin}
  Sign in as     ${account(PERSON.login, result.password)}

  Issuer URL     ${result.issuer}
  Client ID      ${result.clientId}
  Gatehouse      ${told.url}
  Administrator  ${account(ADMINISTRATOR.login, told.adminPassword)}

  Ctrl-C ends both.
`);
}

function shown(path: string): string {
  return relative(process.cwd(), path) || path;
}

/** Ends everything on the first signal, at once on the second. */
function onSignal(end: () => Promise<void>): { begun: () => boolean } {
  let begun = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (begun) process.exit(1);
      begun = true;
      void end().finally(() => process.exit(0));
    });
  return { begun: () => begun };
}
