// Owns docs/configuration.md: `node server/src/config-docs.ts` writes it from the table in config.ts; with `--check` it only
// says, by exit code 1, that the file differs from the table.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { settings } from './config.ts';

const file = new URL('../../docs/configuration.md', import.meta.url);
const page = `# Settings

Settings are environment variables, read once at the start. A wrong one ends the process with one sentence and exit code 78.
This page is generated from \`server/src/config.ts\`.

| setting | default | meaning |
|---|---|---|
${settings.map(({ name, default: value, meaning }) => `| \`${name}\` | ${value === null ? 'unset' : `\`${value}\``} | ${meaning} |`).join('\n')}
`;

if (process.argv.includes('--check')) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== page) {
    process.stderr.write('docs/configuration.md is stale: run node server/src/config-docs.ts\n');
    process.exitCode = 1;
  }
} else writeFileSync(file, page);
