// The load benchmark: `node bench/run.ts [seconds] [flow]`. Each figure is a ratio to npm oidc-provider in the same run: both servers stand
// on the same core, one measured after the other, the load comes from another core. Gatehouse writes to disk durably and keeps
// its System Log; the peer keeps Maps.
import { flows, WORKERS } from './flows.ts';
import { type Measured, measure } from './load.ts';
import { pinSelf } from './processes.ts';
import { startGatehouse, startPeer } from './targets.ts';

const seconds = Number(process.argv[2] ?? 5);
const only = process.argv[3];

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
