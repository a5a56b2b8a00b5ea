// Owns the giving of an administrator role: to whom, and which, with what each may do. Not here: who has which (administrators.tsx).
import { Modal, Radio, SegmentedControl, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { post } from '../api.ts';
import { tellDone, useSubmit } from '../parts/changes.ts';
import { field } from '../parts/field.ts';
import { FormButtons, Problem } from '../parts/form-parts.tsx';
import { PickClients, PickGroups, PickPeople } from '../parts/pick.tsx';
import { useRefresh } from '../queries.ts';
import { ROLE_WORDS } from '../role-words.ts';
import type { Administrator } from '../types.ts';

type Kind = Administrator['holder']['kind'];

const PATHS: Record<Kind, string> = { USER: '/api/v1/users', GROUP: '/api/v1/groups', CLIENT: '/oauth2/v1/clients' };

export function rolesPath(kind: Kind, id: string): string {
  return `${PATHS[kind]}/${id}/roles`;
}

/** `path`: of the one holder, where it is settled. */
export function RoleDialog({ path, who, close }: { path?: string; who?: string; close: () => void }) {
  const refresh = useRefresh();
  const form = useForm({
    initialValues: { kind: 'USER' as Kind, ids: [] as string[], type: '' },
    validate: {
      ids: (ids) => (path === undefined && ids.length === 0 ? 'Choose who gets the role' : null),
      type: (type) => (type === '' ? 'Choose a role' : null),
    },
  });
  const { busy, problem, submit } = useSubmit(form, async ({ kind, ids, type }) => {
    const places = path === undefined ? ids.map((id) => rolesPath(kind, id)) : [`${path}/roles`];
    for (const place of places) await post(place, { type });
    await refresh('/api/v1/administrators', '/api/v1/users', '/api/v1/groups');
    tellDone('The role was given');
    close();
  });
  const choose = (kind: string) => form.setValues({ kind: kind as Kind, ids: [] });
  const holders = field(form, 'ids');
  const { kind } = form.values;
  return (
    <Modal opened onClose={close} title={who === undefined ? 'Add Administrator' : `Give ${who} a role`} size="lg">
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          {path === undefined && (
            <>
              <SegmentedControl
                aria-label="Who gets the role"
                value={kind}
                onChange={choose}
                data={[
                  { value: 'USER', label: 'People' },
                  { value: 'GROUP', label: 'Groups' },
                  { value: 'CLIENT', label: 'API clients' },
                ]}
              />
              {kind === 'USER' && <PickPeople label="People" withAsterisk {...holders} />}
              {kind === 'GROUP' && (
                <PickGroups
                  label="Groups"
                  description="Every member has the role, for as long as they are in the group"
                  withAsterisk
                  {...holders}
                />
              )}
              {kind === 'CLIENT' && (
                <PickClients
                  label="Clients"
                  description="API services, which act for themselves by their own key or secret"
                  withAsterisk
                  {...holders}
                />
              )}
            </>
          )}
          <Radio.Group label="Role" withAsterisk {...form.getInputProps('type')}>
            <Stack gap="sm" mt="xs">
              {ROLE_WORDS.map(({ type, label, may }) => (
                <Radio key={type} value={type} label={label} description={may} />
              ))}
            </Stack>
          </Radio.Group>
        </Stack>
        <FormButtons busy={busy} cancel={close} save="Give role" />
      </form>
    </Modal>
  );
}
