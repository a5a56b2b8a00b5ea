// Owns the command `gatehouse import`: another org, Okta's or a Gatehouse's, is read over its management API and copied into this one.
// Not here: what is read and how it is translated (core/org-import/).
import { printChanges } from '../core/configuration/plan.ts';
import type { Env } from '../core/env.ts';
import { importOrg, planImport } from '../core/org-import/import-org.ts';
import { readOrg } from '../core/org-import/read-org.ts';
import { openRemoteOrg } from '../core/org-import/remote-org.ts';
import { createReport, printReport } from '../core/org-import/report.ts';
import { CommandError, type Terminal } from './terminal.ts';

type Given = { from?: string | undefined; token?: string | undefined; plan: boolean };

export async function importCommand(env: Env, terminal: Terminal, { from, token, plan }: Given): Promise<void> {
  if (from === undefined)
    throw new CommandError('import needs an org: gatehouse import --from https://example.okta.com [--plan]');
  const proof = token ?? env.config.importToken;
  if (proof === null) throw new CommandError('import needs a token of that org: set GATEHOUSE_IMPORT_TOKEN');
  const { note, wait } = terminal;
  const report = createReport();
  const org = await readOrg(openRemoteOrg(env, { from, token: proof, note, wait }), report, note);
  const { changes, people, remarks } = await (plan ? planImport : importOrg)(env, org, { note, report });
  terminal.print(printChanges(changes));
  const { added, memberships, assignments } = people;
  terminal.print(
    `${added} people, ${memberships} memberships and ${assignments} assignments ${plan ? 'to add' : 'added'}.\n`,
  );
  terminal.print(printReport(remarks));
}
