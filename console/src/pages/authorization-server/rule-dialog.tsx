// Owns the dialog of one rule: for which requests it is, and what tokens they get.

import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  Radio,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { post, put } from '../../api.ts';
import { tellDone, useSubmit } from '../../parts/changes.ts';
import { field } from '../../parts/field.ts';
import { FormButtons, Problem } from '../../parts/form-parts.tsx';
import { PickGroups, PickPeople } from '../../parts/pick.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { InlineHook, Rule, Scope } from '../../types.ts';
import { TOKEN_HOOK } from '../hooks/inline-hook-types.ts';
import { type Duration, RULE_GRANTS, toDuration, toMinutes } from './rule-words.ts';

type Values = {
  name: string;
  grantTypes: string[];
  anyUser: boolean;
  groups: string[];
  users: string[];
  anyScopes: boolean;
  scopes: string[];
  access: Duration;
  unlimited: boolean;
  refresh: Duration;
  idle: Duration;
  hook: string;
};

const FIELDS = {
  accessTokenLifetimeMinutes: 'access',
  refreshTokenLifetimeMinutes: 'refresh',
  refreshTokenWindowMinutes: 'idle',
  include: 'grantTypes',
  inlineHook: 'hook',
} as const;

export function RuleDialog({
  base,
  path,
  rule,
  close,
}: {
  base: string;
  path: string;
  rule: Rule | null;
  close: () => void;
}) {
  const refresh = useRefresh();
  const scopes = useGet<Scope[]>(`${base}/scopes`);
  const form = useForm<Values>({
    initialValues: valuesOf(rule),
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the rule a name' : null),
      grantTypes: (grants) => (grants.length === 0 ? 'Choose at least one grant type' : null),
      groups: (groups, { anyUser, users }) =>
        !anyUser && groups.length + users.length === 0 ? 'Choose at least one group or person' : null,
      scopes: (names, { anyScopes }) => (!anyScopes && names.length === 0 ? 'Choose at least one scope' : null),
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async (values) => {
      const body = toBody(values, rule);
      await (rule ? put(`${path}/${rule.id}`, body) : post(path, body));
      await refresh(path);
      tellDone(rule ? 'Saved' : 'The rule was created');
      close();
    },
    FIELDS,
  );
  const { values } = form;
  return (
    <Modal opened onClose={close} title={rule ? `Edit ${rule.name}` : 'Add Rule'} size="lg">
      <form onSubmit={submit} noValidate>
        <Problem text={problem} />
        <Stack>
          <TextInput label="Rule Name" withAsterisk data-autofocus {...form.getInputProps('name')} />
          <Checkbox.Group label="IF Grant type is" {...form.getInputProps('grantTypes')}>
            <Stack gap="xs" mt="xs">
              {RULE_GRANTS.map(({ group, grants }) => (
                <div key={group}>
                  <Text size="xs" c="dimmed" mb={4}>
                    {group}
                  </Text>
                  <Group gap="lg">
                    {grants.map(({ value, label }) => (
                      <Checkbox key={value} value={value} label={label} />
                    ))}
                  </Group>
                </div>
              ))}
            </Stack>
          </Checkbox.Group>
          <Radio.Group
            label="AND User is"
            value={values.anyUser ? 'any' : 'these'}
            onChange={(to) => form.setFieldValue('anyUser', to === 'any')}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="any" label="Any user assigned the app" />
              <Radio value="these" label="Assigned the app and a member of one of the following:" />
            </Stack>
          </Radio.Group>
          {!values.anyUser && (
            <Stack gap="xs" pl="lg">
              <PickGroups label="Groups" {...field(form, 'groups')} />
              <PickPeople label="People" {...field(form, 'users')} />
            </Stack>
          )}
          <Radio.Group
            label="AND Scopes requested"
            value={values.anyScopes ? 'any' : 'these'}
            onChange={(to) => form.setFieldValue('anyScopes', to === 'any')}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="any" label="Any scopes" />
              <Radio value="these" label="The following scopes:" />
            </Stack>
          </Radio.Group>
          {!values.anyScopes && (
            <Stack gap="xs" pl="lg">
              <MultiSelect
                label="Scopes"
                searchable
                data={(scopes.data ?? []).map(({ name }) => name)}
                {...form.getInputProps('scopes')}
              />
              <Group>
                <Button
                  variant="subtle"
                  size="compact-xs"
                  onClick={() =>
                    form.setFieldValue('scopes', [
                      ...new Set([
                        ...values.scopes,
                        ...(scopes.data ?? [])
                          .filter(({ system, name }) => system && name !== 'device_sso')
                          .map(({ name }) => name),
                      ]),
                    ])
                  }
                >
                  OIDC default scopes
                </Button>
              </Group>
            </Stack>
          )}
          <DurationField label="THEN Access token lifetime is" {...field(form, 'access')} />
          <Radio.Group
            label="AND Refresh token lifetime is"
            value={values.unlimited ? 'unlimited' : 'limited'}
            onChange={(to) => form.setFieldValue('unlimited', to === 'unlimited')}
          >
            <Group mt="xs">
              <Radio value="unlimited" label="Unlimited" />
              <Radio value="limited" label="Limited" />
            </Group>
          </Radio.Group>
          {!values.unlimited && <DurationField label="Refresh token lifetime" {...field(form, 'refresh')} />}
          <DurationField label="but will expire if not used every" {...field(form, 'idle')} />
          <PickHook {...field(form, 'hook')} />
        </Stack>
        <FormButtons busy={busy} cancel={close} save={rule ? 'Update Rule' : 'Create Rule'} />
      </form>
    </Modal>
  );
}

function valuesOf(rule: Rule | null): Values {
  const people = rule?.conditions.people;
  const groups = (people?.groups.include ?? []).filter((id) => id !== 'EVERYONE');
  const users = people?.users.include ?? [];
  const scopes = rule?.conditions.scopes.include ?? ['*'];
  const token = rule?.actions.token;
  return {
    name: rule?.name ?? '',
    grantTypes: rule?.conditions.grantTypes.include ?? ['authorization_code'],
    anyUser: groups.length + users.length === 0,
    groups,
    users,
    anyScopes: scopes.includes('*'),
    scopes: scopes.filter((name) => name !== '*'),
    access: toDuration(token?.accessTokenLifetimeMinutes ?? 60),
    unlimited: (token?.refreshTokenLifetimeMinutes ?? 0) === 0,
    refresh: toDuration(token?.refreshTokenLifetimeMinutes || 90 * 1440),
    idle: toDuration(token?.refreshTokenWindowMinutes ?? 10_080),
    hook: token?.inlineHook?.id ?? '',
  };
}

function toBody(values: Values, rule: Rule | null) {
  const people = rule?.conditions.people;
  return {
    type: 'RESOURCE_ACCESS',
    name: values.name.trim(),
    ...(rule ? { priority: rule.priority } : {}),
    conditions: {
      people: {
        users: { include: values.anyUser ? [] : values.users, exclude: people?.users.exclude ?? [] },
        groups: { include: values.anyUser ? ['EVERYONE'] : values.groups, exclude: people?.groups.exclude ?? [] },
      },
      grantTypes: { include: values.grantTypes },
      scopes: { include: values.anyScopes ? ['*'] : values.scopes },
    },
    actions: {
      token: {
        accessTokenLifetimeMinutes: toMinutes(values.access),
        refreshTokenLifetimeMinutes: values.unlimited ? 0 : toMinutes(values.refresh),
        refreshTokenWindowMinutes: toMinutes(values.idle),
        ...(values.hook === '' ? {} : { inlineHook: { id: values.hook } }),
      },
    },
  };
}

/** Not shown where there is none to choose. */
function PickHook(props: { value: string; onChange: (id: string) => void; error?: ReactNode }) {
  const { data } = useGet<InlineHook[]>(`/api/v1/inlineHooks?type=${TOKEN_HOOK}`);
  const hooks = (data ?? []).filter(({ id, status }) => status === 'ACTIVE' || id === props.value);
  if (hooks.length === 0) return null;
  return (
    <Select
      label="AND use this inline hook"
      placeholder="None (disabled)"
      clearable
      searchable
      data={hooks.map(({ id, name }) => ({ value: id, label: name }))}
      {...props}
      value={props.value || null}
      onChange={(id) => props.onChange(id ?? '')}
    />
  );
}

type DurationProps = { label: string; value: Duration; onChange: (duration: Duration) => void; error?: ReactNode };

function DurationField({ label, value, onChange, error }: DurationProps) {
  return (
    <Fieldset legend={label} variant="unstyled">
      <Group align="flex-start" mt={4}>
        <NumberInput
          aria-label={`${label}: amount`}
          value={value.amount}
          onChange={(amount) => onChange({ ...value, amount: Number(amount) })}
          min={0}
          maw={120}
          error={error}
        />
        <Select
          aria-label={`${label}: unit`}
          data={['minutes', 'hours', 'days']}
          value={value.unit}
          onChange={(unit) =>
            onChange({ ...value, unit: unit === 'days' ? 'days' : unit === 'hours' ? 'hours' : 'minutes' })
          }
          allowDeselect={false}
          maw={130}
        />
      </Group>
    </Fieldset>
  );
}
