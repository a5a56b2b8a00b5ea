// Owns the secrets of a client that authenticates with one: at most two, so that one can follow the other without a gap.
import { Button, Group } from '@mantine/core';
import { post, remove } from '../../api.ts';
import { useAct } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { CopyValue } from '../../parts/copy-value.tsx';
import { Entries } from '../../parts/entries.tsx';
import { Section } from '../../parts/form-parts.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { Status } from '../../types.ts';

type Secret = { id: string; created: string; status: Status; client_secret: string };

export function ClientSecrets({ appId }: { appId: string }) {
  const path = `/api/v1/apps/${appId}/credentials/secrets`;
  const query = useGet<Secret[]>(path);
  const refresh = useRefresh();
  const { act, busy } = useAct();
  const change = (work: () => Promise<unknown>, done: string) =>
    void act(async () => {
      await work();
      await refresh(path);
    }, done);
  return (
    <Section
      title="CLIENT SECRETS"
      actions={
        <Button
          variant="subtle"
          size="compact-sm"
          loading={busy}
          disabled={(query.data?.length ?? 2) >= 2}
          onClick={() => change(() => post(path, {}), 'A new secret works from now on')}
        >
          Generate new secret
        </Button>
      }
    >
      <Loaded query={query}>
        {(secrets) => (
          <Entries
            label="Client secrets"
            items={secrets}
            keyOf={({ id }) => id}
            columns={[
              ['Creation date', ({ created }) => <Moment at={created} />],
              ['Secret', ({ client_secret }) => <CopyValue label="Client secret" value={client_secret} />],
              ['Status', ({ status }) => <StatusBadge status={status} />],
              [
                'Actions',
                ({ id, status }) => (
                  <Group gap="xs">
                    <Button
                      variant="default"
                      size="compact-xs"
                      onClick={() => {
                        const to = status === 'ACTIVE' ? 'deactivate' : 'activate';
                        const work = () => change(() => post(`${path}/${id}/lifecycle/${to}`), `The secret was ${to}d`);
                        if (to === 'activate') work();
                        else
                          ask({
                            title: 'Deactivate this secret?',
                            what: 'Applications that still use it get no tokens from now on.',
                            yes: 'Deactivate',
                            act: work,
                          });
                      }}
                    >
                      {status === 'ACTIVE' ? 'Deactivate' : 'Activate'}
                    </Button>
                    {status === 'INACTIVE' && (
                      <Button
                        variant="default"
                        size="compact-xs"
                        onClick={() =>
                          ask({
                            title: 'Delete this secret?',
                            what: 'It cannot be brought back.',
                            yes: 'Delete',
                            act: () => change(() => remove(`${path}/${id}`), 'The secret was deleted'),
                          })
                        }
                      >
                        Delete
                      </Button>
                    )}
                  </Group>
                ),
              ],
            ]}
          />
        )}
      </Loaded>
    </Section>
  );
}
