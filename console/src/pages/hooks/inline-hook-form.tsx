// Owns the form of an inline hook, new or known.
import { Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useSubmit } from '../../parts/changes.ts';
import { FormButtons, Problem } from '../../parts/form-parts.tsx';
import type { InlineHook } from '../../types.ts';
import { CHANNEL_FIELDS, ChannelFields, channelOf, channelRules, channelValues } from './channel-fields.tsx';
import { TOKEN_HOOK } from './inline-hook-types.ts';

type Props = { hook: InlineHook | null; send: (body: object) => Promise<void>; cancel: () => void };

export function InlineHookForm({ hook, send, cancel }: Props) {
  const form = useForm({
    initialValues: { name: hook?.name ?? '', ...channelValues(hook?.channel) },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the hook a name' : null),
      ...channelRules(hook?.channel),
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    (values) =>
      send({
        name: values.name.trim(),
        type: hook?.type ?? TOKEN_HOOK,
        version: hook?.version ?? '1.0.0',
        channel: channelOf(values),
      }),
    CHANNEL_FIELDS,
  );
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <TextInput label="Name" withAsterisk data-autofocus {...form.getInputProps('name')} />
        <ChannelFields form={form} isNew={hook === null} />
      </Stack>
      <FormButtons busy={busy} cancel={cancel} save={hook === null ? 'Create' : 'Save'} />
    </form>
  );
}
