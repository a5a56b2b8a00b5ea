// Owns a table of things and its further pages. A row's first cell holds its link. Not here: what the cells say.
import { Button, Center, Table, Text } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';
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
        <Rows items={items} columns={columns} keyOf={keyOf} />
      </Table>
    </section>
  );
}

const ROW_HEIGHT = 48;

/** Only the rows near the window are in the document: ten thousand scroll like ten. */
function Rows<T>({ items, columns, keyOf }: { items: readonly T[]; columns: Columns<T>; keyOf: (item: T) => string }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 30,
    scrollMargin: body.current?.offsetTop ?? 0,
  });
  const rows = virtualizer.getVirtualItems();
  const { scrollMargin } = virtualizer.options;
  const before = (rows[0]?.start ?? scrollMargin) - scrollMargin;
  const after = virtualizer.getTotalSize() - ((rows.at(-1)?.end ?? scrollMargin) - scrollMargin);
  return (
    <Table.Tbody ref={body}>
      {before > 0 && <tr aria-hidden style={{ height: before }} />}
      {rows.map(({ index }) => {
        const item = items[index];
        return (
          item !== undefined && (
            <Table.Tr key={keyOf(item)} data-index={index} ref={virtualizer.measureElement}>
              {columns.map(([heading, cell]) => (
                <Table.Td key={heading}>{cell(item)}</Table.Td>
              ))}
            </Table.Tr>
          )
        );
      })}
      {after > 0 && <tr aria-hidden style={{ height: after }} />}
    </Table.Tbody>
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
