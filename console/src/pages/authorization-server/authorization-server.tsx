// Owns the page of one authorization server: its head and its tabs. Not here: what each tab shows.
import { Button, Group } from '@mantine/core';
import { useNavigate, useParams } from 'react-router';
import { post, remove } from '../../api.ts';
import { useAct } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { RoutedTabs } from '../../parts/routed-tabs.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { AuthorizationServer } from '../../types.ts';
import { ClaimsTab } from './claims.tsx';
import { KeysTab } from './keys.tsx';
import { PoliciesTab } from './policies.tsx';
import { ScopesTab } from './scopes.tsx';
import { SettingsTab } from './settings.tsx';
import { TokenPreviewTab } from './token-preview.tsx';

const TABS = [
  { value: 'settings', label: 'Settings', Panel: SettingsTab },
  { value: 'scopes', label: 'Scopes', Panel: ScopesTab },
  { value: 'claims', label: 'Claims', Panel: ClaimsTab },
  { value: 'policies', label: 'Access Policies', Panel: PoliciesTab },
  { value: 'preview', label: 'Token Preview', Panel: TokenPreviewTab },
  { value: 'keys', label: 'Keys', Panel: KeysTab },
];

export function AuthorizationServerPage() {
  const { serverId = '', tab = 'settings' } = useParams();
  const query = useGet<AuthorizationServer>(`/api/v1/authorizationServers/${serverId}`);
  return (
    <Loaded query={query}>
      {(server) => (
        <>
          <PageHeader
            title={server.name}
            above={[
              { label: 'API', to: '/api' },
              { label: 'Authorization Servers', to: '/api/authorization-servers' },
            ]}
            badge={<StatusBadge status={server.status} />}
            actions={<Life server={server} />}
          />
          <RoutedTabs path={`/authorization-servers/${serverId}`} tab={tab} tabs={TABS} shown={{ server }} />
        </>
      )}
    </Loaded>
  );
}

function Life({ server }: { server: AuthorizationServer }) {
  const { act, busy } = useAct();
  const refresh = useRefresh();
  const navigate = useNavigate();
  const path = `/api/v1/authorizationServers/${server.id}`;
  const set = (to: 'activate' | 'deactivate') =>
    void act(async () => {
      await post(`${path}/lifecycle/${to}`);
      await refresh('/api/v1/authorizationServers');
    }, `The authorization server was ${to}d`);
  const destroy = () =>
    void act(async () => {
      await remove(path);
      await navigate('/api/authorization-servers');
      await refresh('/api/v1/authorizationServers?');
    }, 'The authorization server was deleted');
  if (server.status === 'ACTIVE')
    return (
      <Button
        variant="default"
        loading={busy}
        onClick={() =>
          ask({
            title: `Deactivate ${server.name}?`,
            what: `Every application that signs people in by ${server.issuer} stops working until it is activated again.`,
            yes: 'Deactivate',
            act: () => set('deactivate'),
          })
        }
      >
        Deactivate
      </Button>
    );
  return (
    <Group gap="xs">
      <Button variant="default" loading={busy} onClick={() => set('activate')}>
        Activate
      </Button>
      {!server.default && (
        <Button
          variant="default"
          loading={busy}
          onClick={() =>
            ask({
              title: `Delete ${server.name}?`,
              what: 'Its issuer URL, scopes, claims, policies and keys are gone for good.',
              yes: 'Delete',
              act: destroy,
            })
          }
        >
          Delete
        </Button>
      )}
    </Group>
  );
}
