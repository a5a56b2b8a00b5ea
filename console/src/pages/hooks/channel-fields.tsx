// Owns the fields of a hook's channel, of either kind: where the service is called, what it knows us by, and further headers. The
// secret is sealed at the server and never comes back: an empty field leaves it as it is.
import { ActionIcon, Alert, Button, Fieldset, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { HookChannel } from '../../types.ts';

export type ChannelValues = {
  uri: string;
  key: string;
  secret: string;
  headers: { key: string; value: string }[];
};

export function channelValues(channel: HookChannel | undefined): ChannelValues {
  const { uri, authScheme, headers } = channel?.config ?? {};
  return {
    uri: uri ?? '',
    key: channel === undefined ? 'Authorization' : (authScheme?.key ?? ''),
    secret: '',
    headers: headers ?? [],
  };
}

/** Where a form shows what the API says of a channel. */
export const CHANNEL_FIELDS = {
  'channel.config.uri': 'uri',
  'channel.config.headers': 'headers',
  'channel.config.authScheme': 'key',
  'channel.config.authScheme.key': 'key',
  'channel.config.authScheme.value': 'secret',
} as const;

/** `before`: of the hook that is edited. */
export const channelRules = (before: HookChannel | undefined) => ({
  uri: (uri: string) => (uri.trim() === '' ? 'Say where the service is' : null),
  secret: (secret: string, { key }: ChannelValues) =>
    key.trim() !== '' && secret === '' && !before?.config.authScheme
      ? 'Give the secret by which the service knows this server, or leave the authentication field empty'
      : null,
});

export function channelOf({ uri, key, secret, headers }: ChannelValues): object {
  const authScheme = { type: 'HEADER', key: key.trim(), ...(secret === '' ? {} : { value: secret }) };
  return {
    type: 'HTTP',
    version: '1.0.0',
    config: {
      uri: uri.trim(),
      method: 'POST',
      headers: headers.filter((header) => header.key.trim() !== ''),
      authScheme: key.trim() === '' ? null : authScheme,
    },
  };
}

export function ChannelFields<V extends ChannelValues>({
  form,
  isNew,
}: {
  form: UseFormReturnType<V>;
  isNew: boolean;
}) {
  const { headers, key } = form.values;
  const setHeaders = (changed: ChannelValues['headers']) => form.setValues({ headers: changed } as Partial<V>);
  const setHeader = (index: number, change: Partial<ChannelValues['headers'][number]>) =>
    setHeaders(headers.map((header, at) => (at === index ? { ...header, ...change } : header)));
  return (
    <>
      <TextInput
        label="URL"
        description="It has to begin with https://"
        placeholder="https://hooks.example.com/gatehouse"
        withAsterisk
        inputMode="url"
        {...form.getInputProps('uri')}
      />
      <TextInput
        label="Authentication field"
        description="The name of the header that carries the secret; empty: the service asks for none"
        {...form.getInputProps('key')}
      />
      {key.trim() !== '' && (
        <PasswordInput
          label="Authentication secret"
          description={
            isNew ? 'Kept sealed, and never shown again' : 'Never shown: leave it empty to keep the one that is there'
          }
          autoComplete="new-password"
          {...form.getInputProps('secret')}
        />
      )}
      {key.trim() === '' && (
        <Alert color="yellow">
          Without a secret, the service cannot tell this server from anybody who knows its address.
        </Alert>
      )}
      <Fieldset legend="Further headers" variant="unstyled">
        <Stack gap={6}>
          {headers.map((header, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other identity, and keeps its focus by this
            <Group key={index} gap={4} wrap="nowrap">
              <TextInput
                flex={1}
                aria-label={`Name of header ${index + 1}`}
                placeholder="Name"
                value={header.key}
                onChange={(event) => setHeader(index, { key: event.currentTarget.value })}
              />
              <TextInput
                flex={1}
                aria-label={`Value of header ${index + 1}`}
                placeholder="Value"
                value={header.value}
                onChange={(event) => setHeader(index, { value: event.currentTarget.value })}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove header ${index + 1}`}
                onClick={() => setHeaders(headers.filter((_, at) => at !== index))}
              >
                <IconX size={16} />
              </ActionIcon>
            </Group>
          ))}
          {form.errors.headers && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {form.errors.headers}
            </Text>
          )}
          <Group>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPlus size={14} />}
              onClick={() => setHeaders([...headers, { key: '', value: '' }])}
            >
              Add header
            </Button>
          </Group>
        </Stack>
      </Fieldset>
    </>
  );
}
