// Whether speed stays as data grows: `node bench/flat.ts [seconds] [users] [applications] [authorization servers]`. Every flow is
// measured on a nearly empty database, then again after it was filled through the management API; both on one core in the same run.
// Read the processor time: it is the steadiest. Filling takes some minutes.
import { type Flow, flows, WORKERS } from './flows.ts';
import { managementApi } from './gatehouse.ts';
import { type Measured, measure } from './load.ts';
import { pinSelf } from './processes.ts';
import { startGatehouse } from './targets.ts';

const [seconds = 5, users = 100_000, applications = 1000, servers = 200] = process.argv.slice(2).map(Number);
const FILLERS = 16;

pinSelf();
const { target, pid, settings, stop } = await startGatehouse(WORKERS);
const call = managementApi(settings);

const before = await measureAll();
const began = performance.now();
await fill('users', users, (index) =>
  call('POST', '/users?activate=true', {
    profile: { login: `n${index}@example.com`, email: `n${index}@example.com`, firstName: 'N', lastName: `${index}` },
  }),
);
await fill('applications', applications, (index) =>
  call('POST', '/apps', {
    name: 'oidc_client',
    label: `Application ${index}`,
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'none' } },
    settings: {
      oauthClient: {
        application_type: 'browser',
        redirect_uris: [`https://n${index}.example/callback`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    },
  }),
);
await fill('authorization servers', servers, (index) =>
  call('POST', '/authorizationServers', {
    name: `Server ${index}`,
    description: 'Bench',
    audiences: [`api://${index}`],
  }),
);
console.log(`Filled in ${((performance.now() - began) / 1000).toFixed(0)} s`);
const after = await measureAll();
console.log(row(['', 'before /s', 'cpu ms', 'after /s', 'cpu ms', 'cpu after / before']));
for (const [index, { name }] of flows.entries()) {
  const [empty, full] = [before[index], after[index]];
  if (empty && full) console.log(row([name, ...show(empty), ...show(full), (full.cpu / empty.cpu).toFixed(2)]));
}
await stop();

async function measureAll(): Promise<Measured[]> {
  const all: Measured[] = [];
  for (const flow of flows) all.push(await measureOne(flow));
  return all;
}

// Twice, of which the second counts: what is measured first would pay for the warming up of what all share.
async function measureOne({ prepare }: Flow): Promise<Measured> {
  const work = await prepare(target);
  await measure(WORKERS, seconds, work, pid);
  return measure(WORKERS, seconds, work, pid);
}

async function fill(what: string, count: number, make: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const filler = async () => {
    while (next < count) await make(next++);
  };
  await Promise.all(Array.from({ length: FILLERS }, filler));
  console.log(`${count} ${what}`);
}

function show({ perSecond, cpu }: Measured): string[] {
  return [perSecond.toFixed(0), cpu.toFixed(3)];
}

function row(cells: string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(19))).join('');
}
