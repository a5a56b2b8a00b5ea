// Owns the taking away of a role, and the warning before it: of oneself, and of the last super administrator, whom the server keeps.
import { Button, Stack } from '@mantine/core';
import { get, remove } from '../api.ts';
import { useAct } from '../parts/changes.ts';
import { ask } from '../parts/confirm.tsx';
import { useRefresh } from '../queries.ts';
import { session } from '../session.ts';
import type { Administrator, Role } from '../types.ts';

export function RevokeRole({ path, who, role }: { path: string; who: string; role: Role }) {
  const { act, busy } = useAct();
  const refresh = useRefresh();
  const isOwn = path.startsWith(`/api/v1/users/${session().user()?.subject}/`);
  const revoke = () =>
    void act(async () => {
      await remove(path);
      await refresh('/api/v1/administrators', '/api/v1/users', '/api/v1/groups');
    }, 'The role was taken away');
  const question = async () => {
    const isLast = role.type === 'SUPER_ADMIN' && (await isOnlySuperAdministrator());
    ask({
      title: `Take ${role.label} away from ${who}?`,
      what: (
        <Stack gap="xs" component="span">
          {isLast && (
            <strong>
              Nobody else is a super administrator. The server keeps the last one: give the role to somebody else first.
            </strong>
          )}
          {isOwn && <strong>This is your own role: you lose it at once, and cannot give it back to yourself.</strong>}
          <span>
            {role.assignmentType === 'GROUP'
              ? 'Every member of the group loses it, unless they have it another way. '
              : 'It ends at once, also for tokens that they use now. '}
            What they did stays done.
          </span>
        </Stack>
      ),
      yes: 'Take away',
      act: revoke,
    });
  };
  return (
    <Button
      variant="default"
      size="compact-xs"
      disabled={busy}
      aria-label={`Revoke ${role.label} of ${who}`}
      onClick={() => void act(question)}
    >
      Revoke
    </Button>
  );
}

/** Of those who can sign in; a client signs nobody in. */
async function isOnlySuperAdministrator(): Promise<boolean> {
  const all = await get<Administrator[]>('/api/v1/administrators?limit=200');
  const holders = all.filter(
    ({ type, holder: { kind, members, status } }) =>
      type === 'SUPER_ADMIN' && ((kind === 'USER' && status === 'ACTIVE') || (kind === 'GROUP' && (members ?? 0) > 0)),
  );
  return holders.length <= 1;
}
