// Owns the page of one identity provider: what it is told of us, where it is asked, what its word is taken for, and its life.
import { Badge, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate, useParams } from 'react-router';
import { put } from '../api.ts';
import { tellDone } from '../parts/changes.ts';
import { CopyValue } from '../parts/copy-value.tsx';
import { Facts, Section } from '../parts/form-parts.tsx';
import { Lifecycle } from '../parts/lifecycle.tsx';
import { Moment } from '../parts/moment.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Loaded } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { providerWords } from '../provider-words.ts';
import { useGet, useRefresh } from '../queries.ts';
import type { IdentityProvider } from '../types.ts';
import { ENDS_WITH_ACTIVITY, ENDS_WITH_IT } from './identity-provider-ends.ts';
import { IdentityProviderForm, matchWords } from './identity-provider-form.tsx';

export function IdentityProviderPage() {
  const { idpId = '' } = useParams();
  const navigate = useNavigate();
  const path = `/api/v1/idps/${idpId}`;
  const query = useGet<IdentityProvider>(path);
  return (
    <Loaded query={query}>
      {(provider) => (
        <>
          <PageHeader
            title={provider.name}
            above={[{ label: 'Identity Providers', to: '/identity-providers' }]}
            badge={
              <Group gap="xs">
                <Badge color="blue">{providerWords(provider.type).label}</Badge>
                <StatusBadge status={provider.status} />
              </Group>
            }
            actions={
              <Lifecycle
                path={path}
                list="/api/v1/idps"
                status={provider.status}
                name={provider.name}
                noun="identity provider"
                onDeactivate={ENDS_WITH_ACTIVITY}
                onDelete={ENDS_WITH_IT}
                size="sm"
                afterDelete={() => void navigate('/identity-providers')}
              />
            }
          />
          <Stack gap={0} maw={860}>
            <Settings provider={provider} path={path} />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function Settings({ provider, path }: { provider: IdentityProvider; path: string }) {
  const [edited, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  if (edited)
    return (
      <Section title="Settings">
        <IdentityProviderForm
          type={provider.type}
          provider={provider}
          cancel={close}
          send={async (body) => {
            await put(path, body);
            await refresh('/api/v1/idps');
            tellDone('Saved');
            close();
          }}
        />
      </Section>
    );
  const { protocol, policy } = provider;
  const { issuer, endpoints } = protocol;
  return (
    <>
      <Section title="At the provider">
        <Text size="sm" c="dimmed" mb="md">
          This server is registered {providerWords(provider.type).register}. It has to know this redirect URI.
        </Text>
        <Facts
          facts={[
            [
              'Redirect URI',
              <CopyValue key="uri" label="Redirect URI" value={provider._links.clientRedirectUri.href} />,
            ],
            ['Provider ID', <CopyValue key="id" label="Provider ID" value={provider.id} />],
          ]}
        />
      </Section>
      <Section title="Settings" onEdit={open}>
        <Facts
          facts={[
            ['Client ID', <CopyValue key="client" label="Client ID" value={protocol.credentials.client.client_id} />],
            ['Client secret', 'Kept sealed, and not shown here'],
            ['Scopes', protocol.scopes.join(' ')],
            ...(issuer ? [['Issuer', issuer.url] as const] : []),
            ...Object.entries(endpoints).map(([name, { url }]) => [ENDPOINT_WORDS[name] ?? name, url] as const),
            ['Username', policy.subject.userNameTemplate.template],
            ['Known people are found by', matchWords(policy.subject.matchType)],
            [
              'Somebody who is known here',
              policy.accountLink.action === 'AUTO'
                ? 'Is taken to be that person'
                : 'Is refused, unless linked by an administrator',
            ],
            ['Somebody who is new here', policy.provisioning.action === 'AUTO' ? 'Gets an account' : 'Is refused'],
            ['Created', <Moment key="created" at={provider.created} />],
          ]}
        />
      </Section>
    </>
  );
}

const ENDPOINT_WORDS: Record<string, string> = {
  authorization: 'Authorization endpoint',
  token: 'Token endpoint',
  jwks: 'JWKS endpoint',
  userInfo: 'Userinfo endpoint',
};
