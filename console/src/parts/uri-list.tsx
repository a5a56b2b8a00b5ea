// Owns a list of URIs that grows line by line.
import { ActionIcon, Button, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

type Props = {
  label: string;
  description?: ReactNode;
  value: readonly string[];
  onChange: (uris: string[]) => void;
  error?: ReactNode;
  placeholder?: string;
};

export function UriList({ label, description, value, onChange, error, placeholder }: Props) {
  const lines = value.length > 0 ? value : [''];
  const set = (index: number, text: string) => onChange(lines.map((line, at) => (at === index ? text : line)));
  return (
    <Fieldset legend={label} variant="unstyled">
      {description && (
        <Text size="xs" c="dimmed" mb={6}>
          {description}
        </Text>
      )}
      <Stack gap={6}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other identity, and keeps its focus by this
          <Group key={index} gap={4} wrap="nowrap" align="flex-start">
            <TextInput
              flex={1}
              aria-label={lines.length > 1 ? `${label} ${index + 1}` : label}
              value={line}
              placeholder={placeholder}
              onChange={(event) => set(index, event.currentTarget.value)}
              error={index === 0 ? error : undefined}
              inputMode="url"
            />
            {lines.length > 1 && (
              <ActionIcon
                mt={4}
                variant="subtle"
                color="gray"
                aria-label={`Remove ${label} ${index + 1}`}
                onClick={() => onChange(lines.filter((_, at) => at !== index))}
              >
                <IconX size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            aria-label={`Add URI to ${label}`}
            onClick={() => onChange([...lines, ''])}
          >
            Add URI
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

/** Without the lines that are empty. */
export function filled(uris: readonly string[]): string[] {
  return uris.map((uri) => uri.trim()).filter((uri) => uri !== '');
}
