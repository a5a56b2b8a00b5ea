// The load benchmark: `node bench/run.ts [seconds] [flow]`. Each figure is a ratio to npm oidc-provider in the same run: both servers stand
// on the same core, one measured after the other, the load comes from another core. Gatehouse writes to disk durably and keeps
// its System Log; the peer keeps Maps.
import { clientCredentials, codeFlow, get, introspect, refresh, type Target, userinfo } from './flows.ts';
import { type Measured, measure } from './load.ts';
import { pinSelf } from './processes.ts';
import { startGatehouse, startPeer } from './targets.ts';

const WORKERS = 10;
const seconds = Number(process.argv[2] ?? 5);
const only = process.argv[3];

type Flow = { name: string; prepare(target: Target): Promise<() => Promise<void>> };

const flows: Flow[] = [
  { name: 'discovery', prepare: async (target) => () => get(target, target.paths.discovery) },
  { name: 'keys', prepare: async (target) => () => get(target, target.paths.keys) },
  {
    name: 'userinfo',
    prepare: async (target) => {
      const { access_token } = await codeFlow(target, target.extraForUserinfo);
      return () => userinfo(target, access_token);
    },
  },
  {
    name: 'introspection',
    prepare: async (target) => {
      const { access_token } = await codeFlow(target, target.extraForUserinfo);
      return () => introspect(target, access_token);
    },
  },
  {
    name: 'client_credentials',
    prepare: async (target) => async () => {
      await clientCredentials(target);
    },
  },
  {
    name: 'code flow with PKCE',
    prepare: async (target) => async () => {
      await codeFlow(target, target.extra);
    },
  },
  {
    name: 'refresh with rotation',
    prepare: async (target) => {
      const chains = await Promise.all(
        Array.from({ length: WORKERS }, () => codeFlow(target, target.extra, 'openid profile email offline_access')),
      );
      return async () => {
        const tokens = chains.pop();
        if (!tokens?.refresh_token) throw new Error(`${target.name}: no refresh token`);
        chains.unshift(await refresh(target, tokens.refresh_token));
      };
    },
  },
];

const pinned = pinSelf();
console.log(
  pinned ? 'Servers on one core, load on another.' : 'taskset is missing: nothing is pinned, read ratios with care.',
);
const ours = await startGatehouse(WORKERS);
const peer = await startPeer(WORKERS);
console.log(
  row([
    '',
    'gatehouse /s',
    'p99 ms',
    'cpu ms',
    'oidc-provider /s',
    'p99 ms',
    'cpu ms',
    'ratio',
    'p99 ratio',
    'cpu ratio',
  ]),
);
for (const flow of flows.filter(({ name }) => only === undefined || name.startsWith(only))) {
  const theirs = await measure(WORKERS, seconds, await flow.prepare(peer.target), peer.pid);
  const mine = await measure(WORKERS, seconds, await flow.prepare(ours.target), ours.pid);
  console.log(
    row([
      flow.name,
      ...show(mine),
      ...show(theirs),
      ratio(mine.perSecond, theirs.perSecond),
      ratio(mine.p99, theirs.p99),
      ratio(theirs.cpu, mine.cpu),
    ]),
  );
}
await Promise.all([ours.stop(), peer.stop()]);

function show({ perSecond, p99, cpu }: Measured): string[] {
  return [perSecond.toFixed(0), p99.toFixed(1), cpu.toFixed(3)];
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}

function row(cells: string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(index === 4 ? 17 : 14))).join('');
}
