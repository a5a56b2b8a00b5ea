// Owns reading another org whole, before anything is written here: one member for each thing that is asked for. Not here: HTTP
// (remote-org.ts), and what becomes of what was read (the other files of this folder).
import { orgPolicyTypes } from '../policies/org-policy-types.ts';
import type { Json, RemoteOrg } from './remote-org.ts';
import type { Report } from './report.ts';

export type ReadOrg = {
  userTypes: { type: Json; schema: Json | null }[];
  groupSchema: Json | null;
  groups: { group: Json; memberIds: string[] }[];
  users: Json[];
  groupRules: Json[];
  zones: Json[];
  trustedOrigins: Json[];
  identityProviders: Json[];
  eventHooks: Json[];
  inlineHooks: Json[];
  policies: { policy: Json; rules: Json[] }[];
  applications: ReadApplication[];
  authorizationServers: ReadServer[];
};

export type ReadApplication = {
  application: Json;
  schema: Json | null;
  groups: Json[];
  users: Json[];
  grants: Json[];
  idToken: Json | null;
};

export type ReadServer = {
  server: Json;
  scopes: Json[];
  claims: Json[];
  policies: { policy: Json; rules: Json[] }[];
  trusted: Json[];
};

/** `note`: told how far the reading is. */
export async function readOrg(remote: RemoteOrg, report: Report, note: (text: string) => void): Promise<ReadOrg> {
  const list = async (what: string, path: string): Promise<Json[]> => {
    const items = await remote.list(path);
    if (items === null) report.add(what, '', 'The org does not show them to this token, or does not have them');
    else note(`Read ${items.length} ${what}\n`);
    return items ?? [];
  };
  const users = await list('users', '/api/v1/users?limit=200');
  return {
    users,
    userTypes: await readUserTypes(remote, await list('user types', '/api/v1/meta/types/user')),
    groupSchema: await remote.get('/api/v1/meta/schemas/group/default'),
    groups: await readGroups(remote, await list('groups', '/api/v1/groups?limit=200'), note),
    groupRules: await list('group rules', '/api/v1/groups/rules?limit=50'),
    zones: await list('network zones', '/api/v1/zones?limit=200'),
    trustedOrigins: await list('trusted origins', '/api/v1/trustedOrigins?limit=200'),
    identityProviders: await list('identity providers', '/api/v1/idps?limit=200'),
    eventHooks: await list('event hooks', '/api/v1/eventHooks'),
    inlineHooks: await list('inline hooks', '/api/v1/inlineHooks'),
    policies: await readPolicies(remote, note),
    applications: await readApplications(remote, await list('applications', '/api/v1/apps?limit=200'), note),
    authorizationServers: await readServers(
      remote,
      await list('authorization servers', '/api/v1/authorizationServers?limit=200'),
    ),
  };
}

async function readUserTypes(remote: RemoteOrg, types: readonly Json[]): Promise<ReadOrg['userTypes']> {
  const read: ReadOrg['userTypes'] = [];
  for (const type of types) {
    const path = lastOf(at(type, '_links', 'schema', 'href'));
    const schema = path === null ? null : await remote.get(`/api/v1/meta/schemas/user/${encodeURIComponent(path)}`);
    read.push({ type, schema });
  }
  return read;
}

async function readGroups(
  remote: RemoteOrg,
  groups: readonly Json[],
  note: (text: string) => void,
): Promise<ReadOrg['groups']> {
  const read: ReadOrg['groups'] = [];
  let memberships = 0;
  for (const group of groups) {
    const isBuiltIn = group.type === 'BUILT_IN';
    const members = isBuiltIn ? [] : ((await remote.list(`/api/v1/groups/${idIn(group)}/users?limit=200`)) ?? []);
    read.push({ group, memberIds: members.map(({ id }) => String(id)) });
    memberships += members.length;
    if (read.length % 100 === 0) note(`Read the members of ${read.length} of ${groups.length} groups\n`);
  }
  note(`Read ${memberships} memberships\n`);
  return read;
}

async function readPolicies(remote: RemoteOrg, note: (text: string) => void): Promise<ReadOrg['policies']> {
  const read: ReadOrg['policies'] = [];
  for (const type of orgPolicyTypes)
    for (const policy of (await remote.list(`/api/v1/policies?type=${type}`)) ?? []) {
      const rules = (await remote.list(`/api/v1/policies/${idIn(policy)}/rules`)) ?? [];
      read.push({ policy, rules });
    }
  note(`Read ${read.length} policies\n`);
  return read;
}

async function readApplications(
  remote: RemoteOrg,
  applications: readonly Json[],
  note: (text: string) => void,
): Promise<ReadApplication[]> {
  const read: ReadApplication[] = [];
  for (const application of applications) {
    const of = `/api/v1/apps/${idIn(application)}`;
    const isClient = application.signOnMode === 'OPENID_CONNECT';
    const list = async (path: string) => (isClient ? ((await remote.list(`${of}${path}`)) ?? []) : []);
    read.push({
      application,
      schema: isClient ? await remote.get(`/api/v1/meta/schemas/apps/${idIn(application)}/default`) : null,
      groups: await list('/groups?limit=200'),
      users: await list('/users?limit=200'),
      grants: await list('/grants'),
      idToken: isClient ? await remote.get(`/api/v1/internal/apps/${idIn(application)}/settings/oauth/idToken`) : null,
    });
    if (read.length % 50 === 0) note(`Read ${read.length} of ${applications.length} applications whole\n`);
  }
  return read;
}

async function readServers(remote: RemoteOrg, servers: readonly Json[]): Promise<ReadServer[]> {
  const read: ReadServer[] = [];
  for (const server of servers) {
    const of = `/api/v1/authorizationServers/${idIn(server)}`;
    const policies: ReadServer['policies'] = [];
    for (const policy of (await remote.list(`${of}/policies`)) ?? [])
      policies.push({ policy, rules: (await remote.list(`${of}/policies/${idIn(policy)}/rules`)) ?? [] });
    read.push({
      server,
      policies,
      scopes: (await remote.list(`${of}/scopes`)) ?? [],
      claims: (await remote.list(`${of}/claims`)) ?? [],
      trusted: (await remote.list(`${of}/associatedServers?trusted=true&limit=200`)) ?? [],
    });
  }
  return read;
}

function idIn({ id }: Json): string {
  return encodeURIComponent(String(id));
}

/** What stands at the end of a path of members; undefined where one is missing. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? (inner as Json)[name] : undefined),
    value,
  );
}

/** The last part of the path of an address. */
export function lastOf(href: unknown): string | null {
  return typeof href === 'string' ? (href.split('?')[0]?.split('/').at(-1) ?? null) : null;
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textsOf(value: unknown): string[] {
  return listOf(value).filter((one) => typeof one === 'string');
}

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
