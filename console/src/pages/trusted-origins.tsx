// Owns the Trusted Origins tab: whose pages may call this server, and where people may be sent on.
import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { post, remove } from '../api.ts';
import { tellDone, useAct, useSubmit } from '../parts/changes.ts';
import { ask } from '../parts/confirm.tsx';
import { CopyValue } from '../parts/copy-value.tsx';
import { PagedEntries } from '../parts/entries.tsx';
import { FormButtons, Problem } from '../parts/form-parts.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useList, useRefresh } from '../queries.ts';
import type { Status } from '../types.ts';

type TrustedOrigin = { id: string; name: string; origin: string; status: Status; scopes: { type: string }[] };

const PATH = '/api/v1/trustedOrigins';
const TYPES: Record<string, string> = { CORS: 'CORS', REDIRECT: 'Redirect', IFRAME_EMBED: 'iFrame embed' };

export function TrustedOrigins() {
  const query = useList<TrustedOrigin>(`${PATH}?limit=50`);
  const [opened, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const { act } = useAct();
  const change = (work: () => Promise<unknown>, done: string) =>
    void act(async () => {
      await work();
      await refresh(PATH);
    }, done);
  return (
    <>
      <Group justify="flex-end" mb="md">
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          Add Origin
        </Button>
      </Group>
      <AddDialog opened={opened} close={close} />
      <PagedEntries
        query={query}
        label="Trusted origins"
        keyOf={({ id }) => id}
        columns={[
          ['Origin name', ({ name }) => name],
          ['Origin URL', ({ origin }) => <CopyValue label="Origin URL" value={origin} />],
          ['Type', ({ scopes }) => scopes.map(({ type }) => TYPES[type] ?? type).join(', ')],
          ['Status', ({ status }) => <StatusBadge status={status} />],
          [
            'Actions',
            ({ id, name, status }) => (
              <Group gap="xs" wrap="nowrap">
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={`${status === 'ACTIVE' ? 'Deactivate' : 'Activate'} ${name}`}
                  onClick={() => {
                    const to = status === 'ACTIVE' ? 'deactivate' : 'activate';
                    change(() => post(`${PATH}/${id}/lifecycle/${to}`), `The origin was ${to}d`);
                  }}
                >
                  {status === 'ACTIVE' ? 'Deactivate' : 'Activate'}
                </Button>
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={`Delete ${name}`}
                  onClick={() =>
                    ask({
                      title: `Delete ${name}?`,
                      what: 'Pages of this origin can no longer call this server, nor be returned to after signing out.',
                      yes: 'Delete',
                      act: () => change(() => remove(`${PATH}/${id}`), 'The origin was deleted'),
                    })
                  }
                >
                  Delete
                </Button>
              </Group>
            ),
          ],
        ]}
        empty={
          <Empty title="No trusted origin">
            Add the origin of a page, such as https://app.example.com, so that its scripts may call this server.
          </Empty>
        }
      />
    </>
  );
}

function AddDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const refresh = useRefresh();
  const form = useForm({
    initialValues: { name: '', origin: '', scopes: ['CORS', 'REDIRECT'] },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the origin a name' : null),
      scopes: (scopes) => (scopes.length === 0 ? 'Choose at least one type' : null),
    },
  });
  const { busy, problem, submit } = useSubmit(form, async ({ name, origin, scopes }) => {
    await post(PATH, { name: name.trim(), origin: origin.trim(), scopes: scopes.map((type) => ({ type })) });
    await refresh(PATH);
    tellDone('The origin is trusted');
    form.reset();
    close();
  });
  return (
    <Modal opened={opened} onClose={close} title="Add Origin">
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          <TextInput label="Origin name" withAsterisk data-autofocus {...form.getInputProps('name')} />
          <TextInput
            label="Origin URL"
            withAsterisk
            placeholder="https://app.example.com"
            {...form.getInputProps('origin')}
          />
          <Checkbox.Group label="Type" {...form.getInputProps('scopes')}>
            <Stack gap="xs" mt="xs">
              <Checkbox value="CORS" label="Cross-Origin Resource Sharing (CORS)" />
              <Checkbox value="REDIRECT" label="Redirect" />
              <Checkbox value="IFRAME_EMBED" label="iFrame embed" />
            </Stack>
          </Checkbox.Group>
        </Stack>
        <FormButtons busy={busy} cancel={close} />
      </form>
    </Modal>
  );
}
