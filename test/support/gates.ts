// Owns the gates that stand between a request and its tokens: how each is shut and opened again, and how a grant that meets it is
// refused. Not here: the grants (test/protocol/every-grant.test.ts).
import type { GrantClient } from './grants.ts';

/** What came of an attempt: null is tokens. */
export type Refusal = { status: number | null; error: string; description: string } | null;

/** A request that is right in everything but what a gate says. */
export type Wrong = { scope?: string; secret?: string; elsewhere?: boolean };

export type GateName = (typeof gates)[number]['name'];

export type Gate = {
  name: string;
  /** Shuts it and says how to open it again; a gate of the request itself has nothing to shut. */
  shut?(client: GrantClient): Promise<() => Promise<unknown>>;
  wrong?: Wrong;
  /** Shut before the whole way, before its last step, or both in turn. */
  when: readonly ('before' | 'between')[];
  /** Of the refusal: its OAuth error, and which of the texts. */
  expected: { error: RegExp; description: RegExp };
};

const POLICY = /^Policy evaluation failed for this request/;
const DEAD_TOKEN = /is invalid or (has )?expired|subject_token' either expired|'subject_token' is invalid/;

export const gates = [
  {
    name: 'wrong client credentials',
    wrong: { secret: 'not-the-secret' },
    when: ['between'],
    expected: { error: /^invalid_client$/, description: /^The client secret supplied .* is invalid\.$/ },
  },
  {
    name: 'grant not allowed for the client',
    shut: (client) =>
      changeApp(client, { grant_types: ['urn:openid:params:grant-type:ciba'], response_types: ['token'] }),
    when: ['before', 'between'],
    expected: {
      error: /^unauthorized_client$|^unsupported_response_type$/,
      description: /is not authorized to use the provided grant type|response type is not supported/,
    },
  },
  {
    name: 'unknown scope',
    wrong: { scope: 'catalogue everything' },
    when: ['before'],
    expected: { error: /^invalid_scope$|^access_denied$/, description: /not configured|not granted in the original/ },
  },
  {
    name: 'scope outside the rule',
    shut: (client) => changeRule(client, { scopes: { include: ['orders'] } }),
    when: ['before'],
    expected: { error: /^access_denied$/, description: /all the requested scopes were rejected|Denied scopes/ },
  },
  {
    name: 'no policy for the client',
    shut: async (client) => {
      await client.api.post(`${policyPath(client)}/lifecycle/deactivate`);
      return () => client.api.post(`${policyPath(client)}/lifecycle/activate`);
    },
    when: ['before'],
    expected: { error: /^access_denied$/, description: POLICY },
  },
  {
    name: 'rule without this grant',
    shut: (client) => changeRule(client, { grantTypes: { include: ['interaction_code'] } }),
    when: ['before'],
    expected: { error: /^access_denied$/, description: POLICY },
  },
  {
    name: 'rule for other people',
    shut: (client) => changeRule(client, { people: { groups: { include: ['00gNotTheirGroup00000'] } } }),
    when: ['before'],
    expected: { error: /^access_denied$/, description: POLICY },
  },
  {
    name: 'user not assigned',
    shut: async (client) => {
      await client.api.delete(`/api/v1/apps/${client.app.id}/users/${client.user.id}`);
      return () => client.api.post(`/api/v1/apps/${client.app.id}/users`, { id: client.user.id, scope: 'USER' });
    },
    when: ['before'],
    expected: { error: /^access_denied$|^invalid_grant$/, description: /is not assigned|is invalid or expired/ },
  },
  {
    name: 'user suspended',
    shut: async (client) => {
      await client.api.post(`/api/v1/users/${client.user.id}/lifecycle/suspend`);
      return () => client.api.post(`/api/v1/users/${client.user.id}/lifecycle/unsuspend`);
    },
    when: ['between'],
    expected: {
      error: /^invalid_grant$|^login_required$|^invalid_request$/,
      description: new RegExp(`${DEAD_TOKEN.source}|credentials provided|not an active user|not logged in`),
    },
  },
  {
    name: 'inactive client',
    shut: async (client) => {
      await client.api.post(`/api/v1/apps/${client.app.id}/lifecycle/deactivate`);
      return () => client.api.post(`/api/v1/apps/${client.app.id}/lifecycle/activate`);
    },
    when: ['before', 'between'],
    expected: { error: /^invalid_client$/, description: /^Invalid value for 'client_id' parameter\.$/ },
  },
  {
    name: 'inactive server',
    shut: async (client) => {
      const path = `/api/v1/authorizationServers/${client.authorizationServer.id}/lifecycle`;
      await client.api.post(`${path}/deactivate`);
      return () => client.api.post(`${path}/activate`);
    },
    when: ['before', 'between'],
    expected: { error: /^invalid_request$/, description: /^The authorization server id is invalid\.$/ },
  },
  {
    name: 'token of another server',
    wrong: { elsewhere: true },
    when: ['between'],
    expected: {
      error: /^invalid_grant$|^invalid_request$|^access_denied$/,
      description: new RegExp(`${DEAD_TOKEN.source}|issued for another authorization server|audience|isn't a trusted`),
    },
  },
] as const satisfies readonly Gate[];

function policyPath({ authorizationServer, policy }: GrantClient): string {
  return `/api/v1/authorizationServers/${authorizationServer.id}/policies/${policy.id}`;
}

async function changeRule(client: GrantClient, conditions: object): Promise<() => Promise<unknown>> {
  const path = `${policyPath(client)}/rules/${client.rule.id}`;
  const before = await client.api.get<{ conditions: object }>(path);
  await client.api.put(path, { ...before, conditions: { ...before.conditions, ...conditions } });
  return () => client.api.put(path, before);
}

async function changeApp(client: GrantClient, oauthClient: object): Promise<() => Promise<unknown>> {
  const path = `/api/v1/apps/${client.app.id}`;
  const before = await client.api.get<{ settings: { oauthClient: object } }>(path);
  const settings = { ...before.settings, oauthClient: { ...before.settings.oauthClient, ...oauthClient } };
  await client.api.put(path, { ...before, settings });
  return () => client.api.put(path, before);
}
