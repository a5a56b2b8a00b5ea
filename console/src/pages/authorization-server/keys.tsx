// Owns the Keys tab: the keys by which this server signs, and their rotation.
import { Alert, Button, Code, Group } from '@mantine/core';
import { post } from '../../api.ts';
import { useAct } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { Entries } from '../../parts/entries.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { AuthorizationServer } from '../../types.ts';

type Key = { kid: string; alg: string; kty: string; status: string };

export function KeysTab({ server }: { server: AuthorizationServer }) {
  const path = `/api/v1/authorizationServers/${server.id}/credentials`;
  const query = useGet<Key[]>(`${path}/keys`);
  const refresh = useRefresh();
  const { act, busy } = useAct();
  const rotate = () =>
    ask({
      title: 'Rotate the signing keys?',
      what: 'The next key signs from now on. Tokens that were signed before stay good until they expire.',
      yes: 'Rotate Signing Keys',
      harmful: false,
      act: () =>
        void act(async () => {
          await post(`${path}/lifecycle/keyRotate`, { use: 'sig' });
          await refresh(path, '/api/v1/authorizationServers');
        }, 'The next key signs now'),
    });
  return (
    <>
      <Alert color="blue" mb="md" style={{ overflowWrap: 'anywhere' }}>
        Applications find these keys by themselves at {server.issuer}/v1/keys, the next one before it signs.
      </Alert>
      <Group mb="md">
        <Button variant="default" loading={busy} onClick={rotate}>
          Rotate Signing Keys
        </Button>
      </Group>
      <Loaded query={query}>
        {(keys) => (
          <Entries
            label="Signing keys"
            items={keys}
            keyOf={({ kid }) => kid}
            columns={[
              ['Key ID', ({ kid }) => <Code>{kid}</Code>],
              ['Algorithm', ({ alg }) => alg],
              ['Status', ({ status }) => <StatusBadge status={status} />],
            ]}
          />
        )}
      </Loaded>
    </>
  );
}
