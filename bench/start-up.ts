// Cold start and idle memory: `node bench/start-up.ts [runs]`. The time runs from the start of the process to its first 200 on
// discovery, on an existing database; memory is the resident set two seconds later. npm oidc-provider beside it in the same run.
import { readFileSync } from 'node:fs';
import { gatehouseSettings } from './gatehouse.ts';
import { freePort, startNode, stop } from './processes.ts';

const runs = Number(process.argv[2] ?? 7);
const main = new URL('../server/src/main.ts', import.meta.url).pathname;
const peer = new URL('./peer.ts', import.meta.url).pathname;

const { env, url } = gatehouseSettings(await freePort());
const first = await startNode(main, `${url}/health`, env, null);
await stop(first.child);
const port = await freePort();

type Sample = { ready: number; megabytes: number };
const ours: Sample[] = [];
const theirs: Sample[] = [];
for (let run = 0; run < runs; run++) {
  ours.push(await sample(main, `${url}/oauth2/default/.well-known/openid-configuration`, env));
  const document = `http://127.0.0.1:${port}/.well-known/openid-configuration`;
  theirs.push(await sample(peer, document, { PORT: String(port) }));
}
report('gatehouse', ours);
report('oidc-provider', theirs);
console.log(
  `ratio: start ${(median(ours, 'ready') / median(theirs, 'ready')).toFixed(2)}, memory ${(median(ours, 'megabytes') / median(theirs, 'megabytes')).toFixed(2)}`,
);

async function sample(file: string, document: string, settings: Record<string, string>): Promise<Sample> {
  const { child, readyAfter } = await startNode(file, document, settings, null);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  await stop(child);
  return { ready: readyAfter, megabytes: kilobytes / 1024 };
}

function median(samples: Sample[], key: keyof Sample): number {
  const sorted = samples.map((one) => one[key]).sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function report(name: string, samples: Sample[]): void {
  const all = samples.map(({ ready }) => ready);
  console.log(
    `${name.padEnd(14)} start ${median(samples, 'ready').toFixed(0)} ms (${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}), idle memory ${median(samples, 'megabytes').toFixed(0)} MB, ${samples.length} runs`,
  );
}
