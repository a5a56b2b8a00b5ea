// Owns the list of applications. Not here: making one (create-application-dialog.tsx, new-application.tsx).
import { Anchor, Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { CopyValue } from '../parts/copy-value.tsx';
import { PagedEntries } from '../parts/entries.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useList } from '../queries.ts';
import type { Application } from '../types.ts';
import { CreateApplicationDialog } from './create-application-dialog.tsx';

const TYPES: Record<string, string> = {
  browser: 'Single-page application',
  web: 'Web application',
  native: 'Native application',
  service: 'API service',
};

export function Applications() {
  const [q, setQ] = useState('');
  const [opened, { open, close }] = useDisclosure();
  const query = useList<Application>(`/api/v1/apps?limit=50${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`);
  return (
    <>
      <PageHeader
        title="Applications"
        intro="Every program that signs people in here, or calls an API with tokens from here."
        actions={
          <Button leftSection={<IconPlus size={16} />} onClick={open}>
            Create App Integration
          </Button>
        }
      />
      <CreateApplicationDialog opened={opened} close={close} />
      <SearchBox label="Search applications" onSearch={setQ} />
      <PagedEntries
        query={query}
        label="Applications"
        keyOf={({ id }) => id}
        columns={[
          [
            'Name',
            ({ id, label }) => (
              <Anchor component={Link} to={`/applications/${id}`} fw={600} size="sm">
                {label}
              </Anchor>
            ),
          ],
          [
            'Type',
            ({ settings }) => (
              <Text size="sm">{TYPES[settings.oauthClient?.application_type ?? ''] ?? 'Bookmark'}</Text>
            ),
          ],
          [
            'Client ID',
            ({ credentials }) =>
              credentials.oauthClient && <CopyValue label="Client ID" value={credentials.oauthClient.client_id} />,
          ],
          ['Status', ({ status }) => <StatusBadge status={status} />],
        ]}
        empty={
          <Empty title={q === '' ? 'No application yet' : 'No application of that name'}>
            An application gets a Client ID here, says where people return after signing in, and who may use it.
          </Empty>
        }
      />
    </>
  );
}
