// Owns the page that adds an identity provider of one kind. Not here: its form (identity-provider-form.tsx).
import { Alert, Stack, Text } from '@mantine/core';
import { useNavigate, useParams } from 'react-router';
import { post } from '../api.ts';
import { tellDone } from '../parts/changes.ts';
import { CopyValue } from '../parts/copy-value.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { NotFound } from '../parts/page-states.tsx';
import { PROVIDER_WORDS } from '../provider-words.ts';
import { useRefresh } from '../queries.ts';
import type { IdentityProvider } from '../types.ts';
import { IdentityProviderForm } from './identity-provider-form.tsx';

export function NewIdentityProvider() {
  const { type = '' } = useParams();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const words = PROVIDER_WORDS.find((one) => one.type === type.toUpperCase());
  if (!words) return <NotFound />;
  const send = async (body: object) => {
    const made = await post<IdentityProvider>('/api/v1/idps', body);
    await refresh('/api/v1/idps');
    tellDone('The identity provider was added');
    await navigate(`/identity-providers/${made.id}`);
  };
  return (
    <>
      <PageHeader
        title={`Add ${words.label}`}
        above={[{ label: 'Identity Providers', to: '/identity-providers' }]}
        intro={`First register this server ${words.register}.`}
      />
      <Stack maw={720}>
        <Alert color="blue" title="Register it with this redirect URI">
          <Text size="sm" mb={4}>
            The provider sends people back to this address, and to no other.
          </Text>
          <CopyValue label="Redirect URI" value={`${location.origin}/oauth2/v1/authorize/callback`} />
        </Alert>
        <IdentityProviderForm
          type={words.type}
          provider={null}
          send={send}
          cancel={() => void navigate('/identity-providers')}
        />
      </Stack>
    </>
  );
}
