// The management API at size: `node bench/management.ts [rounds]`. With 100,000 people on the embedded database, how long a call takes
// from asking to its last byte, one after another, and how much of the processor the server uses for it; and whether the last page of a list costs what the first one does.
import { readFileSync } from 'node:fs';
import { gatehouseSettings, prepare } from './gatehouse.ts';
import { enlarge } from './large-org.ts';
import { freePort, startNode, stop } from './processes.ts';

const rounds = Number(process.argv[2] ?? 60);
const SIZE = { users: 100_000, applications: 1_000, servers: 100 };
const PAGE = 100;
const WARM_UP = 5;
const TICK_MS = 10;
const main = new URL('../server/src/main.ts', import.meta.url).pathname;

type Call = { name: string; ask(round: number): { method: string; path: string; body?: unknown } };

const settings = gatehouseSettings(await freePort());
const first = await startNode(main, `${settings.url}/health`, settings.env, null);
await prepare(settings);
await stop(first.child);
const file = settings.env.DATABASE_URL?.slice('sqlite:'.length) ?? '';
enlarge(file, SIZE, { login: 'person@example.com', label: 'Bench browser', server: 'Bench' });
const { child } = await startNode(main, `${settings.url}/health`, settings.env, null);
try {
  console.log(`${SIZE.users} people, ${SIZE.applications} applications, ${SIZE.servers} servers; ${rounds} rounds`);
  await measureLists();
  const all: number[] = [];
  for (const call of await callsOf()) all.push(...(await measure(call)));
  report('all calls', all);
} finally {
  await stop(child);
}

/** Every page of the list of people and of the members of a group, by the links that the server gives. */
async function measureLists(): Promise<void> {
  const everyone = await idOf('/api/v1/groups?q=Everyone');
  for (const path of [`/api/v1/users?limit=${PAGE}`, `/api/v1/groups/${everyone}/users?limit=${PAGE}`]) {
    const times: number[] = [];
    let next: string | null = `${settings.url}${path}`;
    while (next !== null) {
      const { milliseconds, link } = await timed('GET', next);
      times.push(milliseconds);
      next = /<([^>]*)>; rel="next"/.exec(link)?.[1] ?? null;
    }
    const name = path.replace(everyone, '…');
    report(`${name}, pages 1 to 50`, times.slice(WARM_UP, 50));
    report(`${name}, the last 50 of ${times.length}`, times.slice(-50));
  }
}

