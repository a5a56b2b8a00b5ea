// Owns: finding a port on which "localhost" leads to us and nobody else. Does not own: listening for good.
import { createServer } from 'node:net';

const TRIES = 20;

/** The wanted port, or the next one above it that is free. */
export async function freePort(wanted: number, taken: readonly number[] = []): Promise<number> {
  for (let port = wanted; port < wanted + TRIES && port < 65_536; port++)
    if (!taken.includes(port) && (await isFree(port))) return port;
  throw new Error(`No free port was found from ${wanted} on.`);
}

/** Browsers try both loopback addresses for "localhost": whoever holds either would get the visitor. */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'));
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
    );
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
