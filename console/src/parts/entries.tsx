// Owns a table of things and its further pages. A row's first cell holds its link. Not here: what the cells say.
import { Button, Center, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Failed, Loading } from './states.tsx';

type ListQuery<T> = {
  items: T[];
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
};

type Columns<T> = readonly (readonly [heading: string, cell: (item: T) => ReactNode])[];

export function Entries<T>({
  label,
  items,
  columns,
  keyOf,
}: {
  label: string;
  items: readonly T[];
  columns: Columns<T>;
  keyOf: (item: T) => string;
}) {
  return (
    // A table that scrolls sideways can be scrolled by keyboard too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className="scroll" tabIndex={0} aria-label={label}>
      <Table verticalSpacing="sm" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(([heading]) => (
              <Table.Th key={heading}>{heading}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={keyOf(item)}>
              {columns.map(([heading, cell]) => (
                <Table.Td key={heading}>{cell(item)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

export function PagedEntries<T>({
  query,
  empty,
  ...table
}: {
  query: ListQuery<T>;
  empty: ReactNode;
  label: string;
  columns: Columns<T>;
  keyOf: (item: T) => string;
}) {
  if (query.isPending) return <Loading />;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.items.length === 0) return empty;
  return (
    <>
      <Entries {...table} items={query.items} />
      <Center mt="md">
        {query.hasNextPage ? (
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        ) : (
          <Text size="xs" c="dimmed">
            {query.items.length === 1 ? '1 entry' : `${query.items.length} entries`}
          </Text>
        )}
      </Center>
    </>
  );
}
