// Owns the commands of configuration as code: `gatehouse export` and `gatehouse apply`. They work on the database directly, with
// the settings of the server, beside it or without it. Not here: what a configuration is (core/configuration/).
import { applyConfiguration, rehearse } from '../core/configuration/apply.ts';
import { exportConfiguration } from '../core/configuration/export.ts';
import { changesBetween, printChanges } from '../core/configuration/plan.ts';
import { takeSecrets } from '../core/configuration/secrets.ts';
import { parseConfiguration, printConfiguration } from '../core/configuration/text.ts';
import type { Env } from '../core/env.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `gatehouse export [--users]`: the org as YAML on standard output. */
export async function exportCommand(env: Env, terminal: Terminal, { users }: { users: boolean }): Promise<void> {
  terminal.print(await printConfiguration(env, await exportConfiguration(env, { users }), { users }));
}

/** `gatehouse apply [--plan] FILE`: makes the org what the file says, or with `--plan` says what that would change. */
export async function applyCommand(
  env: Env,
  terminal: Terminal,
  { file, plan }: { file: string | undefined; plan: boolean },
): Promise<void> {
  if (file === undefined) throw new CommandError('apply needs a file: gatehouse apply [--plan] FILE');
  const { wanted, secretOf } = takeSecrets(await parseConfiguration(env, await terminal.read(file)), terminal.variable);
  const changes = changesBetween(await (plan ? rehearse : applyConfiguration)(env, wanted, secretOf));
  terminal.print(printChanges(changes));
  const made = changes.filter(({ kind, section }) => kind === 'add' && section === 'applications');
  if (!plan && made.length > 0)
    terminal.print('New clients that authenticate with a secret have one of their own: read it in the console.\n');
  if (!plan && changes.some(({ kind, section }) => kind === 'add' && section === 'eventHooks'))
    terminal.print('New event hooks are told nothing until they are verified: do that in the console or by the API.\n');
}
