// Owns the General tab: client credentials, general settings, where sign-in and sign-out lead, and consent; each edited by itself.

import { Alert, Checkbox, List, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useLocation } from 'react-router';
import { CONSOLE_CLIENT_ID } from '../../console-client.ts';
import { type FormOf, tellDone, useSubmit } from '../../parts/changes.ts';
import { CopyValue } from '../../parts/copy-value.tsx';
import { field } from '../../parts/field.ts';
import { Facts, FormButtons, Problem, Section } from '../../parts/form-parts.tsx';
import { Empty } from '../../parts/states.tsx';
import { filled, UriList } from '../../parts/uri-list.tsx';
import type { Application, AuthenticationMethod } from '../../types.ts';
import { ClientKeys } from './client-keys.tsx';
import { ClientSecrets } from './client-secrets.tsx';
import { GrantFields, grantLabels, grantSettings, grantsOf, objectionToGrants } from './grants.tsx';
import { type ClientChange, useChangeClient } from './use-change-client.ts';

const METHODS: Record<AuthenticationMethod, string> = {
  none: 'None',
  client_secret_basic: 'Client secret',
  client_secret_post: 'Client secret (in the request body)',
  client_secret_jwt: 'Client secret (as a signed JWT)',
  private_key_jwt: 'Public key / Private key',
};

const TYPES = {
  browser: 'Single-Page Application',
  web: 'Web Application',
  native: 'Native Application',
  service: 'API Services',
};

export function GeneralTab({ app }: { app: Application }) {
  const { state } = useLocation();
  const secret = (state as { secret?: string } | null)?.secret;
  const { oauthClient } = app.settings;
  if (!oauthClient) return <Empty title="No OpenID Connect client">This application is only kept for its link.</Empty>;
  const own = app.credentials.oauthClient?.client_id === CONSOLE_CLIENT_ID;
  return (
    <Stack gap={0} maw={860}>
      {own && (
        <Alert color="blue" mb="lg" title="This application belongs to the server">
          It is the console itself. Its addresses follow GATEHOUSE_URL, and nobody can change or delete it; an
          authentication policy can be put on it.
        </Alert>
      )}
      {secret && (
        <Alert color="yellow" mb="lg" title="Copy the client secret">
          <CopyValue label="Client secret" value={secret} />
        </Alert>
      )}
      <Credentials app={app} locked={own} />
      {app.credentials.oauthClient?.token_endpoint_auth_method.startsWith('client_secret') && (
        <ClientSecrets appId={app.id} />
      )}
      {app.credentials.oauthClient?.token_endpoint_auth_method === 'private_key_jwt' && <ClientKeys app={app} />}
      <General app={app} locked={own} />
      <Login app={app} locked={own} />
    </Stack>
  );
}

type PartProps = { app: Application; locked: boolean };

/** A section that shows its facts, or its form while it is edited. */
function Editable({
  title,
  locked,
  facts,
  children,
}: {
  title: string;
  locked: boolean;
  facts: ReactNode;
  children: (close: () => void) => ReactNode;
}) {
  const [editing, { open, close }] = useDisclosure();
  return (
    <Section title={title} onEdit={editing || locked ? undefined : open}>
      {editing ? children(close) : facts}
    </Section>
  );
}

function useEdit<V extends Record<string, unknown>>(
  app: Application,
  form: FormOf<V>,
  toChange: (values: V) => ClientChange,
  close: () => void,
  fields: Readonly<Record<string, keyof V & string>> = {},
) {
  const change = useChangeClient(app);
  return useSubmit(
    form,
    async (values) => {
      await change(toChange(values));
      tellDone('Saved');
      close();
    },
    fields,
  );
}

function Credentials({ app, locked }: PartProps) {
  const client = app.credentials.oauthClient;
  return (
    <Editable
      title="Client Credentials"
      locked={locked}
      facts={
        <Facts
          facts={[
            ['Client ID', <CopyValue key="id" label="Client ID" value={client?.client_id ?? ''} />],
            ['Okta domain', <CopyValue key="domain" label="Okta domain" value={location.origin} />],
            [
              '',
              <Text key="hint" size="xs" c="dimmed">
                That is this organization’s own URL, which guides call the Okta domain.
              </Text>,
            ],
            ['Client authentication', METHODS[client?.token_endpoint_auth_method ?? 'none']],
            [
              'Proof Key for Code Exchange (PKCE)',
              client?.pkce_required ? 'Required as additional verification' : 'Not required',
            ],
          ]}
        />
      }
    >
      {(close) => <CredentialsForm app={app} close={close} />}
    </Editable>
  );
}

