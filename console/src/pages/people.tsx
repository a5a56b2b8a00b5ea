// Owns the list of people, and the dialog that adds one.
import { Anchor, Button, Modal, PasswordInput, Stack, TextInput } from '@mantine/core';
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
import { PageHeader } from '../parts/page-header.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useList, useRefresh } from '../queries.ts';
import type { User } from '../types.ts';

export function People() {
  const [q, setQ] = useState('');
  const [opened, { open, close }] = useDisclosure();
  const query = useList<User>(`/api/v1/users?limit=50${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`);
  return (
    <>
      <PageHeader
        title="People"
        intro="Everybody who can sign in here."
        actions={
          <Button leftSection={<IconPlus size={16} />} onClick={open}>
            Add person
          </Button>
        }
      />
      <AddDialog opened={opened} close={close} />
      <SearchBox label="Search people" onSearch={setQ} />
      <PagedEntries
        query={query}
        label="People"
        keyOf={({ id }) => id}
        columns={[
          [
            'Name',
            ({ id, profile }) => (
              <Anchor component={Link} to={`/people/${id}`} fw={600} size="sm">
                {`${profile.firstName ?? ''} ${profile.lastName ?? ''}`.trim() || profile.login}
              </Anchor>
            ),
          ],
          ['Username', ({ profile }) => profile.login],
          ['Status', ({ status }) => <StatusBadge status={status} />],
          ['Last sign-in', ({ lastLogin }) => <Moment at={lastLogin} />],
        ]}
        empty={
          <Empty title="Nobody of that name">
            Search by the beginning of a first name, a last name or an e-mail address.
          </Empty>
        }
      />
    </>
  );
}

function AddDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const refresh = useRefresh();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { firstName: '', lastName: '', login: '', email: '', password: '' },
    validate: {
      firstName: (text) => (text.trim() === '' ? 'Give a first name' : null),
      lastName: (text) => (text.trim() === '' ? 'Give a last name' : null),
      login: (text) => (text.trim() === '' ? 'Give a username, such as an e-mail address' : null),
    },
  });
  const { busy, problem, submit } = useSubmit(form, async ({ password, login, email, ...names }) => {
    const made = await post<User>('/api/v1/users?activate=true', {
      profile: { ...names, login: login.trim(), email: email.trim() || login.trim() },
      ...(password === '' ? {} : { credentials: { password: { value: password } } }),
    });
    await refresh('/api/v1/users');
    tellDone('The person was added');
    await navigate(`/people/${made.id}`);
  });
  return (
    <Modal opened={opened} onClose={close} title="Add person">
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          <TextInput label="First name" withAsterisk data-autofocus {...form.getInputProps('firstName')} />
          <TextInput label="Last name" withAsterisk {...form.getInputProps('lastName')} />
          <TextInput label="Username" withAsterisk {...form.getInputProps('login')} />
          <TextInput
            label="Primary email"
            description="The username, if nothing is given"
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label="Password"
            description="Optional: without one, the person sets it by an activation link"
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
        </Stack>
        <FormButtons busy={busy} cancel={close} />
      </form>
    </Modal>
  );
}
