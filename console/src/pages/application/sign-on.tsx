// Owns the Sign On tab: how ID tokens of the org's own server are issued to this application.

import { Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { post } from '../../api.ts';
import { CONSOLE_CLIENT_ID } from '../../console-client.ts';
import { tellDone, useSubmit } from '../../parts/changes.ts';
import { CopyValue } from '../../parts/copy-value.tsx';
import { field } from '../../parts/field.ts';
import { Facts, FormButtons, Problem, Section } from '../../parts/form-parts.tsx';
import { IssuerChoice, issuerWords } from '../../parts/issuer-choice.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { Application, IssuerMode } from '../../types.ts';

type Settings = {
  issuer: string;
  orgUrl: string | null;
  customUrl: string | null;
  audience: string;
  issuerMode: IssuerMode;
  valueType?: 'GROUPS' | 'EXPRESSION';
  name?: string;
  groupFilterType?: string;
  value?: string;
};

const FILTERS = [
  { value: 'STARTS_WITH', label: 'Starts with' },
  { value: 'EQUALS', label: 'Equals' },
  { value: 'CONTAINS', label: 'Contains' },
  { value: 'REGEX', label: 'Matches regex' },
];

export function SignOnTab({ app }: { app: Application }) {
  const query = useGet<Settings>(`/api/v1/internal/apps/${app.id}/settings/oauth/idToken`);
  return (
    <Stack maw={860}>
      <Loaded query={query}>{(settings) => <IdToken app={app} settings={settings} />}</Loaded>
    </Stack>
  );
}

function IdToken({ app, settings }: { app: Application; settings: Settings }) {
  const [editing, { open, close }] = useDisclosure();
  const locked = app.credentials.oauthClient?.client_id === CONSOLE_CLIENT_ID;
  if (editing)
    return (
      <Section title="OpenID Connect ID Token">
        <IdTokenForm app={app} settings={settings} close={close} />
      </Section>
    );
  const filter = FILTERS.find(({ value }) => value === settings.groupFilterType)?.label ?? '';
  return (
    <Section title="OpenID Connect ID Token" onEdit={locked ? undefined : open}>
      <Facts
        facts={[
          ['Issuer', issuerWords(settings.issuerMode)],
          [
            'Issuer of tokens from the organization',
            <CopyValue key="issuer" label="Organization issuer" value={settings.issuer} />,
          ],
          ['Audience', <CopyValue key="audience" label="Audience" value={settings.audience} />],
          [
            'Groups claim',
            settings.valueType === undefined
              ? 'None'
              : settings.valueType === 'GROUPS'
                ? `${settings.name}: ${filter} ${settings.value}`
                : `${settings.name} = ${settings.value}`,
          ],
        ]}
      />
      <Text size="xs" c="dimmed" mt="md">
        These are the terms of ID tokens from the organization’s own issuer. Tokens from an authorization server follow
        that server’s Settings, under Security &gt; API.
      </Text>
    </Section>
  );
}

function IdTokenForm({ app, settings, close }: { app: Application; settings: Settings; close: () => void }) {
  const refresh = useRefresh();
  const path = `/api/v1/internal/apps/${app.id}/settings/oauth/idToken`;
  const form = useForm({
    initialValues: {
      issuerMode: settings.issuerMode,
      valueType: settings.valueType ?? '',
      name: settings.name ?? 'groups',
      groupFilterType: settings.groupFilterType ?? 'STARTS_WITH',
      value: settings.value ?? '',
    },
  });
  const { valueType } = form.values;
  const { busy, problem, submit } = useSubmit(form, async ({ issuerMode, valueType, name, groupFilterType, value }) => {
    await post(path, {
      issuerMode,
      ...(valueType === '' ? {} : { valueType, name, value, ...(valueType === 'GROUPS' ? { groupFilterType } : {}) }),
    });
    await refresh('/api/v1/apps', path);
    tellDone('Saved');
    close();
  });
  return (
    <form onSubmit={submit}>
      <Problem text={problem} />
      <Stack>
        <IssuerChoice {...field(form, 'issuerMode')} hasCustom={settings.customUrl !== null} />
        <TextInput label="Audience" description="Always the Client ID" value={settings.audience} readOnly />
        <Radio.Group label="Groups claim type" {...form.getInputProps('valueType')}>
          <Stack gap="xs" mt="xs">
            <Radio value="" label="None" />
            <Radio value="GROUPS" label="Filter" />
            <Radio value="EXPRESSION" label="Expression" />
          </Stack>
        </Radio.Group>
        {valueType !== '' && <TextInput label="Groups claim name" {...form.getInputProps('name')} />}
        {valueType === 'GROUPS' && (
          <Select
            label="Groups claim filter"
            data={FILTERS}
            allowDeselect={false}
            {...form.getInputProps('groupFilterType')}
          />
        )}
        {valueType !== '' && (
          <TextInput
            label={valueType === 'GROUPS' ? 'Filter value' : 'Groups claim expression'}
            {...form.getInputProps('value')}
          />
        )}
      </Stack>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}
