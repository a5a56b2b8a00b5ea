// Owns the tab of the management API's scopes: which of them the application may be given.
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { post, remove } from '../../api.ts';
import { CONSOLE_CLIENT_ID } from '../../console-client.ts';
import { useAct } from '../../parts/changes.ts';
import { Entries } from '../../parts/entries.tsx';
import { Section } from '../../parts/form-parts.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { Application } from '../../types.ts';

type Grant = { id: string; scopeId: string };
type Discovery = { scopes_supported?: string[] };

export function ApiScopesTab({ app }: { app: Application }) {
  const path = `/api/v1/apps/${app.id}/grants`;
  const query = useGet<Grant[]>(path);
  // The org's discovery document names every scope of its API.
  const discovery = useGet<Discovery>('/.well-known/oauth-authorization-server');
  const refresh = useRefresh();
  const { act, busy } = useAct();
  const [search, setSearch] = useState('');
  const locked = app.credentials.oauthClient?.client_id === CONSOLE_CLIENT_ID;
  const change = (work: () => Promise<unknown>, done: string) =>
    void act(async () => {
      await work();
      await refresh(path);
    }, done);
  return (
    <Section title="Okta API Scopes">
      <TextInput
        type="search"
        aria-label="Search scopes"
        placeholder="Search scopes"
        maw={360}
        mb="sm"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <Loaded query={query}>
        {(grants) => {
          const known = (discovery.data?.scopes_supported ?? []).filter((name) => name.startsWith('okta.'));
          const names = [...new Set([...grants.map(({ scopeId }) => scopeId).sort(), ...known])];
          return (
            <Entries
              label="Scopes of the management API"
              items={names.filter((name) => name.toLowerCase().includes(search.trim().toLowerCase()))}
              keyOf={(name) => name}
              columns={[
                ['Scope', (name) => name],
                [
                  'Consent',
                  (name) =>
                    grants.some(({ scopeId }) => scopeId === name) ? <StatusBadge status="GRANTED" /> : 'Not granted',
                ],
                [
                  'Actions',
                  (name) => {
                    const grant = grants.find(({ scopeId }) => scopeId === name);
                    return (
                      <Button
                        variant="default"
                        size="compact-xs"
                        disabled={busy || locked}
                        aria-label={`${grant ? 'Revoke' : 'Grant'} ${name}`}
                        onClick={() =>
                          grant
                            ? change(() => remove(`${path}/${grant.id}`), `${name} was revoked`)
                            : change(
                                () => post(path, { scopeId: name, issuer: location.origin }),
                                `${name} was granted`,
                              )
                        }
                      >
                        {grant ? 'Revoke' : 'Grant'}
                      </Button>
                    );
                  },
                ],
              ]}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}
