// Owns bringing authorization servers to what a document says of them: their settings, scopes, claims, policies and rules.
// Not here: the other sections (apply.ts).
import {
  type AuthorizationServer,
  activateAuthorizationServer,
  createAuthorizationServer,
  deactivateAuthorizationServer,
  deleteAuthorizationServer,
  getAuthorizationServer,
  listAuthorizationServers,
  updateAuthorizationServer,
} from '../authorization-servers.ts';
import { createClaim, deleteClaim, listClaims, updateClaim } from '../claims.ts';
import type { Env } from '../env.ts';
import { createPolicy, deletePolicy, listPolicies, updatePolicy } from '../policies/policies.ts';
import {
  type AccessRuleInput,
  createRule,
  deleteRule,
  EVERYONE,
  listRules,
  updateRule,
} from '../policies/policy-rules.ts';
import { createScope, deleteScope, listScopes, updateScope } from '../scopes.ts';
import { distrustServer, listAssociatedServers, trustServers } from '../trusted-servers.ts';
import { type AccessPolicyPart, type AccessRulePart, isSame, type ServerPart } from './document.ts';
import { matched, putInOrder } from './match.ts';
import { expressionOf, type References } from './references.ts';

const ALL = { q: null, after: null, limit: Number.MAX_SAFE_INTEGER };

/** `before`: how the servers are described now. `references`: read again whenever names may have changed. */
export async function applyServers(
  env: Env,
  before: readonly ServerPart[],
  wanted: readonly ServerPart[],
  references: () => Promise<References>,
): Promise<void> {
  const servers = await listAuthorizationServers(env, ALL);
  const { pairs, surplus } = matched(servers, wanted, nameOf, nameOf);
  for (const { has, wanted: part } of pairs) if (!has) await createAuthorizationServer(env, inputOf(part));
  const names = await references();
  for (const part of wanted) {
    const said = before.find(({ name }) => name === part.name);
    if (said && isSame(said, part)) continue;
    const server = (await listAuthorizationServers(env, ALL)).find(({ name }) => name === part.name);
    if (server) await applyServer(env, server, said, part, names);
  }
  for (const { id, isDefault, status } of surplus) {
    if (isDefault) continue;
    if (status === 'ACTIVE') await deactivateAuthorizationServer(env, id);
    await deleteAuthorizationServer(env, id);
  }
}

function nameOf({ name }: { name: string }): string {
  return name;
}

function inputOf(part: ServerPart) {
  const { name, description, audience, issuerMode, rotationMode, conformance } = part;
  const signingAlg = part.signingAlg as AuthorizationServer['signingAlg'] | undefined;
  return { name, description, audience, issuerMode, rotationMode, conformance, ...(signingAlg ? { signingAlg } : {}) };
}

async function applyServer(
  env: Env,
  server: AuthorizationServer,
  said: ServerPart | undefined,
  part: ServerPart,
  names: References,
): Promise<void> {
  const { id } = server;
  if (said && !isSame(inputOf(said), inputOf(part))) await updateAuthorizationServer(env, id, inputOf(part));
  if (server.status !== part.status)
    await (part.status === 'ACTIVE' ? activateAuthorizationServer(env, id) : deactivateAuthorizationServer(env, id));
  await applyTrust(
    env,
    server,
    part.trusts.map((name) => names.idOf('server', name)),
  );
  await applyScopes(env, server, part);
  await applyClaims(env, server, part, names);
  await applyPolicies(env, await getAuthorizationServer(env, id), said?.policies ?? [], part.policies, names);
}

async function applyTrust(env: Env, server: AuthorizationServer, ids: readonly string[]): Promise<void> {
  const trusted = await listAssociatedServers(env, server, { ...ALL, trusted: true });
  const added = ids.filter((id) => !trusted.some((one) => one.id === id));
  await trustServers(env, server, added);
  for (const { id } of trusted) if (!ids.includes(id)) await distrustServer(env, server, id);
}

async function applyScopes(env: Env, server: AuthorizationServer, { scopes }: ServerPart): Promise<void> {
  const { pairs, surplus } = matched(await listScopes(env, server), scopes, nameOf, nameOf);
  for (const { id, system } of surplus) if (!system) await deleteScope(env, server, id);
  for (const { has, wanted } of pairs) {
    if (!has) await createScope(env, server, wanted);
    else {
      const { id, system: _, ...said } = has;
      if (!isSame(said, wanted)) await updateScope(env, server, id, wanted);
    }
  }
}

