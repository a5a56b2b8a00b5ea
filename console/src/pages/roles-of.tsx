// Owns the administrator roles of one person or group, on their own page: given there, and taken away there unless they come through a
// group. Not here: the list of all (administrators.tsx).
import { Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Section } from '../parts/form-parts.tsx';
import { Loaded } from '../parts/states.tsx';
import { useGet } from '../queries.ts';
import { mayOf } from '../role-words.ts';
import type { Role, Group as UserGroup } from '../types.ts';
import { RevokeRole } from './revoke-role.tsx';
import { RoleDialog } from './role-dialog.tsx';

export function RolesOf({ path, who, kind }: { path: string; who: string; kind: 'USER' | 'GROUP' }) {
  const query = useGet<Role[]>(`${path}/roles`);
  const [opened, { open, close }] = useDisclosure();
  return (
    <Section
      title="Administrator roles"
      actions={
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={open}
          aria-label="Give a role"
        >
          Give a role
        </Button>
      }
    >
      {opened && <RoleDialog path={path} who={who} close={close} />}
      <Loaded query={query}>
        {(roles) =>
          roles.length === 0 ? (
            <Text size="sm">
              {kind === 'USER'
                ? 'None: they cannot open this console.'
                : 'None: being in this group makes nobody an administrator.'}
            </Text>
          ) : (
            <Stack gap="sm">
              {roles.map((role) => (
                <Group key={role.id + role._links.assignee.href} justify="space-between" wrap="nowrap">
                  <div>
                    <Group gap="xs">
                      <Text size="sm" fw={600}>
                        {role.label}
                      </Text>
                      {kind === 'USER' && role.assignmentType === 'GROUP' && <Through role={role} />}
                    </Group>
                    <Text size="sm" c="dimmed">
                      {mayOf(role.type)}
                    </Text>
                  </div>
                  {role.assignmentType === kind && (
                    <RevokeRole path={`${path}/roles/${role.id}`} who={who} role={role} />
                  )}
                </Group>
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  );
}

function Through({ role }: { role: Role }) {
  const id = role._links.assignee.href.split('/').at(-1) ?? '';
  const { data } = useGet<UserGroup>(`/api/v1/groups/${id}`);
  return (
    <Badge color="gray">
      through group{' '}
      <Anchor component={Link} to={`/groups/${id}`} inherit underline="always">
        {data?.profile.name ?? id}
      </Anchor>
    </Badge>
  );
}
