// Owns the Settings tab: the server's name, audience and issuer.

import { Anchor, Radio, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { put } from '../../api.ts';
import { tellDone, useSubmit } from '../../parts/changes.ts';
import { CopyValue } from '../../parts/copy-value.tsx';
import { field } from '../../parts/field.ts';
import { Facts, FormButtons, Problem, Section } from '../../parts/form-parts.tsx';
import { IssuerChoice, issuerWords } from '../../parts/issuer-choice.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useRefresh } from '../../queries.ts';
import type { AuthorizationServer } from '../../types.ts';

export function SettingsTab({ server }: { server: AuthorizationServer }) {
  const [editing, { open, close }] = useDisclosure();
  const { signing } = server.credentials;
  return (
    <Stack maw={860}>
      <Section title="Settings" onEdit={editing ? undefined : open}>
        {editing ? (
          <SettingsForm server={server} close={close} />
        ) : (
          <Facts
            facts={[
              ['Name', server.name],
              ['Description', server.description || '—'],
              ['Audience', <CopyValue key="audience" label="Audience" value={server.audiences.join(' ')} />],
              ['Issuer', issuerWords(server.issuerMode)],
              ['Issuer URL', <CopyValue key="issuer" label="Issuer URL" value={server.issuer} />],
              [
                'Metadata URI',
                <Anchor key="metadata" size="sm" href={metadataOf(server)} target="_blank" rel="noreferrer">
                  {metadataOf(server)}
                </Anchor>,
              ],
              ['Signing Key Rotation', signing.rotationMode === 'AUTO' ? 'Automatic' : 'Manual'],
              ['Last rotation', <Moment key="last" at={signing.lastRotated} />],
              ...(signing.nextRotation
                ? [['Next rotation', <Moment key="next" at={signing.nextRotation} />] as const]
                : []),
            ]}
          />
        )}
      </Section>
    </Stack>
  );
}

function metadataOf({ issuer }: AuthorizationServer): string {
  return `${issuer}/.well-known/oauth-authorization-server`;
}

function SettingsForm({ server, close }: { server: AuthorizationServer; close: () => void }) {
  const refresh = useRefresh();
  const form = useForm({
    initialValues: {
      name: server.name,
      description: server.description ?? '',
      audience: server.audiences[0] ?? '',
      issuerMode: server.issuerMode,
      rotationMode: server.credentials.signing.rotationMode,
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async ({ name, description, audience, issuerMode, rotationMode }) => {
      await put(`/api/v1/authorizationServers/${server.id}`, {
        name,
        description,
        audiences: [audience.trim()],
        issuerMode,
        credentials: { signing: { rotationMode } },
      });
      await refresh('/api/v1/authorizationServers');
      tellDone('Saved');
      close();
    },
    { audiences: 'audience' },
  );
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <TextInput label="Name" withAsterisk {...form.getInputProps('name')} readOnly={server.default} />
        <TextInput label="Description" {...form.getInputProps('description')} />
        <TextInput label="Audience" withAsterisk {...form.getInputProps('audience')} />
        <IssuerChoice {...field(form, 'issuerMode')} hasCustom={false} />
        <Radio.Group label="Signing Key Rotation" {...form.getInputProps('rotationMode')}>
          <Stack gap="xs" mt="xs">
            <Radio value="AUTO" label="Automatic" />
            <Radio value="MANUAL" label="Manual" />
          </Stack>
        </Radio.Group>
      </Stack>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}
