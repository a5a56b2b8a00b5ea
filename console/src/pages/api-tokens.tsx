// Owns the Tokens tab: API tokens (SSWS), seen and revoked. Not here: the making of one (api-token-dialog.tsx).
import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { remove } from '../api.ts';
import { useAct } from '../parts/changes.ts';
import { ask } from '../parts/confirm.tsx';
import { Entries } from '../parts/entries.tsx';
import { Moment } from '../parts/moment.tsx';
import { Empty, Loaded } from '../parts/states.tsx';
import { useGet, useRefresh } from '../queries.ts';
import type { User } from '../types.ts';
import { ApiTokenDialog } from './api-token-dialog.tsx';

type ApiToken = { id: string; name: string; userId: string; created: string; lastUpdated: string; expiresAt: string };

const PATH = '/api/v1/api-tokens';

export function ApiTokens() {
  const query = useGet<ApiToken[]>(PATH);
  const refresh = useRefresh();
  const { act, busy } = useAct();
  const [opened, { open, close }] = useDisclosure();
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Create token
    </Button>
  );
  return (
    <>
      <Group justify="space-between" align="flex-start" mb="md">
        <Text size="sm" c="dimmed" maw={600}>
          A program that sends an API token acts with the rights of the token’s owner. A token that nobody uses for 30
          days ends by itself.
        </Text>
        {create}
      </Group>
      {opened && <ApiTokenDialog close={close} />}
      <Loaded query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Empty title="No API token" action={create}>
              Scripts and tools such as Terraform manage this organization by a token, without anybody signing in.
            </Empty>
          ) : (
            <Entries
              label="API tokens"
              items={tokens}
              keyOf={({ id }) => id}
              columns={[
                ['Token name', ({ name }) => name],
                ['Owner', ({ userId }) => <Owner id={userId} />],
                ['Created', ({ created }) => <Moment at={created} />],
                ['Ends without use', ({ expiresAt }) => <Moment at={expiresAt} />],
                [
                  'Actions',
                  ({ id, name }) => (
                    <Button
                      variant="default"
                      size="compact-xs"
                      disabled={busy}
                      aria-label={`Revoke ${name}`}
                      onClick={() =>
                        ask({
                          title: `Revoke ${name}?`,
                          what: 'Whatever uses it is refused at its next call.',
                          yes: 'Revoke',
                          act: () =>
                            void act(async () => {
                              await remove(`${PATH}/${id}`);
                              await refresh(PATH);
                            }, 'The token was revoked'),
                        })
                      }
                    >
                      Revoke
                    </Button>
                  ),
                ],
              ]}
            />
          )
        }
      </Loaded>
    </>
  );
}

function Owner({ id }: { id: string }) {
  const { data } = useGet<User>(id === 'system' ? null : `/api/v1/users/${id}`);
  return id === 'system' ? 'The system' : (data?.profile.login ?? id);
}
