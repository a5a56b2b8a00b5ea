// Owns choosing people and groups by typing a part of their names; the server searches.
import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useGet } from '../queries.ts';
import type { Application, Group, User } from '../types.ts';

type Option = { value: string; label: string };
type Props = {
  label: string;
  value: string[];
  onChange: (ids: string[]) => void;
  error?: React.ReactNode;
  description?: string;
};

function usePicked(found: readonly Option[], value: readonly string[]) {
  const [known, setKnown] = useState<ReadonlyMap<string, Option>>(new Map());
  const remember = (ids: readonly string[]) =>
    setKnown(
      new Map(
        ids.flatMap((id) => [[id, found.find((one) => one.value === id) ?? known.get(id) ?? { value: id, label: id }]]),
      ),
    );
  const chosen = value.map((id) => known.get(id) ?? found.find((one) => one.value === id) ?? { value: id, label: id });
  const data = [...chosen, ...found.filter((one) => !value.includes(one.value))];
  return { data, remember };
}

function Pick({
  path,
  toOption,
  value,
  onChange,
  ...rest
}: Props & { path: (q: string) => string; toOption: (one: unknown) => Option }) {
  const [text, setText] = useState('');
  const [opened, setOpened] = useState(false);
  const [q] = useDebouncedValue(text, 150);
  const found = useGet<unknown[]>(path(q));
  const { data, remember } = usePicked((found.data ?? []).map(toOption), value);
  return (
    <MultiSelect
      {...rest}
      data={data}
      value={value}
      onChange={(ids) => {
        remember(ids);
        onChange(ids);
      }}
      // It closes after each choice: what stands below it stays in reach.
      dropdownOpened={opened}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      onOptionSubmit={() => setOpened(false)}
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options }) => options}
      nothingFoundMessage="Nothing found"
      hidePickedOptions
      comboboxProps={{ withinPortal: true }}
    />
  );
}

export function PickGroups(props: Props) {
  return (
    <Pick
      {...props}
      path={(q) => `/api/v1/groups?limit=20&q=${encodeURIComponent(q)}`}
      toOption={(one) => ({ value: (one as Group).id, label: (one as Group).profile.name })}
    />
  );
}

export function PickPeople(props: Props) {
  return (
    <Pick
      {...props}
      path={(q) => `/api/v1/users?limit=20${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`}
      toOption={(one) => ({ value: (one as User).id, label: nameOf(one as User) })}
    />
  );
}

/** By client ID. */
export function PickClients(props: Props) {
  return (
    <Pick
      {...props}
      path={(q) => `/api/v1/apps?limit=20${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`}
      toOption={(one) => {
        const { credentials, id, label } = one as Application;
        return { value: credentials.oauthClient?.client_id ?? id, label };
      }}
    />
  );
}

export function nameOf({ profile }: User): string {
  const name = `${profile.firstName ?? ''} ${profile.lastName ?? ''}`.trim();
  return name === '' ? profile.login : `${name} (${profile.login})`;
}
