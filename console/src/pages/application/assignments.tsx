// Owns the Assignments tab: which people and groups may use the application.

import { Alert, Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { Link } from 'react-router';
import { post, put, remove } from '../../api.ts';
import { tellDone, useAct, useSubmit } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { PagedEntries } from '../../parts/entries.tsx';
import { field } from '../../parts/field.ts';
import { FormButtons, Problem, Section } from '../../parts/form-parts.tsx';
import { PickGroups, PickPeople } from '../../parts/pick.tsx';
import { Empty } from '../../parts/states.tsx';
import { useGet, useList, useRefresh } from '../../queries.ts';
import type { Application, Group as UserGroup } from '../../types.ts';

type AppUser = { id: string; scope: 'USER' | 'GROUP'; credentials: { userName: string } };
type AppGroup = { id: string; priority: number };

export function AssignmentsTab({ app }: { app: Application }) {
  const path = `/api/v1/apps/${app.id}`;
  const [assigning, { open, close }] = useDisclosure();
  const groups = useList<AppGroup>(`${path}/groups?limit=50`);
  const people = useList<AppUser>(`${path}/users?limit=50`);
  const refresh = useRefresh();
  const { act } = useAct();
  const end = (what: string, id: string, kind: 'users' | 'groups') =>
    ask({
      title: `Remove ${what}?`,
      what: 'Who has no other assignment can no longer sign in to the application, and loses the refresh tokens for it at once.',
      yes: 'Remove',
      act: () =>
        void act(async () => {
          await remove(`${path}/${kind}/${id}`);
          await refresh(`${path}/`);
        }, 'Removed'),
    });
  if (app.settings.implicitAssignment)
    return <Alert color="blue">Everybody may use this application: nobody needs to be assigned.</Alert>;
  return (
    <Stack gap={0} maw={860}>
      <Group mb="md">
        <Button onClick={open}>Assign</Button>
      </Group>
      <AssignDialog app={app} opened={assigning} close={close} />
      <Section title="Groups">
        <PagedEntries
          query={groups}
          label="Assigned groups"
          keyOf={({ id }) => id}
          columns={[
            ['Group', ({ id }) => <GroupName id={id} />],
            ['Priority', ({ priority }) => priority + 1],
            ['Actions', ({ id }) => <RemoveButton act={() => end('this group', id, 'groups')} />],
          ]}
          empty={<Empty title="No group is assigned">Assign the group Everyone to let everybody in.</Empty>}
        />
      </Section>
      <Section title="People">
        <PagedEntries
          query={people}
          label="Assigned people"
          keyOf={({ id }) => id}
          columns={[
            [
              'Person',
              ({ id, credentials }) => (
                <Anchor component={Link} to={`/people/${id}`} size="sm">
                  {credentials.userName}
                </Anchor>
              ),
            ],
            ['Type', ({ scope }) => (scope === 'USER' ? 'Individual' : 'Group')],
            [
              'Actions',
              ({ id, scope, credentials }) =>
                scope === 'USER' ? (
                  <RemoveButton act={() => end(credentials.userName, id, 'users')} />
                ) : (
                  <Text size="xs" c="dimmed">
                    Through a group
                  </Text>
                ),
            ],
          ]}
          empty={<Empty title="Nobody is assigned">Until somebody is, nobody can sign in to this application.</Empty>}
        />
      </Section>
    </Stack>
  );
}

function GroupName({ id }: { id: string }) {
  const { data } = useGet<UserGroup>(`/api/v1/groups/${id}`);
  return (
    <Anchor component={Link} to={`/groups/${id}`} size="sm">
      {data?.profile.name ?? id}
    </Anchor>
  );
}

function RemoveButton({ act }: { act: () => void }) {
  return (
    <Button variant="default" size="compact-xs" onClick={act}>
      Remove
    </Button>
  );
}

function AssignDialog({ app, opened, close }: { app: Application; opened: boolean; close: () => void }) {
  const refresh = useRefresh();
  const form = useForm<{ people: string[]; groups: string[] }>({ initialValues: { people: [], groups: [] } });
  const { busy, problem, submit } = useSubmit(form, async ({ people, groups }) => {
    for (const id of groups) await put(`/api/v1/apps/${app.id}/groups/${id}`, {});
    for (const id of people) await post(`/api/v1/apps/${app.id}/users`, { id, scope: 'USER' });
    await refresh(`/api/v1/apps/${app.id}/`);
    tellDone('Assigned');
    form.reset();
    close();
  });
  return (
    <Modal opened={opened} onClose={close} title={`Assign ${app.label}`} size="lg">
      <form onSubmit={submit}>
        <Problem text={problem} />
        <Stack>
          <PickPeople label="Assign to People" {...field(form, 'people')} />
          <PickGroups label="Assign to Groups" {...field(form, 'groups')} />
        </Stack>
        <FormButtons busy={busy} cancel={close} save="Done" />
      </form>
    </Modal>
  );
}
