// Owns the page of one person: profile, groups, and the acts of their life: activate, suspend, unlock, reset, end.
import { Alert, Anchor, Button, Group, List, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { post, remove } from '../api.ts';
import { useAct } from '../parts/changes.ts';
import { ask } from '../parts/confirm.tsx';
import { CopyValue } from '../parts/copy-value.tsx';
import { Facts, Section } from '../parts/form-parts.tsx';
import { Moment } from '../parts/moment.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { nameOf } from '../parts/pick.tsx';
import { Loaded } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useGet, useRefresh } from '../queries.ts';
import type { User, Group as UserGroup } from '../types.ts';
import { FactorsOf } from './factors-of.tsx';
import { RolesOf } from './roles-of.tsx';

type Act = { label: string; path: string; in: readonly string[]; done: string; warning?: string };

const ACTS: readonly Act[] = [
  {
    label: 'Activate',
    path: 'activate?sendEmail=false',
    in: ['STAGED', 'DEPROVISIONED'],
    done: 'The person was activated',
  },
  {
    label: 'Reset Password',
    path: 'reset_password?sendEmail=false',
    in: ['ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY', 'LOCKED_OUT'],
    done: 'A link to set a new password was made',
    warning: 'The present password stops working at once.',
  },
  { label: 'Unlock', path: 'unlock', in: ['LOCKED_OUT'], done: 'The person can sign in again' },
  { label: 'Unsuspend', path: 'unsuspend', in: ['SUSPENDED'], done: 'The person can sign in again' },
  {
    label: 'Suspend',
    path: 'suspend',
    in: ['ACTIVE'],
    done: 'The person was suspended',
    warning: 'They can no longer sign in, until somebody unsuspends them.',
  },
  {
    label: 'Deactivate',
    path: 'deactivate',
    in: ['STAGED', 'PROVISIONED', 'ACTIVE', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT', 'SUSPENDED'],
    done: 'The person was deactivated',
    warning: 'They lose their sessions, their tokens and their assignments to applications.',
  },
];

export function PersonPage() {
  const { userId = '' } = useParams();
  const path = `/api/v1/users/${userId}`;
  const query = useGet<User>(path);
  const [link, setLink] = useState<string | null>(null);
  return (
    <Loaded query={query}>
      {(user) => (
        <>
          <PageHeader
            title={nameOf(user)}
            above={[{ label: 'People', to: '/people' }]}
            badge={<StatusBadge status={user.status} />}
            actions={<Acts user={user} tellLink={setLink} />}
          />
          <Stack gap={0} maw={860}>
            {link && (
              <Alert mb="lg" color="yellow" title="Hand this link to the person: it works once">
                <CopyValue label="Link" value={link} />
              </Alert>
            )}
            <Section title="Profile">
              <Facts
                facts={[
                  ['Username', <CopyValue key="login" label="Username" value={user.profile.login} />],
                  ['Primary email', user.profile.email],
                  ['First name', user.profile.firstName],
                  ['Last name', user.profile.lastName],
                  ['User ID', <CopyValue key="id" label="User ID" value={user.id} />],
                  ['Created', <Moment key="created" at={user.created} />],
                  ['Last sign-in', <Moment key="last" at={user.lastLogin} />],
                ]}
              />
            </Section>
            <GroupsOf path={path} />
            <FactorsOf path={path} who={user.profile.login} />
            <RolesOf path={path} who={nameOf(user)} kind="USER" />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function Acts({ user, tellLink }: { user: User; tellLink: (link: string | null) => void }) {
  const refresh = useRefresh();
  const { act, busy } = useAct();
  const path = `/api/v1/users/${user.id}`;
  const run = (one: Act) =>
    void act(async () => {
      const answer = await post<{ resetPasswordUrl?: string; activationUrl?: string } | undefined>(
        `${path}/lifecycle/${one.path}`,
      );
      tellLink(answer?.resetPasswordUrl ?? answer?.activationUrl ?? null);
      await refresh('/api/v1/users');
    }, one.done);
  const endSessions = () =>
    void act(() => remove(`${path}/sessions?oauthTokens=true`), 'Their sessions and tokens ended');
  const name = user.profile.login;
  return (
    <>
      {ACTS.filter(({ in: statuses }) => statuses.includes(user.status)).map((one) => (
        <Button
          key={one.label}
          variant="default"
          size="sm"
          loading={busy}
          onClick={() =>
            one.warning
              ? ask({ title: `${one.label}: ${name}?`, what: one.warning, yes: one.label, act: () => run(one) })
              : run(one)
          }
        >
          {one.label}
        </Button>
      ))}
      <Button
        variant="default"
        size="sm"
        onClick={() =>
          ask({
            title: `Sign ${name} out everywhere?`,
            what: 'All sessions end, and the refresh tokens of every application.',
            yes: 'Clear Sessions',
            act: endSessions,
          })
        }
      >
        Clear Sessions
      </Button>
    </>
  );
}

function GroupsOf({ path }: { path: string }) {
  const query = useGet<UserGroup[]>(`${path}/groups`);
  return (
    <Section title="Groups">
      <Loaded query={query}>
        {(groups) =>
          groups.length === 0 ? (
            <Text size="sm">In no group.</Text>
          ) : (
            <List size="sm" listStyleType="none" spacing={4}>
              {groups.map(({ id, profile }) => (
                <List.Item key={id}>
                  <Group gap="xs">
                    <Anchor component={Link} to={`/groups/${id}`} size="sm">
                      {profile.name}
                    </Anchor>
                  </Group>
                </List.Item>
              ))}
            </List>
          )
        }
      </Loaded>
    </Section>
  );
}
