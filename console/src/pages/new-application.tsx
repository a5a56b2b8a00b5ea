// Owns the page on which an app integration is made: everything that it needs to sign people in, on one page.

import { Alert, Button, Card, Checkbox, Group, Radio, Stack, TextInput } from '@mantine/core';
import { type FormRulesRecord, type UseFormReturnType, useForm } from '@mantine/form';
import { useNavigate, useParams } from 'react-router';
import { get, post, put } from '../api.ts';
import { tellDone, tellFailed, useSubmit } from '../parts/changes.ts';
import { field } from '../parts/field.ts';
import { Problem, Section } from '../parts/form-parts.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { NotFound } from '../parts/page-states.tsx';
import { PickGroups } from '../parts/pick.tsx';
import { filled, UriList } from '../parts/uri-list.tsx';
import { useRefresh } from '../queries.ts';
import type { Application, ApplicationType, Group as UserGroup } from '../types.ts';
import { firstGrants, GrantFields, type Grants, grantSettings, objectionToGrants } from './application/grants.tsx';

const TITLES: Record<ApplicationType, string> = {
  browser: 'New Single-Page App Integration',
  web: 'New Web App Integration',
  native: 'New Native App Integration',
  service: 'New API Services App Integration',
};

type Access = 'everyone' | 'groups' | 'skip';

type Values = {
  label: string;
  grants: Grants;
  redirect_uris: string[];
  wildcard: boolean;
  post_logout_redirect_uris: string[];
  baseUris: string[];
  access: Access | '';
  groups: string[];
};

export function NewApplication() {
  const { type = '' } = useParams();
  return Object.hasOwn(TITLES, type) ? <NewApplicationForm type={type as ApplicationType} /> : <NotFound />;
}

