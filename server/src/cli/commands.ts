// Owns the command line: which commands there are and what their options are. Not here: serving (main.ts), and what a command does.
import { parseArgs } from 'node:util';
import { messageOf } from '../base/error-message.ts';
import type { Env } from '../core/env.ts';
import { RemoteOrgError } from '../core/org-import/remote-org.ts';
import { Refusal } from '../core/refusal.ts';
import { applyCommand, exportCommand } from './configuration.ts';
import { importCommand } from './import.ts';
import { CommandError, type Terminal } from './terminal.ts';

const usage = `gatehouse [serve]                 the server
gatehouse export [--users]        the org's configuration as YAML
gatehouse apply --plan FILE       what the file would change
gatehouse apply FILE              make the org what the file says; - reads standard input
gatehouse import --from URL --plan
                                  what copying the org at that URL would change
gatehouse import --from URL       copy it; GATEHOUSE_IMPORT_TOKEN or --token is a token of that org
`;

const options = {
  users: { type: 'boolean', default: false },
  plan: { type: 'boolean', default: false },
  from: { type: 'string' },
  token: { type: 'string' },
} as const;

/** Runs a command other than serving. Throws CommandError with what to tell the person. */
export async function runCommand(env: Env, terminal: Terminal, args: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [command, file] = positionals;
  try {
    if (command === 'export') return await exportCommand(env, terminal, values);
    if (command === 'apply') return await applyCommand(env, terminal, { file, plan: values.plan });
    if (command === 'import') return await importCommand(env, terminal, values);
  } catch (error) {
    if (error instanceof RemoteOrgError) throw new CommandError(error.message);
    if (error instanceof Refusal) throw new CommandError(error.causes.join('\n') || error.message);
    throw error;
  }
  throw new CommandError(`There is no command '${command ?? ''}'.\n${usage}`);
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new CommandError(`${messageOf(error)}\n${usage}`);
  }
}
