// Owns: the catalogue's settings and its listening, when it runs alone. Does not own: the quickstart (quickstart.ts).
import { serve } from '@hono/node-server';
import { createCatalogue } from './catalogue.ts';
import { quietExperimentalWarnings } from './warnings.ts';

const { ISSUER, CLIENT_ID, AUDIENCE, HOST = '127.0.0.1', PORT = '8585' } = process.env;

if (ISSUER === undefined || CLIENT_ID === undefined) {
  console.error('Set ISSUER to the Issuer URL and CLIENT_ID to the Client ID of the application.');
  process.exit(2);
}

quietExperimentalWarnings();
const catalogue = createCatalogue({ issuer: ISSUER, clientId: CLIENT_ID, audience: AUDIENCE });
const server = serve({ fetch: catalogue.fetch, hostname: HOST, port: Number(PORT) }, ({ address, port }) => {
  const host = address === '127.0.0.1' ? 'localhost' : address;
  console.log(`The catalogue is open at http://${host}:${port}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    server.close(() => process.exit(0));
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
