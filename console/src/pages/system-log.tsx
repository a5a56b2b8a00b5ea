// Owns the System Log: what happened, newest first or live, filtered, and one event unfolded to the steps of its decision.
import { Button, Code, Drawer, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { getPage } from '../api.ts';
import { CopyValue } from '../parts/copy-value.tsx';
import { PagedEntries } from '../parts/entries.tsx';
import { Facts } from '../parts/form-parts.tsx';
import { Moment } from '../parts/moment.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { Trace } from '../parts/trace.tsx';
import { useGet } from '../queries.ts';
import type { ExplainedRequest, LogEvent } from '../types.ts';

const LIVE_MS = 3000;

export function SystemLog() {
  const [params, setParams] = useSearchParams();
  const [live, setLive] = useState(false);
  const [shown, setShown] = useState<LogEvent | null>(null);
  const q = params.get('q') ?? '';
  const filter = params.get('filter') ?? '';
  const path = `/api/v1/logs?${new URLSearchParams({
    limit: '50',
    sortOrder: 'DESCENDING',
    ...(q ? { q } : {}),
    ...(filter ? { filter } : {}),
  })}`;
  const query = useInfiniteQuery({
    queryKey: [path, 'pages'],
    queryFn: ({ pageParam }) => getPage<LogEvent>(pageParam),
    initialPageParam: path,
    getNextPageParam: (last) => (last.items.length === 0 ? null : last.next),
    refetchInterval: live ? LIVE_MS : false,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title="System Log" intro="Every sign-in, token and change, with who did it and how it was decided." />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const given = { q: String(form.get('q') ?? ''), filter: String(form.get('filter') ?? '') };
          setParams(Object.fromEntries(Object.entries(given).filter(([, text]) => text.trim() !== '')));
        }}
      >
        <Group align="flex-end" mb="md">
          <TextInput name="q" label="Search" placeholder="Words, a name, an id" defaultValue={q} flex={1} miw={180} />
          <TextInput
            name="filter"
            label="Filter"
            placeholder={'eventType eq "user.session.start"'}
            defaultValue={filter}
            flex={2}
            miw={240}
          />
          <Button type="submit" variant="default">
            Apply
          </Button>
          <Switch label="Live" checked={live} onChange={(event) => setLive(event.currentTarget.checked)} mb={8} />
        </Group>
      </form>
      <PagedEntries
        query={{ ...query, items }}
        label="Events"
        keyOf={({ uuid }) => uuid}
        columns={[
          ['Time', ({ published }) => <Moment at={published} />],
          ['Actor', ({ actor }) => actor.displayName ?? actor.alternateId ?? '—'],
          [
            'Event',
            (event) => (
              <Button variant="transparent" size="compact-sm" px={0} onClick={() => setShown(event)}>
                {event.displayMessage}
              </Button>
            ),
          ],
          ['Outcome', ({ outcome }) => <StatusBadge status={outcome.result} />],
          [
            'Target',
            ({ target }) => target.map(({ displayName, alternateId }) => displayName ?? alternateId).join(', ') || '—',
          ],
        ]}
        empty={<Empty title="No event fits">Search for other words, or take the filter away.</Empty>}
      />
      <Drawer
        opened={shown !== null}
        onClose={() => setShown(null)}
        position="right"
        size="lg"
        title={shown?.displayMessage}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {shown && <EventDetails event={shown} />}
      </Drawer>
    </>
  );
}

function EventDetails({ event }: { event: LogEvent }) {
  const isDecision = event.eventType.startsWith('app.oauth2.');
  const explained = useGet<ExplainedRequest>(
    isDecision ? `/api/v1/explain/${encodeURIComponent(event.transaction.id)}` : null,
  );
  const told = explained.data?.events.find(({ uuid }) => uuid === event.uuid);
  return (
    <Stack>
      <Facts
        facts={[
          ['Event type', <Code key="type">{event.eventType}</Code>],
          ['Time', <Moment key="time" at={event.published} />],
          ['Outcome', <StatusBadge key="outcome" status={event.outcome.result} />],
          ['Reason', event.outcome.reason],
          ['Actor', event.actor.alternateId ?? event.actor.displayName],
          ['Address', event.client.ipAddress ?? '—'],
          ['Request ID', <CopyValue key="id" label="Request ID" value={event.transaction.id} />],
        ]}
      />
      {told && <Trace trace={told.trace} />}
      <div>
        <Text fw={600} size="sm" mb="xs">
          The whole event
        </Text>
        <Code block tabIndex={0} aria-label="The whole event">
          {JSON.stringify(event, null, 2)}
        </Code>
      </div>
    </Stack>
  );
}
