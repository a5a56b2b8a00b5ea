// Owns the Scopes tab: what applications may ask this server for.
import { Badge, Button, Checkbox, Group, Modal, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { post, put, remove } from '../../api.ts';
import { tellDone, useAct, useSubmit } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { Entries } from '../../parts/entries.tsx';
import { FormButtons, Problem } from '../../parts/form-parts.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { AuthorizationServer, Scope } from '../../types.ts';
import { UsesOfScope, usesOfScope } from './uses-of-scope.tsx';

const CONSENT: Record<Scope['consent'], string> = { IMPLICIT: 'Implicit', FLEXIBLE: 'Optional', REQUIRED: 'Required' };

export function ScopesTab({ server }: { server: AuthorizationServer }) {
  const base = `/api/v1/authorizationServers/${server.id}`;
  const path = `${base}/scopes`;
  const query = useGet<Scope[]>(path);
  const refresh = useRefresh();
  const { act } = useAct();
  const [edited, setEdited] = useState<Scope | 'new' | null>(null);
  const destroy = async ({ id, name }: Scope) => {
    const uses = await usesOfScope(base, { name });
    ask({
      title: `Delete the scope ${name}?`,
      what: (
        <>
          <UsesOfScope uses={uses} />
          Applications that ask for it are refused, and rules that name it keep the name.
        </>
      ),
      yes: 'Delete',
      act: () =>
        void act(async () => {
          await remove(`${path}/${id}`);
          await refresh(path);
        }, 'The scope was deleted'),
    });
  };
  return (
    <>
      <Group mb="md">
        <Button onClick={() => setEdited('new')}>Add Scope</Button>
      </Group>
      {edited !== null && (
        <ScopeDialog path={path} scope={edited === 'new' ? null : edited} close={() => setEdited(null)} />
      )}
      <Loaded query={query}>
        {(scopes) => (
          <Entries
            label="Scopes"
            // What was added here stands before what every server has.
            items={[...scopes].sort((one, other) => Number(one.system) - Number(other.system))}
            keyOf={({ id }) => id}
            columns={[
              [
                'Name',
                ({ name, default: isDefault }) => (
                  <Group gap="xs" wrap="nowrap">
                    <Text size="sm" fw={600}>
                      {name}
                    </Text>
                    {isDefault && <Badge>Default</Badge>}
                  </Group>
                ),
              ],
              [
                'Display phrase',
                ({ displayName, description }) => <Text size="sm">{displayName ?? description ?? '—'}</Text>,
              ],
              ['User consent', ({ consent }) => CONSENT[consent]],
              ['Metadata publish', ({ metadataPublish }) => (metadataPublish === 'ALL_CLIENTS' ? 'Yes' : 'No')],
              [
                'Actions',
                (scope) =>
                  !scope.system && (
                    <Group gap="xs" wrap="nowrap">
                      <Button
                        variant="default"
                        size="compact-xs"
                        aria-label={`Edit ${scope.name}`}
                        onClick={() => setEdited(scope)}
                      >
                        Edit
                      </Button>
                      <Button
                        variant="default"
                        size="compact-xs"
                        aria-label={`Delete ${scope.name}`}
                        onClick={() => void act(() => destroy(scope))}
                      >
                        Delete
                      </Button>
                    </Group>
                  ),
              ],
            ]}
          />
        )}
      </Loaded>
    </>
  );
}

function ScopeDialog({ path, scope, close }: { path: string; scope: Scope | null; close: () => void }) {
  const refresh = useRefresh();
  const form = useForm({
    initialValues: {
      name: scope?.name ?? '',
      displayName: scope?.displayName ?? '',
      description: scope?.description ?? '',
      consent: scope?.consent ?? 'IMPLICIT',
      default: scope?.default ?? false,
      published: (scope?.metadataPublish ?? 'ALL_CLIENTS') === 'ALL_CLIENTS',
      optional: scope?.optional ?? false,
    },
    validate: { name: (name) => (name.trim() === '' ? 'Give the scope a name' : null) },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async ({ published, displayName, description, ...values }) => {
      const body = {
        ...values,
        displayName: displayName || null,
        description: description || null,
        metadataPublish: published ? 'ALL_CLIENTS' : 'NO_CLIENTS',
      };
      await (scope ? put(`${path}/${scope.id}`, body) : post(path, body));
      await refresh(path);
      tellDone(scope ? 'Saved' : 'The scope was added');
      close();
    },
    { metadataPublish: 'published' },
  );
  return (
    <Modal opened onClose={close} title={scope ? `Edit ${scope.name}` : 'Add Scope'}>
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          <TextInput
            label="Name"
            withAsterisk
            data-autofocus
            readOnly={scope !== null}
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Display phrase"
            description="What people read when they are asked for consent"
            {...form.getInputProps('displayName')}
          />
          <Textarea label="Description" autosize {...form.getInputProps('description')} />
          <Radio.Group label="User consent" {...form.getInputProps('consent')}>
            <Stack gap="xs" mt="xs">
              <Radio value="IMPLICIT" label="Implicit" description="Nobody is asked" />
              <Radio value="FLEXIBLE" label="Optional" description="Asked where the application requires consent" />
              <Radio value="REQUIRED" label="Required" description="Asked always" />
            </Stack>
          </Radio.Group>
          <Checkbox
            label="Set as a default scope"
            description="Given to a request that names no scope"
            {...form.getInputProps('default', { type: 'checkbox' })}
          />
          <Checkbox label="Include in public metadata" {...form.getInputProps('published', { type: 'checkbox' })} />
        </Stack>
        <FormButtons busy={busy} cancel={close} save={scope ? 'Save' : 'Create'} />
      </form>
    </Modal>
  );
}
