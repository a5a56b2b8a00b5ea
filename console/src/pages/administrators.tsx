// Owns Security > Administrators: who holds which role, by themselves or through a group. Not here: giving (role-dialog.tsx) and
// taking away (revoke-role.tsx).
import { Anchor, Badge, Button, Code, Group, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import { PagedEntries } from '../parts/entries.tsx';
import { Moment } from '../parts/moment.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { nameOf } from '../parts/pick.tsx';
import { Empty, Loaded } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useGet, useList } from '../queries.ts';
import { mayOf } from '../role-words.ts';
import type { Administrator, User } from '../types.ts';
import { RevokeRole } from './revoke-role.tsx';
import { RoleDialog, rolesPath } from './role-dialog.tsx';

export function Administrators() {
  const query = useList<Administrator>('/api/v1/administrators?limit=200');
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <PageHeader
        title="Administrators"
        intro="Who may open this console or call the management API, and what for. A role given to a group is held by each of its members."
        actions={
          <Button leftSection={<IconPlus size={16} />} onClick={open}>
            Add Administrator
          </Button>
        }
      />
      {opened && <RoleDialog close={close} />}
      <PagedEntries
        query={query}
        label="Administrators"
        keyOf={({ id, holder }) => `${holder.id} ${id}`}
        columns={[
          ['Who', (one) => <Holder one={one} />],
          [
            'Role',
            ({ label, type, limited, resourceSet }) => (
              <>
                <Text size="sm" fw={600}>
                  {label}
                </Text>
                <Text size="xs" c="dimmed">
                  {resourceSet ? `A role of your own, over ${resourceSet.label}` : mayOf(type)}
                  {limited && ', of some groups or applications only'}
                </Text>
              </>
            ),
          ],
          ['Since', ({ created }) => <Moment at={created} />],
          [
            'Actions',
            (one) => (
              <RevokeRole
                path={`${rolesPath(one.holder.kind, one.holder.id)}/${one.id}`}
                who={one.holder.name}
                role={one}
              />
            ),
          ],
        ]}
        empty={<Empty title="Nobody administers this organization">Give somebody a role.</Empty>}
      />
    </>
  );
}

function Holder({ one: { holder } }: { one: Administrator }) {
  if (holder.kind === 'GROUP') return <GroupHolder id={holder.id} name={holder.name} members={holder.members ?? 0} />;
  if (holder.kind === 'CLIENT')
    return (
      <>
        <Group gap="xs">
          <Text size="sm">{holder.name}</Text>
          <Badge color="blue">API client</Badge>
        </Group>
        <Code fz="xs">{holder.id}</Code>
      </>
    );
  return (
    <>
      <Group gap="xs">
        <Anchor component={Link} to={`/people/${holder.id}`} fw={600} size="sm">
          {holder.name}
        </Anchor>
        {holder.status !== null && holder.status !== 'ACTIVE' && <StatusBadge status={holder.status} />}
      </Group>
      <Text size="xs" c="dimmed">
        {holder.login}
      </Text>
    </>
  );
}

function GroupHolder({ id, name, members }: { id: string; name: string; members: number }) {
  const [opened, { toggle }] = useDisclosure();
  return (
    <Stack gap={4} align="flex-start">
      <Group gap="xs">
        <Anchor component={Link} to={`/groups/${id}`} fw={600} size="sm">
          {name}
        </Anchor>
        <Badge color="gray">Group</Badge>
      </Group>
      {members === 0 ? (
        <Text size="xs" c="dimmed">
          Nobody is in it
        </Text>
      ) : (
        <Button variant="subtle" size="compact-xs" onClick={toggle} aria-expanded={opened}>
          {members === 1 ? '1 person' : `${members} people`} through group {name}
        </Button>
      )}
      {opened && <Members groupId={id} />}
    </Stack>
  );
}

const MOST_SHOWN = 50;

function Members({ groupId }: { groupId: string }) {
  const query = useGet<User[]>(`/api/v1/groups/${groupId}/users?limit=${MOST_SHOWN}`);
  return (
    <Loaded query={query}>
      {(users) => (
        <List size="sm" spacing={2} pl="sm" listStyleType="none">
          {users.map((user) => (
            <List.Item key={user.id}>
              <Anchor component={Link} to={`/people/${user.id}`} size="sm">
                {nameOf(user)}
              </Anchor>
            </List.Item>
          ))}
          {users.length === MOST_SHOWN && (
            <List.Item>
              <Anchor component={Link} to={`/groups/${groupId}`} size="sm">
                All of them
              </Anchor>
            </List.Item>
          )}
        </List>
      )}
    </Loaded>
  );
}
