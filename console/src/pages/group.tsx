// Owns the page of one group: its members, and its end.

import { Anchor, Button, Group as Row, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link, useNavigate, useParams } from 'react-router';
import { put, remove } from '../api.ts';
import { tellDone, useAct, useSubmit } from '../parts/changes.ts';
import { ask } from '../parts/confirm.tsx';
import { PagedEntries } from '../parts/entries.tsx';
import { field } from '../parts/field.ts';
import { Problem, Section } from '../parts/form-parts.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { nameOf, PickPeople } from '../parts/pick.tsx';
import { Empty, Loaded } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useGet, useList, useRefresh } from '../queries.ts';
import type { Group, User } from '../types.ts';
import { RolesOf } from './roles-of.tsx';

export function GroupPage() {
  const { groupId = '' } = useParams();
  const path = `/api/v1/groups/${groupId}`;
  const query = useGet<Group>(path);
  const refresh = useRefresh();
  const navigate = useNavigate();
  const { act, busy } = useAct();
  const destroy = () =>
    void act(async () => {
      await remove(path);
      await navigate('/groups');
      await refresh('/api/v1/groups?');
    }, 'The group was deleted');
  return (
    <Loaded query={query}>
      {(group) => (
        <>
          <PageHeader
            title={group.profile.name}
            above={[{ label: 'Groups', to: '/groups' }]}
            intro={group.profile.description}
            actions={
              group.type !== 'BUILT_IN' && (
                <Button
                  variant="default"
                  loading={busy}
                  onClick={() =>
                    ask({
                      title: `Delete ${group.profile.name}?`,
                      what: 'Its members lose the applications, roles and rules that they have through it.',
                      yes: 'Delete',
                      act: destroy,
                    })
                  }
                >
                  Delete
                </Button>
              )
            }
          />
          <Stack gap={0} maw={860}>
            {group.type !== 'BUILT_IN' && <AddMembers path={path} />}
            <Members path={path} fixed={group.type === 'BUILT_IN'} />
            <RolesOf path={path} who={group.profile.name} kind="GROUP" />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function AddMembers({ path }: { path: string }) {
  const refresh = useRefresh();
  const form = useForm<{ people: string[] }>({ initialValues: { people: [] } });
  const { busy, problem, submit } = useSubmit(form, async ({ people }) => {
    for (const id of people) await put(`${path}/users/${id}`);
    await refresh(`${path}/users`);
    tellDone('The members were added');
    form.reset();
  });
  return (
    <Section title="Assign people">
      <form onSubmit={submit}>
        <Problem text={problem} />
        <PickPeople label="People to add" {...field(form, 'people')} />
        <Row mt="sm">
          <Button type="submit" loading={busy} disabled={form.values.people.length === 0}>
            Add
          </Button>
        </Row>
      </form>
    </Section>
  );
}

function Members({ path, fixed }: { path: string; fixed: boolean }) {
  const query = useList<User>(`${path}/users?limit=50`);
  const refresh = useRefresh();
  const { act } = useAct();
  return (
    <Section title="People">
      <PagedEntries
        query={query}
        label="Members"
        keyOf={({ id }) => id}
        columns={[
          [
            'Person',
            (user) => (
              <Anchor component={Link} to={`/people/${user.id}`} size="sm">
                {nameOf(user)}
              </Anchor>
            ),
          ],
          ['Status', ({ status }) => <StatusBadge status={status} />],
          [
            'Actions',
            (user) =>
              !fixed && (
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={`Remove ${nameOf(user)}`}
                  onClick={() =>
                    ask({
                      title: `Remove ${nameOf(user)}?`,
                      what: 'They lose what they have through this group.',
                      yes: 'Remove',
                      act: () =>
                        void act(async () => {
                          await remove(`${path}/users/${user.id}`);
                          await refresh(`${path}/users`);
                        }, 'Removed'),
                    })
                  }
                >
                  Remove
                </Button>
              ),
          ],
        ]}
        empty={<Empty title="Nobody is in this group">Add people above.</Empty>}
      />
    </Section>
  );
}
