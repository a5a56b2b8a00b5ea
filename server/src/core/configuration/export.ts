// Owns reading an org's configuration out of the database, whole and in a stable order: groups by name, applications by label,
// policies and rules in the order in which they are asked. Not here: what is left out of the text (text.ts), and secrets, which
// are not read at all.

import { grantedScopes } from '../application-grants.ts';
import { CONSOLE_CLIENT_ID } from '../application-guard.ts';
import { type Application, isOAuthClient, toApplication } from '../applications.ts';
import { listAuthorizationServers } from '../authorization-servers.ts';
import { listClaims } from '../claims.ts';
import type { Env } from '../env.ts';
import { listOrgPolicies } from '../policies/org-policies.ts';
import { listOrgPolicyRules } from '../policies/org-policy-rules.ts';
import { orgPolicyTypes, policyKinds } from '../policies/org-policy-types.ts';
import { listPolicies } from '../policies/policies.ts';
import { type AccessRule, EVERYONE, listRules } from '../policies/policy-rules.ts';
import { groupSchemaOwner } from '../profile-schemas.ts';
import { listScopes } from '../scopes.ts';
import { byName, compare } from './compare.ts';
import type { AccessRulePart, ApplicationPart, PolicyPart, ServerPart, WholeConfiguration } from './document.ts';
import { ordered } from './document.ts';
import {
  exportAdministrators,
  exportAttributes,
  exportGroupRules,
  exportGroups,
  exportRoles,
  exportUsers,
  exportUserTypes,
} from './export-directory.ts';
import {
  exportEventHooks,
  exportIdentityProviders,
  exportInlineHooks,
  exportTrustedOrigins,
  exportZones,
} from './export-neighbours.ts';
import { namedExpression, type References, readReferences, translated } from './references.ts';

/**
 * Everything that a document can say of this org. `users`: people too, with their groups, the applications that are theirs by name,
 * and who of them administers; never their passwords.
 */
export async function exportConfiguration(env: Env, { users }: { users: boolean }): Promise<WholeConfiguration> {
  const { db } = env;
  const policies = await db.selectFrom('policies').select('conditions').execute();
  const policyRules = await db.selectFrom('policy_rules').select('conditions').execute();
  const groupRules = await db.selectFrom('group_rules').select('excluded_user_ids').execute();
  const references = await readReferences(env, { naming: [policies, policyRules, groupRules] });
  return ordered({
    gatehouse: 1 as const,
    userTypes: await exportUserTypes(env),
    groupAttributes: await exportAttributes(env, groupSchemaOwner),
    groups: await exportGroups(env),
    users: users ? await exportUsers(env, references) : [],
    groupRules: await exportGroupRules(env, references),
    networkZones: await exportZones(env),
    eventHooks: await exportEventHooks(env),
    inlineHooks: await exportInlineHooks(env),
    identityProviders: await exportIdentityProviders(env, references),
    trustedOrigins: await exportTrustedOrigins(env),
    policies: await exportPolicies(env, references),
    applications: await exportApplications(env, references, { users }),
    authorizationServers: await exportServers(env, references),
    roles: await exportRoles(env, references),
    administrators: users ? await exportAdministrators(env) : [],
  });
}

async function exportPolicies(env: Env, references: References): Promise<PolicyPart[]> {
  const parts: PolicyPart[] = [];
  for (const type of orgPolicyTypes) {
    const policies = await listOrgPolicies(env, type);
    const isOrdered = policyKinds[type].ruleOrder === 'dense';
    // Where no policy comes before another, their names put them in order; the system's come last in any case.
    const inOrder = isOrdered
      ? policies
      : [
          ...byName(policies.filter(({ system }) => system === 0)),
          ...byName(policies.filter(({ system }) => system === 1)),
        ];
    for (const { id, name, description, status, conditions, settings } of inOrder) {
      const rules = (await listOrgPolicyRules(env, id)).map((rule) => ({
        name: rule.name,
        status: rule.status,
        ...(isOrdered || rule.system === 1 ? {} : { priority: rule.priority }),
        conditions: translated(rule.conditions, references.nameOf),
        actions: translated(rule.actions, references.nameOf),
      }));
      const said = translated({ conditions, settings }, references.nameOf);
      parts.push({ type, name, description, status, ...said, rules });
    }
  }
  return parts;
}

async function exportApplications(
  env: Env,
  references: References,
  { users }: { users: boolean },
): Promise<ApplicationPart[]> {
  const rows = await env.db
    .selectFrom('applications')
    .selectAll()
    .where('sign_on_mode', '=', 'OPENID_CONNECT')
    .where('client_id', '!=', CONSOLE_CLIENT_ID)
    .execute();
  const groups = await env.db
    .selectFrom('application_groups')
    .selectAll()
    .orderBy('priority')
    .orderBy('group_id')
    .execute();
  const people = users ? await readAssignedPeople(env) : new Map<string, AssignedPerson[]>();
  const parts: ApplicationPart[] = [];
  for (const application of rows.map(toApplication).filter(isOAuthClient)) {
    const assigned = groups.filter(({ application_id }) => application_id === application.id);
    parts.push({
      ...exportApplication(application, references),
      groups: assigned.map(({ group_id, priority, profile }) => ({
        name: references.nameOf('group', group_id),
        priority,
        ...(Object.keys(profile).length > 0 ? { profile } : {}),
      })),
      ...(users ? { users: (people.get(application.id) ?? []).map(exportAssigned) } : {}),
      grants: await grantedScopes(env, application.id),
      ...(await exportAttributes(env, { kind: 'app', id: application.id, signOnMode: application.sign_on_mode })),
    });
  }
  return parts.sort((one, other) => compare(one.label, other.label) || compare(one.clientId, other.clientId));
}

