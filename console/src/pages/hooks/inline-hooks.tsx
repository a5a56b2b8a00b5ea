// Owns Workflow > Inline Hooks: which services are asked before tokens are issued, and the making of another one.
import { Anchor, Button, Modal, Text } from '@mantine/core';
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
import type { InlineHook } from '../../types.ts';
import { INLINE_HOOK_ENDS } from './hook-ends.ts';
import { InlineHookForm } from './inline-hook-form.tsx';
import { hookTypeWords } from './inline-hook-types.ts';

const PATH = '/api/v1/inlineHooks';

export function InlineHooks() {
  const query = useGet<InlineHook[]>(PATH);
  const refresh = useRefresh();
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure();
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Create Inline Hook
    </Button>
  );
  const send = async (body: object) => {
    const made = await post<InlineHook>(PATH, body);
    await refresh(PATH);
    tellDone('The hook was made: choose it in a rule of an access policy, and it is asked');
    await navigate(`/inline-hooks/${made.id}`);
  };
  return (
    <>
      <PageHeader
        title="Inline Hooks"
        intro="Services of yours that are asked while tokens are made: they may add claims, change lifetimes, or refuse. A rule of an access policy says which hook is asked."
        actions={create}
      />
      <Modal opened={opened} onClose={close} title="Create Token Inline Hook" size="lg">
        <InlineHookForm hook={null} send={send} cancel={close} />
      </Modal>
      <Loaded query={query}>
        {(hooks) =>
          hooks.length === 0 ? (
            <Empty title="No inline hook yet" action={create}>
              Where a claim’s value is known to another system only, a hook asks that system at the moment of signing
              in.
            </Empty>
          ) : (
            <Entries
              label="Inline hooks"
              items={hooks}
              keyOf={({ id }) => id}
              columns={[
                [
                  'Name',
                  ({ id, name }) => (
                    <Anchor component={Link} to={`/inline-hooks/${id}`} fw={600} size="sm">
                      {name}
                    </Anchor>
                  ),
                ],
                ['Type', ({ type }) => <Text size="sm">{hookTypeWords(type)}</Text>],
                ['Status', ({ status }) => <StatusBadge status={status} />],
                [
                  'Actions',
                  ({ id, name, status }) => (
                    <Lifecycle
                      path={`${PATH}/${id}`}
                      list={PATH}
                      status={status}
                      name={name}
                      noun="hook"
                      {...INLINE_HOOK_ENDS}
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
