// Whether signing uses all cores: `node bench/cores.ts [seconds]`. client_credentials on one core, then on two, in the same run. The
// load runs beside: on a machine of two cores it takes its part of the second, so the gain is also told as it follows from where the
// processor time of a request is spent: what the event loop's own thread does can be on one core alone.
import { flows, WORKERS } from './flows.ts';
import { type Measured, measure, processorTime } from './load.ts';
import { LOAD_CORE, pinSelf, SERVER_CORE } from './processes.ts';
import { startGatehouse } from './targets.ts';

const seconds = Number(process.argv[2] ?? 10);
const flow = flows.find(({ name }) => name === 'client_credentials');
if (!flow || !pinSelf()) throw new Error('taskset is missing: cores cannot be given');
const { prepare } = flow;

const one = await measured(SERVER_CORE);
const two = await measured(`${SERVER_CORE},${LOAD_CORE}`);
console.log(`measured gain: ${(two.perSecond / one.perSecond).toFixed(2)}, with the load on the second core too`);

async function measured(cores: string): Promise<Measured> {
  const { target, pid, stop } = await startGatehouse(WORKERS, cores);
  const work = await prepare(target);
  await measure(WORKERS, seconds / 2, work, pid);
  const [all, own] = [processorTime(pid), processorTime(pid, pid)];
  const figures = await measure(WORKERS, seconds, work, pid);
  const share = (processorTime(pid, pid) - own) / (processorTime(pid) - all);
  await stop();
  const rate = `${figures.perSecond.toFixed(0)}/s, ${figures.cpu.toFixed(3)} ms of processor time each`;
  const gain = (1 / Math.max(0.5, share)).toFixed(2);
  console.log(
    `cores ${cores}: ${rate}, ${(share * 100).toFixed(0)} % of it on the event loop: two cores can give ${gain} times as many`,
  );
  return figures;
}