type AssignedPerson = { login: string; credentials: Record<string, unknown>; profile: Record<string, unknown> };

/** By application, in the order of their logins. */
async function readAssignedPeople(env: Env) {
  const rows = await env.db
    .selectFrom('application_users')
    .innerJoin('users', 'users.id', 'application_users.user_id')
    .select(['application_users.application_id', 'application_users.credentials', 'application_users.profile'])
    .select('users.login')
    .execute();
  rows.sort((one, other) => compare(one.login, other.login));
  return Map.groupBy(rows, ({ application_id }) => application_id);
}

function exportAssigned({ login, credentials: { userName }, profile }: AssignedPerson) {
  const said = Object.entries(profile).filter(([, value]) => value !== null);
  return {
    login,
    ...(typeof userName === 'string' ? { userName } : {}),
    ...(said.length > 0 ? { profile: Object.fromEntries(said) } : {}),
  };
}

function exportApplication(application: Application, { nameOf }: References) {
  const { accessPolicyId, groupsClaim, logoId, oauthClient, ...settings } = application.settings;
  const { client_id: clientId, ...credentials } = application.credentials.oauthClient;
  const { jwks, backchannel_token_delivery_mode: _, ...client } = oauthClient;
  const keys = jwks?.keys.map(({ id: _, ...key }) => key);
  return {
    clientId,
    label: application.label,
    status: application.status,
    policy: accessPolicyId ? nameOf('policy', accessPolicyId) : null,
    credentials,
    oauthClient: translated({ ...client, ...(keys ? { jwks: { keys } } : {}) }, nameOf),
    groupsClaim: groupsClaim ?? null,
    userNameTemplate: application.credentials.userNameTemplate,
    accessibility: application.accessibility,
    visibility: application.visibility,
    features: application.features,
    profile: application.profile,
    settings,
  };
}

async function exportServers(env: Env, references: References): Promise<ServerPart[]> {
  const { nameOf } = references;
  const servers = await listAuthorizationServers(env, { q: null, after: null, limit: Number.MAX_SAFE_INTEGER });
  const trusted = await env.db.selectFrom('trusted_servers').selectAll().execute();
  const parts: ServerPart[] = [];
  for (const server of servers) {
    const policies: ServerPart['policies'] = [];
    for (const { id, name, description, status, clients } of await listPolicies(env, server.id)) {
      const rules = (await listRules(env, id)).map((rule) => exportRule(rule, references));
      policies.push({ name, description, status, clients: clients.map((one) => nameOf('client', one)), rules });
    }
    const { name, description, audience, issuerMode, status, rotationMode, signingAlg, conformance } = server;
    const trusts = trusted.filter((one) => one.authorization_server_id === server.id);
    const scopes = (await listScopes(env, server)).map(({ id: _, system: __, ...scope }) => scope);
    const claims = (await listClaims(env, server)).map(({ id: _, system: __, ...claim }) => ({
      ...claim,
      value:
        claim.valueType === 'EXPRESSION' && claim.value !== null
          ? namedExpression(claim.value, references)
          : claim.value,
    }));
    parts.push({
      ...{ name, description, audience, issuerMode, status, rotationMode, signingAlg, conformance },
      trusts: trusts.map((one) => nameOf('server', one.trusted_server_id)).sort(),
      scopes: byName(scopes),
      claims: claims.sort((one, other) => compare(one.name, other.name) || compare(one.claimType, other.claimType)),
      policies,
    });
  }
  return byName(parts);
}

function exportRule({ name, status, conditions, token }: AccessRule, { nameOf }: References): AccessRulePart {
  const named = (kind: 'user' | 'group', { include, exclude }: { include: string[]; exclude: string[] }) => ({
    include: include.map((id) => (id === EVERYONE ? id : nameOf(kind, id))),
    exclude: exclude.map((id) => (id === EVERYONE ? id : nameOf(kind, id))),
  });
  return {
    name,
    status,
    grantTypes: conditions.grantTypes.include,
    scopes: conditions.scopes.include,
    users: named('user', conditions.people.users),
    groups: named('group', conditions.people.groups),
    accessTokenLifetimeMinutes: token.accessTokenLifetimeMinutes,
    refreshTokenLifetimeMinutes: token.refreshTokenLifetimeMinutes,
    refreshTokenWindowMinutes: token.refreshTokenWindowMinutes,
    inlineHook: token.inlineHook ? nameOf('hook', token.inlineHook.id) : null,
  };
}
