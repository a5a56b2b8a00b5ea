// Owns docs/openapi.json: `node server/src/management/openapi-docs.ts` writes it; with `--check` it only says, by exit code 1,
// that the file differs from the routes.
import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocument } from '../http/openapi.ts';
import { documentedRoutes } from './routes.ts';

const file = new URL('../../../docs/openapi.json', import.meta.url);
const document = `${JSON.stringify(openApiDocument(documentedRoutes, 'https://sso.example.com'), null, 2)}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== document) {
    process.stderr.write('docs/openapi.json is stale: run node server/src/management/openapi-docs.ts\n');
    process.exitCode = 1;
  }
} else writeFileSync(file, document);
