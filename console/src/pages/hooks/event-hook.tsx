// Owns the page of one event hook: what it is told of, where, whether its service means to be told, and its life.
import { Alert, Button, Code, Group, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate, useParams } from 'react-router';
import { post, put } from '../../api.ts';
import { tellDone } from '../../parts/changes.ts';
import { CopyValue } from '../../parts/copy-value.tsx';
import { Facts, Section } from '../../parts/form-parts.tsx';
import { Lifecycle } from '../../parts/lifecycle.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useChange } from '../../parts/use-change.ts';
import { useGet, useRefresh } from '../../queries.ts';
import type { EventHook } from '../../types.ts';
import { channelFacts } from './channel-facts.tsx';
import { EventHookForm } from './event-hook-form.tsx';
import { eventWords } from './event-types.ts';
import { EVENT_HOOK_ENDS } from './hook-ends.ts';

const PATH = '/api/v1/eventHooks';

export function EventHookPage() {
  const { hookId = '' } = useParams();
  const navigate = useNavigate();
  const query = useGet<EventHook>(`${PATH}/${hookId}`);
  return (
    <Loaded query={query}>
      {(hook) => (
        <>
          <PageHeader
            title={hook.name}
            above={[{ label: 'Event Hooks', to: '/event-hooks' }]}
            intro={hook.description}
            badge={
              <Group gap={4}>
                <StatusBadge status={hook.status} />
                <StatusBadge status={hook.verificationStatus} />
              </Group>
            }
            actions={
              <Lifecycle
                path={`${PATH}/${hook.id}`}
                list={PATH}
                status={hook.status}
                name={hook.name}
                noun="hook"
                size="sm"
                afterDelete={() => void navigate('/event-hooks')}
                {...EVENT_HOOK_ENDS}
              />
            }
          />
          <Stack gap={0} maw={860}>
            {hook.verificationStatus === 'UNVERIFIED' && <Verify hook={hook} />}
            <Settings hook={hook} />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function Verify({ hook }: { hook: EventHook }) {
  const { change, busy } = useChange(PATH);
  return (
    <Alert color="yellow" title="Verify it: until then its service is told nothing" mb="lg">
      <Text size="sm" mb="sm">
        It is sent a GET request with the header <Code>x-okta-verification-challenge</Code>, and has to answer with the
        header’s value as JSON: <Code>{'{"verification": "…"}'}</Code>. So nobody is told who does not mean to be.
      </Text>
      <Button
        variant="default"
        loading={busy}
        onClick={() => void change(() => post(`${PATH}/${hook.id}/lifecycle/verify`), 'The service means to be told')}
      >
        Verify
      </Button>
    </Alert>
  );
}

function Settings({ hook }: { hook: EventHook }) {
  const [edited, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const send = async (body: object) => {
    await put(`${PATH}/${hook.id}`, body);
    await refresh(PATH);
    tellDone('Saved');
    close();
  };
  return (
    <Section title="Settings" onEdit={edited ? undefined : open}>
      {edited ? (
        <EventHookForm hook={hook} send={send} cancel={close} />
      ) : (
        <Facts
          facts={[
            [
              'Events',
              <List key="events" size="sm" listStyleType="none" spacing={4}>
                {hook.events.items.map((type) => (
                  <List.Item key={type}>
                    {eventWords(type) ?? ''} <Code>{type}</Code>
                  </List.Item>
                ))}
              </List>,
            ],
            ...channelFacts(hook.channel),
            ['Hook ID', <CopyValue key="id" label="Hook ID" value={hook.id} />],
            ['Created', <Moment key="created" at={hook.created} />],
          ]}
        />
      )}
    </Section>
  );
}