async function callsOf(): Promise<Call[]> {
  const user = await idOf('/api/v1/users?search=profile.login%20eq%20%22person050000@example.com%22');
  const app = await idOf('/api/v1/apps?q=Application%2000500');
  const get = (name: string, path: (round: number) => string): Call => ({
    name,
    ask: (round) => ({ method: 'GET', path: path(round) }),
  });
  const search = (text: string, more = '') =>
    get(`search ${text}${more && ` (${more})`}`, (round) => {
      const filled = text.replaceAll('#', String(10_000 + round * 83));
      return `/api/v1/users?limit=${PAGE}&search=${encodeURIComponent(filled)}${more && `&${more}`}`;
    });
  const person = (round: number) => {
    const login = `new${Date.now()}-${round}@example.com`;
    return { profile: { login, email: login, firstName: 'New', lastName: `Person${round}` } };
  };
  return [
    search('profile.login eq "person0#@example.com"'),
    search('profile.email eq "person0#@example.com"'),
    search('profile.lastName eq "Last#"'),
    search('profile.firstName eq "First500"'),
    search('profile.login sw "person0#"'),
    search('profile.lastName sw "Last#"'),
    search('profile.lastName sw "Last"'),
    search('profile.firstName eq "First500" and profile.lastName sw "Last1"'),
    search('profile.lastName eq "Last#" or profile.email eq "person0#@example.com"'),
    search('profile.lastName co "#"'),
    search('profile.department eq "Nobody"'),
    search('status eq "ACTIVE"'),
    search('status eq "SUSPENDED"'),
    search('status eq "ACTIVE" and profile.lastName sw "Last#"'),
    search('lastUpdated gt "2030-01-01T00:00:00.000Z"'),
    search('profile.lastName sw "Last"', 'sortBy=profile.lastName'),
    search('status eq "ACTIVE"', 'sortBy=profile.email&sortOrder=desc'),
    get('q=…, a last name', (round) => `/api/v1/users?q=Last${10_000 + round * 83}`),
    get(
      'q=…, first and last name',
      (round) => `/api/v1/users?q=First${(10_000 + round * 83) % 997}%20Last${10_000 + round * 83}`,
    ),
    get('q=…, what nobody is called', (round) => `/api/v1/users?q=Nobody${round}`),
    get(
      'filter=profile.lastName eq',
      (round) => `/api/v1/users?filter=${encodeURIComponent(`profile.lastName eq "Last${10_000 + round}"`)}`,
    ),
    get('a person by id', () => `/api/v1/users/${user}`),
    get('a person by login', (round) => `/api/v1/users/person0${10_000 + round}@example.com`),
    get("a person's groups", () => `/api/v1/users/${user}/groups`),
    get("a person's applications", () => `/api/v1/apps?limit=20&filter=${encodeURIComponent(`user.id eq "${user}"`)}`),
    get('groups', () => '/api/v1/groups?q=Every'),
    get('groups, with how many are in them', () => '/api/v1/groups?expand=stats'),
    get('applications', () => '/api/v1/apps?limit=20'),
    get('people of an application', () => `/api/v1/apps/${app}/users?limit=${PAGE}`),
    get('people of an application by name', (round) => `/api/v1/apps/${app}/users?limit=20&q=Last${10_000 + round}`),
    get('authorization servers', () => '/api/v1/authorizationServers?limit=20'),
    get('the log', () => '/api/v1/logs?limit=100&sortOrder=DESCENDING'),
    {
      name: 'make a person',
      ask: (round) => ({ method: 'POST', path: '/api/v1/users?activate=false', body: person(round) }),
    },
    {
      name: 'change a person',
      ask: (round) => ({ method: 'POST', path: `/api/v1/users/${user}`, body: { profile: { title: `No. ${round}` } } }),
    },
    {
      name: 'make a group',
      ask: (round) => ({
        method: 'POST',
        path: '/api/v1/groups',
        body: { profile: { name: `G${round}-${Date.now()}` } },
      }),
    },
  ];
}

async function measure({ name, ask }: Call): Promise<number[]> {
  const times: number[] = [];
  let began = 0;
  for (let round = -WARM_UP; round < rounds; round++) {
    const { method, path, body } = ask(round + WARM_UP);
    if (round === 0) began = processorTime();
    const { milliseconds } = await timed(method, `${settings.url}${path}`, body);
    if (round >= 0) times.push(milliseconds);
  }
  report(name, times, (processorTime() - began) / rounds);
  return times;
}

async function timed(method: string, url: string, body?: unknown) {
  const began = performance.now();
  const answer = await fetch(url, {
    method,
    headers: { authorization: `SSWS ${settings.apiToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return { milliseconds: performance.now() - began, link: answer.headers.get('link') ?? '', text };
}

async function idOf(path: string): Promise<string> {
  const [found] = JSON.parse((await timed('GET', `${settings.url}${path}`)).text) as { id: string }[];
  if (!found) throw new Error(`${path} finds nothing`);
  return found.id;
}

/** Milliseconds that the server has used of the processor: what it needs whatever else the machine does. */
function processorTime(): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function report(name: string, times: readonly number[], processor?: number): void {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (part: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(1);
  const used = processor === undefined ? '' : `, processor ${processor.toFixed(1).padStart(5)} ms`;
  console.log(`${name.padEnd(78)} p50 ${at(0.5).padStart(6)} ms, p95 ${at(0.95).padStart(6)} ms${used}`);
}
