// Owns the form of an event hook, new or known: what it is told of, and where.
import { Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useSubmit } from '../../parts/changes.ts';
import { FormButtons, Problem } from '../../parts/form-parts.tsx';
import type { EventHook } from '../../types.ts';
import { CHANNEL_FIELDS, ChannelFields, channelOf, channelRules, channelValues } from './channel-fields.tsx';
import { EVENT_TYPES, eventWords } from './event-types.ts';

const CHOICES = Object.entries(EVENT_TYPES).map(([group, types]) => ({ group, items: Object.keys(types) }));

type Props = { hook: EventHook | null; send: (body: object) => Promise<void>; cancel: () => void };

export function EventHookForm({ hook, send, cancel }: Props) {
  const form = useForm({
    initialValues: {
      name: hook?.name ?? '',
      description: hook?.description ?? '',
      items: hook?.events.items ?? [],
      ...channelValues(hook?.channel),
    },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the hook a name' : null),
      items: (items) => (items.length === 0 ? 'Choose at least one event' : null),
      ...channelRules(hook?.channel),
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    (values) =>
      send({
        name: values.name.trim(),
        description: values.description.trim() || null,
        ...(hook ? { status: hook.status } : {}),
        events: { type: 'EVENT_TYPE', items: values.items },
        channel: channelOf(values),
      }),
    CHANNEL_FIELDS,
  );
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <TextInput label="Name" withAsterisk data-autofocus {...form.getInputProps('name')} />
        <Textarea label="Description" autosize {...form.getInputProps('description')} />
        <TagsInput
          label="Events"
          description="Choose from the usual ones, or type the type of any event as the System Log names it"
          withAsterisk
          data={CHOICES}
          maxDropdownHeight={280}
          splitChars={[' ', ',']}
          renderOption={({ option }) => (
            <div>
              <Text size="sm">{eventWords(option.value) ?? option.value}</Text>
              <Text size="xs" c="dimmed">
                {option.value}
              </Text>
            </div>
          )}
          {...form.getInputProps('items')}
        />
        <ChannelFields form={form} isNew={hook === null} />
      </Stack>
      <FormButtons busy={busy} cancel={cancel} save={hook === null ? 'Create' : 'Save'} />
    </form>
  );
}
