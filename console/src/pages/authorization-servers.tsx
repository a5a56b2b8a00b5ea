// Owns the list of authorization servers and the dialog that makes one.
import { Anchor, Badge, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { post } from '../api.ts';
import { tellDone, useSubmit } from '../parts/changes.ts';
import { CopyValue } from '../parts/copy-value.tsx';
import { PagedEntries } from '../parts/entries.tsx';
import { FormButtons, Problem } from '../parts/form-parts.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useList, useRefresh } from '../queries.ts';
import type { AuthorizationServer } from '../types.ts';

export function AuthorizationServers() {
  const [q, setQ] = useState('');
  const [opened, { open, close }] = useDisclosure();
  const query = useList<AuthorizationServer>(
    `/api/v1/authorizationServers?limit=50${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`,
  );
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <SearchBox label="Search authorization servers" onSearch={setQ} />
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          Add Authorization Server
        </Button>
      </Group>
      <AddDialog opened={opened} close={close} />
      <PagedEntries
        query={query}
        label="Authorization servers"
        keyOf={({ id }) => id}
        columns={[
          [
            'Name',
            ({ id, name, default: isDefault }) => (
              <Group gap="xs" wrap="nowrap">
                <Anchor component={Link} to={`/authorization-servers/${id}`} fw={600} size="sm">
                  {name}
                </Anchor>
                {isDefault && name !== 'default' && <Badge color="gray">default</Badge>}
              </Group>
            ),
          ],
          ['Audience', ({ audiences }) => <Text size="sm">{audiences.join(', ')}</Text>],
          ['Issuer URI', ({ issuer }) => <CopyValue label="Issuer URI" value={issuer} />],
          ['Status', ({ status }) => <StatusBadge status={status} />],
        ]}
        empty={
          <Empty title="No authorization server of that name">
            An authorization server has its own issuer, scopes, claims and access policies.
          </Empty>
        }
      />
    </>
  );
}

function AddDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const form = useForm({
    initialValues: { name: '', audience: '', description: '' },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the authorization server a name' : null),
      audience: (audience) => (audience.trim() === '' ? 'Say for whom its tokens are' : null),
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async ({ name, audience, description }) => {
      const made = await post<AuthorizationServer>('/api/v1/authorizationServers', {
        name: name.trim(),
        description: description.trim(),
        audiences: [audience.trim()],
        issuerMode: 'DYNAMIC',
      });
      await refresh('/api/v1/authorizationServers');
      tellDone('The authorization server has its Issuer URL');
      await navigate(`/authorization-servers/${made.id}`);
    },
    { audiences: 'audience' },
  );
  return (
    <Modal opened={opened} onClose={close} title="Add Authorization Server">
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          <TextInput label="Name" withAsterisk data-autofocus {...form.getInputProps('name')} />
          <TextInput
            label="Audience"
            withAsterisk
            description="The aud of its access tokens: the Client ID of a single-page application, or the URI of an API"
            {...form.getInputProps('audience')}
          />
          <TextInput label="Description" {...form.getInputProps('description')} />
        </Stack>
        <FormButtons busy={busy} cancel={close} />
      </form>
    </Modal>
  );
}
