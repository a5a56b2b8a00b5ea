// Owns the Claims tab: what this server's tokens say about people.
import {
  Button,
  Checkbox,
  Group,
  Modal,
  MultiSelect,
  Radio,
  SegmentedControl,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { post, put, remove } from '../../api.ts';
import { tellDone, useAct, useSubmit } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { Entries } from '../../parts/entries.tsx';
import { FormButtons, Problem } from '../../parts/form-parts.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { AuthorizationServer, Claim, Scope } from '../../types.ts';

const FILTERS = [
  { value: 'STARTS_WITH', label: 'Starts with' },
  { value: 'EQUALS', label: 'Equals' },
  { value: 'CONTAINS', label: 'Contains' },
  { value: 'REGEX', label: 'Matches regex' },
];

export function ClaimsTab({ server }: { server: AuthorizationServer }) {
  const base = `/api/v1/authorizationServers/${server.id}`;
  const path = `${base}/claims`;
  const query = useGet<Claim[]>(path);
  const refresh = useRefresh();
  const { act } = useAct();
  const [shown, setShown] = useState('all');
  const [edited, setEdited] = useState<Claim | 'new' | null>(null);
  const destroy = ({ id, name }: Claim) =>
    ask({
      title: `Delete the claim ${name}?`,
      what: 'New tokens no longer hold it; applications that read it find nothing.',
      yes: 'Delete',
      act: () =>
        void act(async () => {
          await remove(`${path}/${id}`);
          await refresh(path);
        }, 'The claim was deleted'),
    });
  return (
    <>
      <Group mb="md" justify="space-between">
        <SegmentedControl
          aria-label="Claim type"
          value={shown}
          onChange={setShown}
          data={[
            { value: 'all', label: 'All' },
            { value: 'RESOURCE', label: 'Access token' },
            { value: 'IDENTITY', label: 'ID token' },
          ]}
        />
        <Button onClick={() => setEdited('new')}>Add Claim</Button>
      </Group>
      {edited !== null && (
        <ClaimDialog base={base} claim={edited === 'new' ? null : edited} close={() => setEdited(null)} />
      )}
      <Loaded query={query}>
        {(claims) => (
          <Entries
            label="Claims"
            items={claims
              .filter(({ claimType }) => shown === 'all' || claimType === shown)
              .sort((one, other) => Number(one.system) - Number(other.system))}
            keyOf={({ id }) => id}
            columns={[
              ['Name', ({ name }) => name],
              ['Value', valueWords],
              ['Scopes', ({ conditions }) => (conditions.scopes.length === 0 ? 'Any' : conditions.scopes.join(', '))],
              ['Type', ({ claimType }) => (claimType === 'RESOURCE' ? 'Access token' : 'ID token')],
              [
                'Included',
                ({ alwaysIncludeInToken }) => (alwaysIncludeInToken ? 'Always' : 'Userinfo / id_token request'),
              ],
              ['Status', ({ status }) => <StatusBadge status={status} />],
              [
                'Actions',
                (claim) =>
                  !claim.system && (
                    <Group gap="xs" wrap="nowrap">
                      <Button
                        variant="default"
                        size="compact-xs"
                        aria-label={`Edit ${claim.name}`}
                        onClick={() => setEdited(claim)}
                      >
                        Edit
                      </Button>
                      <Button
                        variant="default"
                        size="compact-xs"
                        aria-label={`Delete ${claim.name}`}
                        onClick={() => destroy(claim)}
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

function valueWords({ valueType, value, group_filter_type }: Claim): string {
  if (valueType === 'SYSTEM') return 'The standard claim';
  if (valueType === 'EXPRESSION') return value ?? '';
  return `Groups: ${FILTERS.find((one) => one.value === group_filter_type)?.label ?? ''} ${value ?? ''}`;
}

function ClaimDialog({ base, claim, close }: { base: string; claim: Claim | null; close: () => void }) {
  const refresh = useRefresh();
  const scopes = useGet<Scope[]>(`${base}/scopes`);
  const form = useForm({
    initialValues: {
      name: claim?.name ?? '',
      claimType: claim?.claimType ?? 'RESOURCE',
      always: claim?.alwaysIncludeInToken ?? true,
      valueType: claim?.valueType ?? 'EXPRESSION',
      value: claim?.value ?? '',
      group_filter_type: claim?.group_filter_type ?? 'STARTS_WITH',
      disabled: claim?.status === 'INACTIVE',
      anyScope: (claim?.conditions.scopes.length ?? 0) === 0,
      scopes: claim?.conditions.scopes ?? [],
    },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the claim a name' : null),
      value: (value) => (value.trim() === '' ? 'Say what the claim holds' : null),
      scopes: (names, { anyScope }) => (!anyScope && names.length === 0 ? 'Choose at least one scope' : null),
    },
  });
  const { values } = form;
  const { busy, problem, submit } = useSubmit(
    form,
    async ({ always, disabled, anyScope, scopes, group_filter_type, ...rest }) => {
      const body = {
        ...rest,
        status: disabled ? 'INACTIVE' : 'ACTIVE',
        alwaysIncludeInToken: rest.claimType === 'RESOURCE' || always,
        conditions: { scopes: anyScope ? [] : scopes },
        ...(rest.valueType === 'GROUPS' ? { group_filter_type } : {}),
      };
      await (claim ? put(`${base}/claims/${claim.id}`, body) : post(`${base}/claims`, body));
      await refresh(`${base}/claims`);
      tellDone(claim ? 'Saved' : 'The claim was added');
      close();
    },
  );
  return (
    <Modal opened onClose={close} title={claim ? `Edit ${claim.name}` : 'Add Claim'}>
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          <TextInput label="Name" withAsterisk data-autofocus {...form.getInputProps('name')} />
          <Select
            label="Include in token type"
            allowDeselect={false}
            data={[
              { value: 'RESOURCE', label: 'Access Token' },
              { value: 'IDENTITY', label: 'ID Token' },
            ]}
            {...form.getInputProps('claimType')}
          />
          {values.claimType === 'IDENTITY' && (
            <Select
              label="Included"
              allowDeselect={false}
              data={[
                { value: 'always', label: 'Always' },
                { value: 'asked', label: 'Userinfo / id_token request' },
              ]}
              value={values.always ? 'always' : 'asked'}
              onChange={(to) => form.setFieldValue('always', to === 'always')}
            />
          )}
          <Select
            label="Value type"
            allowDeselect={false}
            data={[
              { value: 'EXPRESSION', label: 'Expression' },
              { value: 'GROUPS', label: 'Groups' },
            ]}
            {...form.getInputProps('valueType')}
          />
          {values.valueType === 'GROUPS' && (
            <Select label="Filter" allowDeselect={false} data={FILTERS} {...form.getInputProps('group_filter_type')} />
          )}
          <TextInput
            label={values.valueType === 'GROUPS' ? 'Filter value' : 'Value'}
            placeholder={values.valueType === 'GROUPS' ? '.*' : 'user.email'}
            withAsterisk
            {...form.getInputProps('value')}
          />
          <Checkbox label="Disable claim" {...form.getInputProps('disabled', { type: 'checkbox' })} />
          <Radio.Group
            label="Include in"
            value={values.anyScope ? 'any' : 'these'}
            onChange={(to) => form.setFieldValue('anyScope', to === 'any')}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="any" label="Any scope" />
              <Radio value="these" label="The following scopes:" />
            </Stack>
          </Radio.Group>
          {!values.anyScope && (
            <MultiSelect
              label="Scopes"
              searchable
              data={(scopes.data ?? []).map(({ name }) => name)}
              {...form.getInputProps('scopes')}
            />
          )}
        </Stack>
        <FormButtons busy={busy} cancel={close} save={claim ? 'Save' : 'Create'} />
      </form>
    </Modal>
  );
}
