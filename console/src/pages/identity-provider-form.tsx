// Owns the form of an identity provider, new or known: its client there, its addresses where its kind does not settle them, and whom
// its word makes somebody here. A secret that is kept is never shown: an empty field leaves it as it is.
import {
  Checkbox,
  Divider,
  PasswordInput,
  Radio,
  Select,
  Stack,
  TagsInput,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useSubmit } from '../parts/changes.ts';
import { FormButtons, Problem } from '../parts/form-parts.tsx';
import type { IdentityProvider } from '../types.ts';

const MATCHES = [
  { value: 'USERNAME', label: 'Username' },
  { value: 'EMAIL', label: 'Primary email' },
  { value: 'USERNAME_OR_EMAIL', label: 'Username, or else primary email' },
];

export function matchWords(type: string): string {
  return MATCHES.find(({ value }) => value === type)?.label ?? type;
}

const USUAL_SCOPES: Record<string, string[]> = { OIDC: ['openid', 'profile', 'email'] };

type Props = {
  type: string;
  provider: IdentityProvider | null;
  send: (body: object) => Promise<void>;
  cancel: () => void;
};

export function IdentityProviderForm({ type, provider, send, cancel }: Props) {
  const { protocol, policy } = provider ?? {};
  const url = (name: string) => protocol?.endpoints[name]?.url ?? '';
  const isOpen = type === 'OIDC';
  const isApple = type === 'APPLE';
  const needed = (words: string) => (text: string) => (text.trim() === '' ? words : null);
  const neededAt = (condition: boolean, words: string) => (condition ? needed(words) : () => null);
  const form = useForm({
    initialValues: {
      name: provider?.name ?? '',
      client_id: protocol?.credentials.client.client_id ?? '',
      client_secret: '',
      scopes: protocol?.scopes ?? USUAL_SCOPES[type] ?? [],
      issuer: protocol?.issuer?.url ?? '',
      authorization: url('authorization'),
      token: url('token'),
      jwks: url('jwks'),
      userInfo: url('userInfo'),
      teamId: protocol?.credentials.signing?.teamId ?? '',
      kid: protocol?.credentials.signing?.kid ?? '',
      privateKey: '',
      template: policy?.subject.userNameTemplate.template ?? 'idpuser.email',
      matchType: policy?.subject.matchType ?? 'USERNAME',
      links: (policy?.accountLink.action ?? 'AUTO') === 'AUTO' ? 'AUTO' : 'DISABLED',
      provisions: (policy?.provisioning.action ?? 'AUTO') === 'AUTO',
    },
    validate: {
      name: needed('Give the provider a name'),
      client_id: needed('Enter the client ID that the provider gave out'),
      client_secret: neededAt(provider === null && !isApple, 'Enter the client secret that the provider gave out'),
      issuer: neededAt(isOpen, 'Enter the provider’s issuer URL'),
      authorization: neededAt(isOpen, 'Enter the authorization endpoint'),
      token: neededAt(isOpen, 'Enter the token endpoint'),
      jwks: neededAt(isOpen, 'Enter where the provider’s keys are'),
      privateKey: neededAt(provider === null && isApple, 'Paste the private key that Apple gave out'),
      template: needed('Say what the username here is made of'),
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async (values) => {
      const endpoints = {
        authorization: values.authorization,
        token: values.token,
        jwks: values.jwks,
        userInfo: values.userInfo,
      };
      const given = Object.entries(endpoints).flatMap(([name, text]) =>
        text.trim() === '' ? [] : [[name, { ...protocol?.endpoints[name], url: text.trim() }]],
      );
      // The API shows the secret; what is not sent stays.
      const { client_secret: _, ...client }: Record<string, unknown> = protocol?.credentials.client ?? {};
      const signing = {
        teamId: values.teamId.trim(),
        kid: values.kid.trim(),
        privateKey: values.privateKey.trim() || undefined,
      };
      await send({
        type,
        name: values.name.trim(),
        issuerMode: provider?.issuerMode ?? 'ORG_URL',
        ...(provider ? { status: provider.status } : {}),
        protocol: {
          ...protocol,
          scopes: values.scopes,
          ...(isOpen ? { issuer: { url: values.issuer.trim() }, endpoints: Object.fromEntries(given) } : {}),
          credentials: {
            client: {
              ...client,
              client_id: values.client_id.trim(),
              ...(values.client_secret === '' ? {} : { client_secret: values.client_secret }),
            },
            ...(isApple ? { signing } : {}),
          },
        },
        policy: {
          ...policy,
          provisioning: { ...policy?.provisioning, action: values.provisions ? 'AUTO' : 'DISABLED' },
          accountLink: { ...policy?.accountLink, action: values.links },
          subject: {
            ...policy?.subject,
            userNameTemplate: { template: values.template.trim() },
            matchType: values.matchType,
          },
        },
      });
    },
    {
      'protocol.issuer.url': 'issuer',
      'protocol.endpoints.authorization.url': 'authorization',
      'protocol.endpoints.token.url': 'token',
      'protocol.endpoints.jwks.url': 'jwks',
      'protocol.endpoints.userInfo.url': 'userInfo',
    },
  );
  const kept = provider === null ? '' : 'Leave it empty to keep the one that is there';
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <TextInput
          label="Name"
          description="As people read it on the sign-in page"
          withAsterisk
          {...form.getInputProps('name')}
        />
        <TextInput label="Client ID" withAsterisk autoComplete="off" {...form.getInputProps('client_id')} />
        {!isApple && (
          <PasswordInput
            label="Client secret"
            description={kept}
            withAsterisk={provider === null}
            autoComplete="new-password"
            {...form.getInputProps('client_secret')}
          />
        )}
        {isApple && (
          <>
            <TextInput label="Team ID" {...form.getInputProps('teamId')} />
            <TextInput label="Key ID" {...form.getInputProps('kid')} />
            <Textarea
              label="Private key"
              description={kept}
              autosize
              minRows={3}
              withAsterisk={provider === null}
              {...form.getInputProps('privateKey')}
            />
          </>
        )}
        <TagsInput
          label="Scopes"
          description={
            isOpen
              ? 'What is asked of the provider'
              : 'What is asked of the provider; none: what its kind usually needs'
          }
          splitChars={[' ', ',']}
          {...form.getInputProps('scopes')}
        />
        {isOpen && (
          <>
            <Divider />
            <Title order={3} size="h5">
              Where it is asked
            </Title>
            <TextInput
              label="Issuer"
              description="The provider names all of these at this address followed by /.well-known/openid-configuration"
              placeholder="https://id.example.com"
              withAsterisk
              inputMode="url"
              {...form.getInputProps('issuer')}
            />
            <TextInput
              label="Authorization endpoint"
              withAsterisk
              inputMode="url"
              {...form.getInputProps('authorization')}
            />
            <TextInput label="Token endpoint" withAsterisk inputMode="url" {...form.getInputProps('token')} />
            <TextInput label="JWKS endpoint" withAsterisk inputMode="url" {...form.getInputProps('jwks')} />
            <TextInput label="Userinfo endpoint" inputMode="url" {...form.getInputProps('userInfo')} />
          </>
        )}
        <Divider />
        <Title order={3} size="h5">
          Who somebody is here
        </Title>
        <TextInput
          label="Username"
          description="What a person’s username here is made of, such as idpuser.email"
          withAsterisk
          {...form.getInputProps('template')}
        />
        <Select
          label="Known people are found by"
          allowDeselect={false}
          data={MATCHES}
          {...form.getInputProps('matchType')}
        />
        <Radio.Group label="Somebody who is known here" {...form.getInputProps('links')}>
          <Stack gap="xs" mt="xs">
            <Radio
              value="AUTO"
              label="Is taken to be that person"
              description="Only for a provider that proves the addresses of its people: whoever can claim one there has the account here"
            />
            <Radio value="DISABLED" label="Is refused, unless an administrator linked the two accounts" />
          </Stack>
        </Radio.Group>
        <Checkbox
          label="Make an account for somebody who is new here"
          {...form.getInputProps('provisions', { type: 'checkbox' })}
        />
      </Stack>
      <FormButtons busy={busy} cancel={cancel} save={provider === null ? 'Add identity provider' : 'Save'} />
    </form>
  );
}