function NewApplicationForm({ type }: { type: ApplicationType }) {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const isService = type === 'service';
  const form = useForm<Values>({
    initialValues: {
      label: '',
      grants: firstGrants(type),
      redirect_uris: [''],
      wildcard: false,
      post_logout_redirect_uris: [''],
      baseUris: [''],
      access: isService ? 'skip' : '',
      groups: [],
    },
    validate: {
      label: (label) => (label.trim() === '' ? 'Give the app integration a name' : null),
      grants: objectionToGrants,
      access: (access) => (access === '' ? 'Say who may use the application' : null),
      groups: (groups, { access }) => (access === 'groups' && groups.length === 0 ? 'Choose at least one group' : null),
      baseUris: (uris) =>
        filled(uris).some((uri) => !isOrigin(uri)) ? 'A base URI is scheme, host and port, without a path' : null,
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async (values) => {
      const app = await post<Application>('/api/v1/apps', toBody(type, values));
      // From here on the application exists: what else fails is told on its page, which can mend it.
      await finish(app, values).catch(tellFailed);
      await refresh('/api/v1/apps', '/api/v1/trustedOrigins');
      tellDone('The app integration was created');
      await navigate(`/applications/${app.id}`, { state: { secret: app.credentials.oauthClient?.client_secret } });
    },
    { grant_types: 'grants', response_types: 'grants', refresh_token: 'grants', leeway: 'grants' },
  );

  return (
    <>
      <PageHeader title={TITLES[type]} above={[{ label: 'Applications', to: '/applications' }]} />
      <form onSubmit={submit} noValidate>
        <Stack maw={760} gap={0}>
          <Problem text={problem} />
          <Section title="General Settings">
            <Stack>
              <TextInput
                label="App integration name"
                withAsterisk
                data-autofocus
                autoFocus
                {...form.getInputProps('label')}
              />
              <GrantFields type={type} {...field(form, 'grants')} />
              {!isService && <RedirectFields type={type} form={form} />}
            </Stack>
          </Section>
          {!isService && (
            <>
              <Section title="Trusted Origins">
                <UriList
                  label="Base URIs"
                  description="Optional. Where the application's pages come from, such as https://app.example.com: each becomes a trusted origin, for CORS and redirects."
                  placeholder="http://localhost:3000"
                  {...field(form, 'baseUris')}
                />
              </Section>
              <Section title="Assignments">
                <Radio.Group label="Controlled access" withAsterisk {...form.getInputProps('access')}>
                  <Stack gap="xs" mt="xs">
                    <Radio value="everyone" label="Allow everyone in your organization to access" />
                    <Radio value="groups" label="Limit access to selected groups" />
                    <Radio value="skip" label="Skip group assignment for now" />
                  </Stack>
                </Radio.Group>
                {form.values.access === 'groups' && (
                  <Card padding="xs" pl={32}>
                    <PickGroups label="Selected groups" {...field(form, 'groups')} />
                  </Card>
                )}
                {form.values.access === 'skip' && (
                  <Alert mt="sm" color="blue">
                    Nobody can sign in to the application until somebody is assigned to it, on its Assignments tab.
                  </Alert>
                )}
              </Section>
            </>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => void navigate('/applications')} disabled={busy}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </>
  );
}

function RedirectFields({
  type,
  form,
}: {
  type: ApplicationType;
  form: UseFormReturnType<Values, Values, FormRulesRecord<Values>>;
}) {
  return (
    <>
      <UriList
        label="Sign-in redirect URIs"
        description="Where people return with their sign-in. They are compared letter by letter with what the application sends."
        placeholder={
          type === 'web' ? 'http://localhost:8080/authorization-code/callback' : 'http://localhost:8080/login/callback'
        }
        {...field(form, 'redirect_uris')}
      />
      <Checkbox
        label="Allow wildcard * in sign-in URI redirect"
        description="One star in the first label of the host, with https only"
        {...form.getInputProps('wildcard', { type: 'checkbox' })}
      />
      <UriList
        label="Sign-out redirect URIs"
        description="Optional. Where people go after they have signed out."
        placeholder="http://localhost:8080"
        {...field(form, 'post_logout_redirect_uris')}
      />
    </>
  );
}

function toBody(type: ApplicationType, values: Values) {
  const isPublic = type === 'browser' || type === 'native';
  return {
    name: 'oidc_client',
    label: values.label.trim(),
    signOnMode: 'OPENID_CONNECT',
    credentials: {
      oauthClient: {
        token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
        pkce_required: isPublic,
        autoKeyRotation: true,
      },
    },
    settings: {
      oauthClient: {
        application_type: type,
        redirect_uris: filled(values.redirect_uris),
        post_logout_redirect_uris: filled(values.post_logout_redirect_uris),
        wildcard_redirect: values.wildcard ? 'SUBDOMAIN' : 'DISABLED',
        // The guide's checkbox User consent is ticked until somebody deselects it; it asks only where a scope requires it.
        consent_method: type === 'service' ? 'TRUSTED' : 'REQUIRED',
        issuer_mode: 'DYNAMIC',
        ...grantSettings(values.grants),
      },
    },
  };
}

async function finish(app: Application, { access, groups, baseUris, label }: Values): Promise<void> {
  const groupIds = access === 'everyone' ? await everyone() : access === 'groups' ? groups : [];
  for (const id of groupIds) await put(`/api/v1/apps/${app.id}/groups/${id}`, {});
  const known = await get<{ origin: string }[]>('/api/v1/trustedOrigins?limit=200');
  for (const uri of filled(baseUris)) {
    const { origin } = new URL(uri);
    if (known.some((one) => one.origin === origin)) continue;
    await post('/api/v1/trustedOrigins', {
      name: `${label.trim()} (${origin})`,
      origin,
      scopes: [{ type: 'CORS' }, { type: 'REDIRECT' }],
    });
  }
}

async function everyone(): Promise<string[]> {
  const found = await get<UserGroup[]>('/api/v1/groups?q=Everyone&limit=20');
  return found.filter(({ type, profile }) => type === 'BUILT_IN' && profile.name === 'Everyone').map(({ id }) => id);
}

function isOrigin(uri: string): boolean {
  const url = URL.parse(uri);
  return (
    url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.pathname === '/' && url.search === ''
  );
}
