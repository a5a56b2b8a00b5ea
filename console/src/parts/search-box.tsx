// Owns a search field: it asks a moment after the last letter.
import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';

export function SearchBox({ label, onSearch }: { label: string; onSearch: (text: string) => void }) {
  const later = useDebouncedCallback(onSearch, 200);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} />}
      maw={360}
      mb="md"
      onChange={(event) => later(event.currentTarget.value.trim())}
    />
  );
}
