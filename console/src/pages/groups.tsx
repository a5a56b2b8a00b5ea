// Owns the list of groups, and the dialog that adds one.
import { Anchor, Button, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { post } from '../api.ts';
import { tellDone, useSubmit } from '../parts/changes.ts';
import { PagedEntries } from '../parts/entries.tsx';
import { FormButtons, Problem } from '../parts/form-parts.tsx';
import { Moment } from '../parts/moment.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { Empty } from '../parts/states.tsx';
import { useList, useRefresh } from '../queries.ts';
import type { Group } from '../types.ts';
import { GroupsHead } from './groups-head.tsx';

export function Groups() {
  const [q, setQ] = useState('');
  const [opened, { open, close }] = useDisclosure();
  const query = useList<Group>(`/api/v1/groups?limit=50${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`);
  return (
    <GroupsHead
      tab="all"
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          Add group
        </Button>
      }
    >
      <AddDialog opened={opened} close={close} />
      <SearchBox label="Search groups" onSearch={setQ} />
      <PagedEntries
        query={query}
        label="Groups"
        keyOf={({ id }) => id}
        columns={[
          [
            'Name',
            ({ id, profile }) => (
              <Anchor component={Link} to={`/groups/${id}`} fw={600} size="sm">
                {profile.name}
              </Anchor>
            ),
          ],
          ['Description', ({ profile }) => <Text size="sm">{profile.description ?? '—'}</Text>],
          ['Created', ({ created }) => <Moment at={created} />],
        ]}
        empty={<Empty title="No group of that name">Search by the beginning of the name.</Empty>}
      />
    </GroupsHead>
  );
}

function AddDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const refresh = useRefresh();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: '', description: '' },
    validate: { name: (name) => (name.trim() === '' ? 'Give the group a name' : null) },
  });
  const { busy, problem, submit } = useSubmit(form, async ({ name, description }) => {
    const made = await post<Group>('/api/v1/groups', {
      profile: { name: name.trim(), description: description.trim() || null },
    });
    await refresh('/api/v1/groups');
    tellDone('The group was added');
    await navigate(`/groups/${made.id}`);
  });
  return (
    <Modal opened={opened} onClose={close} title="Add group">
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          <TextInput label="Name" withAsterisk data-autofocus {...form.getInputProps('name')} />
          <Textarea label="Description" autosize {...form.getInputProps('description')} />
        </Stack>
        <FormButtons busy={busy} cancel={close} />
      </form>
    </Modal>
  );
}
