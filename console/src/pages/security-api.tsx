// Owns Security > API: its three tabs. Not here: what each holds.
import { Tabs } from '@mantine/core';
import { useNavigate, useParams } from 'react-router';
import { PageHeader } from '../parts/page-header.tsx';
import { ApiTokens } from './api-tokens.tsx';
import { AuthorizationServers } from './authorization-servers.tsx';
import { TrustedOrigins } from './trusted-origins.tsx';

export function SecurityApi() {
  const { tab = 'authorization-servers' } = useParams();
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        title="API"
        intro="Who issues tokens, which tokens open this server's own API, and whose pages may call it."
      />
      <Tabs value={tab} onChange={(to) => void navigate(`/api/${to}`)}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="authorization-servers">Authorization Servers</Tabs.Tab>
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
          <Tabs.Tab value="trusted-origins">Trusted Origins</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="authorization-servers">
          <AuthorizationServers />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <ApiTokens />
        </Tabs.Panel>
        <Tabs.Panel value="trusted-origins">
          <TrustedOrigins />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
