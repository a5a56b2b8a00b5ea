// Owns the page of one application: its head and its tabs. Not here: what each tab shows.
import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useNavigate, useParams } from 'react-router';
import { post, remove } from '../../api.ts';
import { CONSOLE_CLIENT_ID } from '../../console-client.ts';
import { useAct } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { RoutedTabs } from '../../parts/routed-tabs.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { Application } from '../../types.ts';
import { ApiScopesTab } from './api-scopes.tsx';
import { AssignmentsTab } from './assignments.tsx';
import { CheckSetupTab } from './check-setup.tsx';
import { GeneralTab } from './general.tsx';
import { SignOnTab } from './sign-on.tsx';

const TABS = [
  { value: 'general', label: 'General', Panel: GeneralTab },
  { value: 'sign-on', label: 'Sign On', Panel: SignOnTab },
  { value: 'assignments', label: 'Assignments', Panel: AssignmentsTab },
  { value: 'api-scopes', label: 'Okta API Scopes', Panel: ApiScopesTab },
  { value: 'check-setup', label: 'Check Setup', Panel: CheckSetupTab },
];

export function ApplicationPage() {
  const { appId = '', tab = 'general' } = useParams();
  const query = useGet<Application>(`/api/v1/apps/${appId}`);
  return (
    <Loaded query={query}>
      {(app) => (
        <>
          <PageHeader
            title={app.label}
            above={[{ label: 'Applications', to: '/applications' }]}
            badge={<StatusBadge status={app.status} />}
            actions={app.credentials.oauthClient?.client_id !== CONSOLE_CLIENT_ID && <LifeMenu app={app} />}
          />
          <RoutedTabs path={`/applications/${appId}`} tab={tab} tabs={TABS} shown={{ app }} />
        </>
      )}
    </Loaded>
  );
}

function LifeMenu({ app }: { app: Application }) {
  const { act, busy } = useAct();
  const refresh = useRefresh();
  const navigate = useNavigate();
  const path = `/api/v1/apps/${app.id}`;
  const setStatus = (change: 'activate' | 'deactivate') =>
    act(async () => {
      await post(`${path}/lifecycle/${change}`);
      await refresh('/api/v1/apps');
    }, `The application was ${change}d`);
  const destroy = () =>
    act(async () => {
      await remove(path);
      await navigate('/applications');
      await refresh('/api/v1/apps?');
    }, 'The application was deleted');
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={14} />} loading={busy}>
          Actions
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {app.status === 'ACTIVE' ? (
          <Menu.Item
            onClick={() =>
              ask({
                title: `Deactivate ${app.label}?`,
                what: 'Nobody can sign in to it until it is activated again, and the refresh tokens that it holds end now.',
                yes: 'Deactivate',
                act: () => void setStatus('deactivate'),
              })
            }
          >
            Deactivate
          </Menu.Item>
        ) : (
          <>
            <Menu.Item onClick={() => void setStatus('activate')}>Activate</Menu.Item>
            <Menu.Item
              c="red"
              onClick={() =>
                ask({
                  title: `Delete ${app.label}?`,
                  what: 'Its Client ID, secrets, assignments and tokens are gone for good. Policies that name it keep the name.',
                  yes: 'Delete',
                  act: () => void destroy(),
                })
              }
            >
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
