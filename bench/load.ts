// Owns making load: a fixed number of workers, each sending its next request when the last was answered, over kept connections.
import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

export type Client = {
  send(method: string, path: string, options?: { headers?: Record<string, string>; body?: string }): Promise<Answer>;
  close(): void;
};

/** A client of one origin with as many kept connections as `connections`. */
export function createClient(origin: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(origin);
  return {
    send: (method, path, { headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
        const sent = httpRequest(
          { agent, hostname, port, method, path, headers: { ...headers, ...length } },
          (answer) => {
            let text = '';
            answer.setEncoding('utf8');
            answer.on('data', (chunk: string) => {
              text += chunk;
            });
            answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
          },
        );
        sent.on('error', reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** `cpu`: milliseconds of processor time that the server spent on one, all its threads together: the steadiest of these. */
export type Measured = { perSecond: number; p50: number; p99: number; cpu: number };

/**
 * Runs `work` by `workers` at once for `seconds`, after as long a warm-up that is not counted. Throws at the first wrong answer.
 * `pid`: of the server that answers.
 */
export async function measure(
  workers: number,
  seconds: number,
  work: () => Promise<void>,
  pid: number,
): Promise<Measured> {
  await runFor(workers, seconds, work);
  const before = processorTime(pid);
  const { durations, elapsed } = await runFor(workers, seconds, work);
  const cpu = (processorTime(pid) - before) / durations.length;
  durations.sort((left, right) => left - right);
  const at = (share: number) => durations[Math.min(durations.length - 1, Math.floor(durations.length * share))] ?? 0;
  return { perSecond: (durations.length / elapsed) * 1000, p50: at(0.5), p99: at(0.99), cpu };
}

/** Milliseconds that a process, or one of its threads, has run, as proc(5) tells them; NaN where there is no /proc. */
export function processorTime(pid: number, thread?: number): number {
  try {
    const text = readFileSync(`/proc/${pid}${thread === undefined ? '' : `/task/${thread}`}/stat`, 'utf8');
    // The name in parentheses may hold anything; utime and stime are the 12th and 13th after it, in hundredths of a second.
    const fields = text.split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

async function runFor(workers: number, seconds: number, work: () => Promise<void>) {
  const durations: number[] = [];
  const began = performance.now();
  const end = began + seconds * 1000;
  const worker = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      await work();
      durations.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return { durations, elapsed: performance.now() - began };
}
