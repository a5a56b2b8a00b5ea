// Owns an application's web server as small as it can be: one page at every path, and the scripts that it loads.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type PageServer = { origin: string; close(): Promise<void> };

/** `scripts`: path → source. Listens on a free port of localhost. */
export async function servePage(html: string, scripts: Record<string, string | Buffer>): Promise<PageServer> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const script = scripts[path];
    response.setHeader('content-type', script === undefined ? 'text/html; charset=utf-8' : 'text/javascript');
    response.end(script ?? html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
