// Owns the making of an API token: its name, then its value, which is shown this once.
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { post } from '../api.ts';
import { useSubmit } from '../parts/changes.ts';
import { CopyValue } from '../parts/copy-value.tsx';
import { FormButtons, Problem } from '../parts/form-parts.tsx';
import { useRefresh } from '../queries.ts';
import { session } from '../session.ts';

const PATH = '/api/v1/api-tokens';

export function ApiTokenDialog({ close }: { close: () => void }) {
  const [value, setValue] = useState<string | null>(null);
  return (
    <Modal
      opened
      onClose={close}
      title="Create token"
      // A slip beside the dialog must not lose a value that is never shown again.
      closeOnClickOutside={value === null}
      closeOnEscape={value === null}
    >
      {value === null ? <NameForm close={close} done={setValue} /> : <Made value={value} close={close} />}
    </Modal>
  );
}

function NameForm({ close, done }: { close: () => void; done: (value: string) => void }) {
  const refresh = useRefresh();
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (name) => (name.trim() === '' ? 'Give the token a name' : null) },
  });
  const { busy, problem, submit } = useSubmit(form, async ({ name }) => {
    const { token } = await post<{ token: string }>(PATH, { name: name.trim() });
    await refresh(PATH);
    done(token);
  });
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <TextInput
          label="Name"
          description="What will use it, such as the name of a script: one token for each, so that each can be revoked alone"
          withAsterisk
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Text size="sm">
          It acts with everything that {session().user()?.username ?? 'you'} may do, whatever roles that is at the time.
        </Text>
      </Stack>
      <FormButtons busy={busy} cancel={close} save="Create" />
    </form>
  );
}

function Made({ value, close }: { value: string; close: () => void }) {
  return (
    <>
      <Alert color="yellow" title="Copy it now" mb="md">
        <Text size="sm" mb="xs">
          This is the only time that the token is shown. Who has it, has your rights: keep it like a password.
        </Text>
        <CopyValue label="Token value" value={value} />
      </Alert>
      <Text size="sm">
        Send it as{' '}
        <Text span ff="monospace" size="sm">
          Authorization: SSWS …
        </Text>
      </Text>
      <Group mt="lg" justify="flex-end">
        <Button onClick={close}>OK, got it</Button>
      </Group>
    </>
  );
}