function CredentialsForm({ app, close }: { app: Application; close: () => void }) {
  const client = app.credentials.oauthClient;
  const form = useForm({
    initialValues: {
      token_endpoint_auth_method: client?.token_endpoint_auth_method ?? 'none',
      pkce_required: client?.pkce_required ?? true,
    },
  });
  const isPublic = form.values.token_endpoint_auth_method === 'none';
  const { busy, problem, submit } = useEdit(
    app,
    form,
    (values) => ({ credentials: { ...values, pkce_required: isPublic || values.pkce_required } }),
    close,
  );
  return (
    <form onSubmit={submit}>
      <Problem text={problem} />
      <Stack>
        <Radio.Group label="Client authentication" {...form.getInputProps('token_endpoint_auth_method')}>
          <Stack gap="xs" mt="xs">
            {(['none', 'client_secret_basic', 'private_key_jwt'] as const).map((method) => (
              <Radio key={method} value={method} label={METHODS[method]} />
            ))}
          </Stack>
        </Radio.Group>
        <Checkbox
          label="Require PKCE as additional verification"
          description={isPublic ? 'A client that keeps no secret always needs it' : undefined}
          disabled={isPublic}
          {...form.getInputProps('pkce_required', { type: 'checkbox' })}
          checked={isPublic || form.values.pkce_required}
        />
      </Stack>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}

function General({ app, locked }: PartProps) {
  const { oauthClient } = app.settings;
  if (!oauthClient) return null;
  const rotation =
    oauthClient.refresh_token?.rotation_type === 'ROTATE' ? 'Rotate token after every use' : 'Use persistent token';
  return (
    <Editable
      title="General Settings"
      locked={locked}
      facts={
        <Facts
          facts={[
            ['App integration name', app.label],
            ['Application type', TYPES[oauthClient.application_type]],
            ['Grant type', grantLabels(oauthClient).join(', ')],
            ...(oauthClient.refresh_token ? [['Refresh token behavior', rotation] as const] : []),
            [
              'User consent',
              oauthClient.consent_method === 'REQUIRED' ? 'Required where a scope asks for it' : 'Not required',
            ],
          ]}
        />
      }
    >
      {(close) => <GeneralForm app={app} close={close} />}
    </Editable>
  );
}

function GeneralForm({ app, close }: { app: Application; close: () => void }) {
  const settings = app.settings.oauthClient;
  const form = useForm({
    initialValues: {
      label: app.label,
      grants: grantsOf(settings ?? { grant_types: [], response_types: [] }),
      consent: settings?.consent_method === 'REQUIRED',
      tos_uri: settings?.tos_uri ?? '',
      policy_uri: settings?.policy_uri ?? '',
      logo_uri: settings?.logo_uri ?? '',
    },
    validate: {
      label: (label) => (label.trim() === '' ? 'Give the app integration a name' : null),
      grants: objectionToGrants,
    },
  });
  const { busy, problem, submit } = useEdit(
    app,
    form,
    ({ label, grants, consent, tos_uri, policy_uri, logo_uri }) => ({
      label: label.trim(),
      settings: {
        ...grantSettings(grants),
        consent_method: consent ? 'REQUIRED' : 'TRUSTED',
        tos_uri: tos_uri || null,
        policy_uri: policy_uri || null,
        logo_uri: logo_uri || null,
      },
    }),
    close,
    { grant_types: 'grants', response_types: 'grants', leeway: 'grants', consent_method: 'consent' },
  );
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <TextInput label="App integration name" withAsterisk {...form.getInputProps('label')} />
        <GrantFields type={settings?.application_type ?? 'web'} {...field(form, 'grants')} />
        <Checkbox
          label="User consent"
          description="Ask people before the application gets a scope that requires consent"
          {...form.getInputProps('consent', { type: 'checkbox' })}
        />
        <TextInput label="Terms of Service URI" {...form.getInputProps('tos_uri')} />
        <TextInput label="Policy URI" {...form.getInputProps('policy_uri')} />
        <TextInput label="Logo URI" {...form.getInputProps('logo_uri')} />
      </Stack>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}

function Login({ app, locked }: PartProps) {
  const { oauthClient } = app.settings;
  if (!oauthClient || oauthClient.application_type === 'service') return null;
  return (
    <Editable
      title="LOGIN"
      locked={locked}
      facts={
        <Facts
          facts={[
            ['Sign-in redirect URIs', <Uris key="in" uris={oauthClient.redirect_uris} />],
            ['Sign-out redirect URIs', <Uris key="out" uris={oauthClient.post_logout_redirect_uris ?? []} />],
            ['Initiate login URI', oauthClient.initiate_login_uri],
          ]}
        />
      }
    >
      {(close) => <LoginForm app={app} close={close} />}
    </Editable>
  );
}

function Uris({ uris }: { uris: readonly string[] }) {
  if (uris.length === 0) return '—';
  return (
    <List listStyleType="none" size="sm" spacing={2}>
      {uris.map((uri) => (
        <List.Item key={uri}>{uri}</List.Item>
      ))}
    </List>
  );
}

function LoginForm({ app, close }: { app: Application; close: () => void }) {
  const settings = app.settings.oauthClient;
  const form = useForm({
    initialValues: {
      redirect_uris: settings?.redirect_uris ?? [],
      wildcard: settings?.wildcard_redirect === 'SUBDOMAIN',
      post_logout_redirect_uris: settings?.post_logout_redirect_uris ?? [],
      initiate_login_uri: settings?.initiate_login_uri ?? '',
    },
  });
  const { busy, problem, submit } = useEdit(
    app,
    form,
    ({ redirect_uris, post_logout_redirect_uris, wildcard, initiate_login_uri }) => ({
      settings: {
        redirect_uris: filled(redirect_uris),
        post_logout_redirect_uris: filled(post_logout_redirect_uris),
        wildcard_redirect: wildcard ? 'SUBDOMAIN' : 'DISABLED',
        initiate_login_uri: initiate_login_uri || null,
      },
    }),
    close,
    { wildcard_redirect: 'wildcard' },
  );
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <UriList label="Sign-in redirect URIs" {...field(form, 'redirect_uris')} />
        <Checkbox
          label="Allow wildcard * in sign-in URI redirect"
          {...form.getInputProps('wildcard', { type: 'checkbox' })}
        />
        <UriList label="Sign-out redirect URIs" {...field(form, 'post_logout_redirect_uris')} />
        <TextInput label="Initiate login URI" {...form.getInputProps('initiate_login_uri')} />
      </Stack>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}
