// Owns choosing people, groups, clients and authorization servers by typing a part of their names; the server searches, and names what was chosen before.
import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useGet, useGetEach } from '../queries.ts';
import type { Application, AuthorizationServer, Group, User } from '../types.ts';

type Option = { value: string; label: string };
type Props = {
  label: string;
  value: string[];
  onChange: (ids: string[]) => void;
  error?: React.ReactNode;
  description?: string;
  disabled?: boolean;
  withAsterisk?: boolean;
};

type Kind = {
  /** Of those whose names begin with this. */
  search: (q: string) => string;
  /** Of the one with this id. */
  one: (id: string) => string;
  toOption: (found: unknown) => Option;
  /** There whatever is typed. */
  always?: readonly Option[];
};

function usePicked(kind: Kind, found: readonly Option[], value: readonly string[]) {
  const [known, setKnown] = useState<ReadonlyMap<string, Option>>(new Map());
  const nameOfKnown = (id: string) => known.get(id) ?? found.find((one) => one.value === id);
  const unnamed = value.filter((id) => nameOfKnown(id) === undefined);
  const read = useGetEach<unknown>(unnamed.map(kind.one)).map((one, index) => ({
    value: unnamed[index] ?? '',
    label: one === undefined ? (unnamed[index] ?? '') : kind.toOption(one).label,
  }));
  const chosen = value.map((id) => nameOfKnown(id) ?? read.find((one) => one.value === id) ?? { value: id, label: id });
  const remember = (ids: readonly string[]) => {
    const options = [...chosen, ...found].filter((one) => ids.includes(one.value));
    setKnown(new Map(options.map((one) => [one.value, one])));
  };
  return { data: [...chosen, ...found.filter((one) => !value.includes(one.value))], remember };
}

function Pick({ kind, value, onChange, ...rest }: Props & { kind: Kind }) {
  const [text, setText] = useState('');
  const [opened, setOpened] = useState(false);
  const [q] = useDebouncedValue(text, 150);
  const found = useGet<unknown[]>(kind.search(q));
  const { data, remember } = usePicked(kind, [...(kind.always ?? []), ...(found.data ?? []).map(kind.toOption)], value);
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

const searching = (path: string) => (q: string) => `${path}?limit=20${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`;

const groups: Kind = {
  search: searching('/api/v1/groups'),
  one: (id) => `/api/v1/groups/${id}`,
  toOption: (found) => ({ value: (found as Group).id, label: (found as Group).profile.name }),
};

const people: Kind = {
  search: searching('/api/v1/users'),
  one: (id) => `/api/v1/users/${id}`,
  toOption: (found) => ({ value: (found as User).id, label: nameOf(found as User) }),
};

/** By client ID. */
const clients: Kind = {
  search: searching('/api/v1/apps'),
  one: (id) => `/oauth2/v1/clients/${id}`,
  toOption(found) {
    const { client_id, client_name } = found as { client_id?: string; client_name?: string };
    if (client_id !== undefined) return { value: client_id, label: client_name ?? client_id };
    const { credentials, id, label } = found as Application;
    return { value: credentials.oauthClient?.client_id ?? id, label };
  },
};

/** By id; `org` is the organization's own, which no list has. */
const servers: Kind = {
  search: searching('/api/v1/authorizationServers'),
  one: (id) => `/api/v1/authorizationServers/${id}`,
  toOption: (found) => ({ value: (found as AuthorizationServer).id, label: (found as AuthorizationServer).name }),
  always: [{ value: 'org', label: 'The organization’s own' }],
};

export function PickGroups(props: Props) {
  return <Pick {...props} kind={groups} />;
}

export function PickPeople(props: Props) {
  return <Pick {...props} kind={people} />;
}

export function PickClients(props: Props) {
  return <Pick {...props} kind={clients} />;
}

export function PickServers(props: Props) {
  return <Pick {...props} kind={servers} />;
}

export function nameOf({ profile }: User): string {
  const name = `${profile.firstName ?? ''} ${profile.lastName ?? ''}`.trim();
  return name === '' ? profile.login : `${name} (${profile.login})`;
}
