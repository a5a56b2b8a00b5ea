// Owns the public keys of a client that proves itself by its private one: kept here, each with its life, or fetched from the client's own
// address. Not here: adding one (client-key-dialog.tsx).
import { Alert, Button, Code, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { tellDone, useSubmit } from '../../parts/changes.ts';
import { Entries } from '../../parts/entries.tsx';
import { Facts, FormButtons, Problem, Section } from '../../parts/form-parts.tsx';
import { Lifecycle } from '../../parts/lifecycle.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet } from '../../queries.ts';
import type { Application, Status } from '../../types.ts';
import { ClientKeyDialog } from './client-key-dialog.tsx';
import { useChangeClient } from './use-change-client.ts';

type Key = { id: string; kid: string | null; kty: string; alg?: string; crv?: string; use: string; status: Status };

export function ClientKeys({ app }: { app: Application }) {
  const [editing, { open, close }] = useDisclosure();
  const address = app.settings.oauthClient?.jwks_uri;
  return (
    <Section title="PUBLIC KEYS" onEdit={editing ? undefined : open}>
      {editing ? (
        <SourceForm app={app} close={close} />
      ) : typeof address === 'string' && address !== '' ? (
        <Facts
          facts={[
            ['Configuration', 'Fetched from an address of the application'],
            ['Public keys URL', address],
          ]}
        />
      ) : (
        <SavedKeys appId={app.id} />
      )}
    </Section>
  );
}

function SourceForm({ app, close }: { app: Application; close: () => void }) {
  const change = useChangeClient(app);
  const address = app.settings.oauthClient?.jwks_uri;
  const form = useForm({
    initialValues: { saved: typeof address !== 'string' || address === '', jwks_uri: String(address ?? '') },
    validate: {
      jwks_uri: (uri, { saved }) => (!saved && uri.trim() === '' ? 'Say where the application shows its keys' : null),
    },
  });
  const { busy, problem, submit } = useSubmit(form, async ({ saved, jwks_uri }) => {
    await change({ settings: saved ? { jwks_uri: null } : { jwks_uri: jwks_uri.trim(), jwks: null } });
    tellDone('Saved');
    close();
  });
  const { saved } = form.values;
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <Radio.Group
          label="Configuration"
          value={saved ? 'saved' : 'fetched'}
          onChange={(to) => form.setFieldValue('saved', to === 'saved')}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="saved" label="Save keys here" />
            <Radio
              value="fetched"
              label="Use a URL to fetch keys dynamically"
              description="The application can change its keys without telling anybody"
            />
          </Stack>
        </Radio.Group>
        {!saved && (
          <>
            <TextInput
              label="Public keys URL"
              placeholder="https://app.example.com/jwks"
              withAsterisk
              inputMode="url"
              {...form.getInputProps('jwks_uri')}
            />
            <Alert color="yellow">Keys that are saved here are forgotten.</Alert>
          </>
        )}
      </Stack>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}

function SavedKeys({ appId }: { appId: string }) {
  const path = `/api/v1/apps/${appId}/credentials/jwks`;
  const query = useGet<{ keys: Key[] }>(path);
  const [adding, { open, close }] = useDisclosure();
  const add = (
    <Button variant="light" size="compact-sm" onClick={open}>
      Add key
    </Button>
  );
  return (
    <>
      {adding && <ClientKeyDialog path={path} close={close} />}
      <Loaded query={query}>
        {({ keys }) =>
          keys.length === 0 ? (
            <Empty title="No public key yet" action={add}>
              The application signs with its private key, which never leaves it. This server needs the public half to
              know it by; until then it gets no tokens.
            </Empty>
          ) : (
            <>
              <Entries
                label="Public keys"
                items={keys}
                keyOf={({ id }) => id}
                columns={[
                  ['Key ID', ({ kid }) => (kid === null ? '—' : <Code>{kid}</Code>)],
                  ['Type', ({ kty, crv, alg }) => <Text size="sm">{[kty, crv, alg].filter(Boolean).join(', ')}</Text>],
                  ['Use', ({ use }) => (use === 'enc' ? 'Encryption' : 'Signature')],
                  ['Status', ({ status }) => <StatusBadge status={status} />],
                  [
                    'Actions',
                    ({ id, kid, status }) => (
                      <Lifecycle
                        path={`${path}/${id}`}
                        list="/api/v1/apps"
                        status={status}
                        name={`the key ${kid ?? id}`}
                        noun="key"
                        onDeactivate="An application that signs with it gets no tokens from now on."
                        onDelete="An application that signs with it would have to be given another one."
                      />
                    ),
                  ],
                ]}
              />
              <Group mt="sm">{add}</Group>
            </>
          )
        }
      </Loaded>
    </>
  );
}
