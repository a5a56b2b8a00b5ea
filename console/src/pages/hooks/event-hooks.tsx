// Owns Workflow > Event Hooks: which services are told what happens here, and the making of another one.
import { Anchor, Button, Group, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from 'react-router';
import { post } from '../../api.ts';
import { tellDone } from '../../parts/changes.ts';
import { Entries } from '../../parts/entries.tsx';
import { Lifecycle } from '../../parts/lifecycle.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { EventHook } from '../../types.ts';
import { EventHookForm } from './event-hook-form.tsx';
import { EVENT_HOOK_ENDS } from './hook-ends.ts';

const PATH = '/api/v1/eventHooks';

export function EventHooks() {
  const query = useGet<EventHook[]>(PATH);
  const refresh = useRefresh();
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure();
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Create Event Hook
    </Button>
  );
  const send = async (body: object) => {
    const made = await post<EventHook>(PATH, body);
    await refresh(PATH);
    tellDone('The hook was made: verify it, and it is told');
    await navigate(`/event-hooks/${made.id}`);
  };
  return (
    <>
      <PageHeader
        title="Event Hooks"
        intro="Services of yours that are told, a moment later, what happened here. Telling them changes nothing: what is told has been done."
        actions={create}
      />
      <Modal opened={opened} onClose={close} title="Create Event Hook" size="lg">
        <EventHookForm hook={null} send={send} cancel={close} />
      </Modal>
      <Loaded query={query}>
        {(hooks) =>
          hooks.length === 0 ? (
            <Empty title="No event hook yet" action={create}>
              Have your own service told when somebody joins, is suspended or is assigned an application: to send a
              greeting, to end an account elsewhere, to raise an alarm.
            </Empty>
          ) : (
            <Entries
              label="Event hooks"
              items={hooks}
              keyOf={({ id }) => id}
              columns={[
                [
                  'Name',
                  ({ id, name }) => (
                    <Anchor component={Link} to={`/event-hooks/${id}`} fw={600} size="sm">
                      {name}
                    </Anchor>
                  ),
                ],
                [
                  'Events',
                  ({ events }) => (events.items.length === 1 ? events.items[0] : `${events.items.length} events`),
                ],
                [
                  'Status',
                  ({ status, verificationStatus }) => (
                    <Group gap={4} wrap="nowrap">
                      <StatusBadge status={status} />
                      <StatusBadge status={verificationStatus} />
                    </Group>
                  ),
                ],
                [
                  'Actions',
                  ({ id, name, status }) => (
                    <Lifecycle
                      path={`${PATH}/${id}`}
                      list={PATH}
                      status={status}
                      name={name}
                      noun="hook"
                      {...EVENT_HOOK_ENDS}
                    />
                  ),
                ],
              ]}
            />
          )
        }
      </Loaded>
    </>
  );
}
