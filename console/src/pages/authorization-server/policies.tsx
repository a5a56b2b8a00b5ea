// Owns the Access Policies tab: the policies in the order in which they are asked, and the dialog of one. Not here: rules (rules.tsx).

import { Badge, Button, Card, Group, Modal, Radio, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { post, put, remove } from '../../api.ts';
import { tellDone, useAct, useSubmit } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { field } from '../../parts/field.ts';
import { FormButtons, Problem } from '../../parts/form-parts.tsx';
import { MoveButtons } from '../../parts/move-buttons.tsx';
import { PickClients } from '../../parts/pick.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { AuthorizationServer, Policy } from '../../types.ts';
import { ClientNames } from './client-names.tsx';
import { Rules } from './rules.tsx';
import { useDragOrder } from './use-drag-order.ts';

export function PoliciesTab({ server }: { server: AuthorizationServer }) {
  const base = `/api/v1/authorizationServers/${server.id}`;
  const path = `${base}/policies`;
  const query = useGet<Policy[]>(path);
  const refresh = useRefresh();
  const { act, busy } = useAct();
  const [edited, setEdited] = useState<Policy | 'new' | null>(null);
  const change = (work: () => Promise<unknown>, done: string) =>
    void act(async () => {
      await work();
      await refresh(path);
    }, done);
  const moveTo = (policy: Policy, priority: number) =>
    change(() => put(`${path}/${policy.id}`, { ...policy, priority }), `${policy.name} is asked at place ${priority}`);
  const drag = useDragOrder<Policy>(moveTo);
  const add = <Button onClick={() => setEdited('new')}>Add New Access Policy</Button>;
  return (
    <Stack maw={980}>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={600}>
          The first rule that fits a request decides. Policies are asked from top to bottom, and so are the rules in
          each. Where none fits, no token is issued.
        </Text>
        {add}
      </Group>
      {edited !== null && (
        <PolicyDialog path={path} policy={edited === 'new' ? null : edited} close={() => setEdited(null)} />
      )}
      <Loaded query={query}>
        {(policies) =>
          policies.length === 0 ? (
            <Empty title="No access policy yet">
              Until there is a policy with a rule, every request for a token of this server is denied.
            </Empty>
          ) : (
            policies.map((policy, index) => (
              <Card
                key={policy.id}
                withBorder
                component="section"
                aria-label={`Policy ${policy.name}`}
                {...drag.zone(policy, index + 1)}
              >
                <Group justify="space-between" align="flex-start" mb="sm">
                  <div>
                    <Group gap="xs">
                      <Badge color="gray" aria-label={`Priority ${policy.priority}`}>
                        {policy.priority}
                      </Badge>
                      <Title order={2} size="h4">
                        {policy.name}
                      </Title>
                      <StatusBadge status={policy.status} />
                    </Group>
                    <Text size="sm" c="dimmed" mt={4}>
                      {policy.description}
                    </Text>
                    <Text size="sm" mt={4}>
                      Assigned to <ClientNames ids={policy.conditions.clients.include} />
                    </Text>
                  </div>
                  <Group gap={4}>
                    <MoveButtons
                      name={policy.name}
                      place={index + 1}
                      of={policies.length}
                      busy={busy}
                      moveTo={(place) => moveTo(policy, place)}
                    />
                    <Button
                      variant="default"
                      size="compact-sm"
                      aria-label={`Edit ${policy.name}`}
                      onClick={() => setEdited(policy)}
                    >
                      Edit
                    </Button>
                    <Button
                      variant="default"
                      size="compact-sm"
                      aria-label={`${policy.status === 'ACTIVE' ? 'Deactivate' : 'Activate'} ${policy.name}`}
                      onClick={() => {
                        const to = policy.status === 'ACTIVE' ? 'deactivate' : 'activate';
                        change(() => post(`${path}/${policy.id}/lifecycle/${to}`), `The policy was ${to}d`);
                      }}
                    >
                      {policy.status === 'ACTIVE' ? 'Deactivate' : 'Activate'}
                    </Button>
                    {!policy.system && (
                      <Button
                        variant="default"
                        size="compact-sm"
                        aria-label={`Delete ${policy.name}`}
                        onClick={() =>
                          ask({
                            title: `Delete the policy ${policy.name}?`,
                            what: 'Its rules go with it. Requests that only they let through are denied from now on.',
                            yes: 'Delete',
                            act: () => change(() => remove(`${path}/${policy.id}`), 'The policy was deleted'),
                          })
                        }
                      >
                        Delete
                      </Button>
                    )}
                  </Group>
                </Group>
                <Rules base={base} policy={policy} />
              </Card>
            ))
          )
        }
      </Loaded>
    </Stack>
  );
}

function PolicyDialog({ path, policy, close }: { path: string; policy: Policy | null; close: () => void }) {
  const refresh = useRefresh();
  const included = policy?.conditions.clients.include ?? ['ALL_CLIENTS'];
  const form = useForm({
    initialValues: {
      name: policy?.name ?? '',
      description: policy?.description ?? '',
      all: included.includes('ALL_CLIENTS'),
      clients: included.filter((id) => id !== 'ALL_CLIENTS'),
    },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the policy a name' : null),
      description: (description) => (description.trim() === '' ? 'Say what the policy is for' : null),
      clients: (ids, { all }) => (!all && ids.length === 0 ? 'Choose at least one client' : null),
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async ({ name, description, all, clients }) => {
      const body = {
        type: 'OAUTH_AUTHORIZATION_POLICY',
        name: name.trim(),
        description: description.trim(),
        conditions: { clients: { include: all ? ['ALL_CLIENTS'] : clients } },
      };
      await (policy ? put(`${path}/${policy.id}`, { ...body, priority: policy.priority }) : post(path, body));
      await refresh(path);
      tellDone(policy ? 'Saved' : 'The policy was created: now add a rule to it');
      close();
    },
    { include: 'clients' },
  );
  return (
    <Modal opened onClose={close} title={policy ? `Edit ${policy.name}` : 'Add Policy'}>
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          <TextInput label="Name" withAsterisk data-autofocus {...form.getInputProps('name')} />
          <Textarea label="Description" withAsterisk autosize {...form.getInputProps('description')} />
          <Radio.Group
            label="Assign to"
            value={form.values.all ? 'all' : 'these'}
            onChange={(to) => form.setFieldValue('all', to === 'all')}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="all" label="All clients" />
              <Radio value="these" label="The following clients:" />
            </Stack>
          </Radio.Group>
          {!form.values.all && <PickClients label="Clients" {...field(form, 'clients')} />}
        </Stack>
        <FormButtons busy={busy} cancel={close} save={policy ? 'Update Policy' : 'Create Policy'} />
      </form>
    </Modal>
  );
}