async function applyClaims(
  env: Env,
  server: AuthorizationServer,
  { claims: named }: ServerPart,
  names: References,
): Promise<void> {
  const claims = named.map((claim) => ({
    ...claim,
    value: claim.valueType === 'EXPRESSION' && claim.value !== null ? expressionOf(claim.value, names) : claim.value,
  }));
  const key = ({ name, claimType }: { name: string; claimType: string }) => `${claimType} ${name}`;
  const { pairs, surplus } = matched(await listClaims(env, server), claims, key, key);
  for (const { id, system } of surplus) if (!system) await deleteClaim(env, server, id);
  for (const { has, wanted } of pairs) {
    if (!has) await createClaim(env, server, wanted);
    else {
      const { id, system: _, ...said } = has;
      if (!isSame(said, wanted)) await updateClaim(env, server, id, wanted);
    }
  }
}

async function applyPolicies(
  env: Env,
  server: AuthorizationServer,
  before: readonly AccessPolicyPart[],
  wanted: readonly AccessPolicyPart[],
  names: References,
): Promise<void> {
  // The policies as they are now, each beside how it is described.
  const policies = (await listPolicies(env, server.id)).map((policy, index) => ({ ...policy, said: before[index] }));
  const { pairs, surplus } = matched(policies, wanted, nameOf, nameOf);
  for (const { id } of surplus) await deletePolicy(env, server, id);
  const ids: string[] = [];
  for (const { has, wanted: part } of pairs) {
    const clients = part.clients.map((name) => (name === 'ALL_CLIENTS' ? name : names.idOf('client', name)));
    const input = { name: part.name, description: part.description, clients, status: part.status, priority: undefined };
    const policy = has ?? (await createPolicy(env, server, input));
    const { rules: saidRules, ...said } = has?.said ?? { rules: [] };
    const { rules, ...own } = part;
    if (has && !isSame(said, own)) await updatePolicy(env, server, has.id, input);
    if (!isSame(saidRules, rules)) await applyRules(env, policy, saidRules, rules, names);
    ids.push(policy.id);
  }
  const described = () => listPolicies(env, server.id);
  await putInOrder(ids, described, async (id, priority) => {
    const policy = (await described()).find((one) => one.id === id);
    if (policy) await updatePolicy(env, server, id, { ...policy, priority });
  });
}

async function applyRules(
  env: Env,
  policy: Parameters<typeof createRule>[1],
  before: readonly AccessRulePart[],
  wanted: readonly AccessRulePart[],
  names: References,
): Promise<void> {
  const rules = (await listRules(env, policy.id)).map((rule, index) => ({ ...rule, said: before[index] }));
  const { pairs, surplus } = matched(rules, wanted, nameOf, nameOf);
  for (const { id } of surplus) await deleteRule(env, policy, id);
  const ids: string[] = [];
  for (const { has, wanted: part } of pairs) {
    if (has && isSame(has.said, part)) ids.push(has.id);
    else if (has) ids.push((await updateRule(env, policy, has.id, ruleInput(part, names))).id);
    else ids.push((await createRule(env, policy, ruleInput(part, names))).id);
  }
  const described = () => listRules(env, policy.id);
  await putInOrder(ids, described, async (id, priority) => {
    const rule = (await described()).find((one) => one.id === id);
    if (rule) await updateRule(env, policy, id, { ...rule, priority });
  });
}

function ruleInput(part: AccessRulePart, { idOf }: References): AccessRuleInput {
  const ids = (kind: 'user' | 'group', list: readonly string[]) =>
    list.map((name) => (name === EVERYONE ? name : idOf(kind, name)));
  const condition = (kind: 'user' | 'group', { include, exclude }: { include: string[]; exclude: string[] }) => ({
    include: ids(kind, include),
    exclude: ids(kind, exclude),
  });
  return {
    name: part.name,
    status: part.status,
    priority: undefined,
    conditions: {
      people: { users: condition('user', part.users), groups: condition('group', part.groups) },
      grantTypes: { include: part.grantTypes },
      scopes: { include: part.scopes },
    },
    token: {
      accessTokenLifetimeMinutes: part.accessTokenLifetimeMinutes,
      refreshTokenLifetimeMinutes: part.refreshTokenLifetimeMinutes,
      refreshTokenWindowMinutes: part.refreshTokenWindowMinutes,
      ...(part.inlineHook === null ? {} : { inlineHook: { id: idOf('hook', part.inlineHook) } }),
    },
  };
}
