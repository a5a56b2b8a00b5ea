// Owns the text of a configuration: YAML, without what every org has from its first day (system scopes, claims and policies as
// they were made). Not here: what a configuration is (document.ts).
import { parse, stringify, YAMLParseError } from 'yaml';
import { systemClaims } from '../claims.ts';
import type { Env } from '../env.ts';
import { orgPolicyTypes, policyKinds } from '../policies/org-policy-types.ts';
import { invalid } from '../refusal.ts';
import { listScopes } from '../scopes.ts';
import {
  type ClaimPart,
  type Configuration,
  configuration,
  isSame,
  ordered,
  type PolicyPart,
  type WholeConfiguration,
} from './document.ts';

/** `users`: whether people are a part of it. */
export async function printConfiguration(
  env: Env,
  whole: WholeConfiguration,
  { users }: { users: boolean },
): Promise<string> {
  const { scopes, claims, policies } = await fromTheFirstDay(env);
  const differing = <T>(parts: readonly T[], usual: readonly T[]) =>
    parts.filter((part) => !usual.some((one) => isSame(one, part)));
  const { gatehouse, groups, users: people, trustedOrigins, applications, authorizationServers } = whole;
  const said = {
    gatehouse,
    groups: groups.map(inOrder),
    ...(users ? { users: people.map(inOrder) } : {}),
    trustedOrigins: trustedOrigins.map(inOrder),
    policies: differing(whole.policies, policies).map((policy) => ({
      ...inOrder(policy),
      rules: policy.rules.map(inOrder),
    })),
    applications: applications.map(inOrder),
    authorizationServers: authorizationServers.map((server) => ({
      ...inOrder(server),
      scopes: differing(server.scopes, scopes).map(inOrder),
      claims: differing(server.claims, claims).map(inOrder),
      policies: server.policies.map((policy) => ({ ...inOrder(policy), rules: policy.rules.map(inOrder) })),
    })),
  };
  return stringify(said, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Throws E0000001 with a sentence for each thing that is wrong, and where. */
export async function parseConfiguration(env: Env, text: string): Promise<Configuration> {
  const read = configuration.safeParse(yamlOf(text));
  if (!read.success)
    throw invalid('configuration', ...read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  const { data } = read;
  refuseTwice(data);
  const { scopes, claims, policies } = await fromTheFirstDay(env);
  const completed = <T>(parts: readonly T[], usual: readonly T[], key: (part: T) => string) => [
    ...parts,
    ...usual.filter((one) => !parts.some((part) => key(part) === key(one))),
  ];
  return {
    ...data,
    ...(data.policies ? { policies: completed(data.policies, policies, ({ type, name }) => `${type} ${name}`) } : {}),
    ...(data.authorizationServers
      ? {
          authorizationServers: data.authorizationServers.map((server) => ({
            ...server,
            scopes: completed(server.scopes, scopes, ({ name }) => name),
            claims: completed(server.claims, claims, ({ name, claimType }) => `${claimType} ${name}`),
          })),
        }
      : {}),
  };
}

function yamlOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof YAMLParseError) throw invalid('configuration', `The file is not YAML: ${error.message}`);
    throw error;
  }
}

function refuseTwice(data: Configuration): void {
  const keys = [
    ...(data.groups ?? []).map(({ name }) => `groups: ${name.toLowerCase()}`),
    ...(data.users ?? []).map(({ login }) => `users: ${login.toLowerCase()}`),
    ...(data.trustedOrigins ?? []).map(({ name }) => `trustedOrigins: ${name}`),
    ...(data.policies ?? []).flatMap(({ type, name, rules }) => [
      `policies: ${type} ${name}`,
      ...rules.map((rule) => `policies: ${type} ${name}: ${rule.name}`),
    ]),
    ...(data.applications ?? []).map(({ clientId }) => `applications: ${clientId}`),
    ...(data.authorizationServers ?? []).flatMap(({ name, scopes, claims }) => [
      `authorizationServers: ${name}`,
      ...scopes.map((scope) => `authorizationServers: ${name}: scope ${scope.name}`),
      ...claims.map((claim) => `authorizationServers: ${name}: claim ${claim.claimType} ${claim.name}`),
    ]),
  ];
  const twice = [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
  if (twice.length > 0) throw invalid('configuration', ...twice.map((key) => `${key}: is there twice`));
}

async function fromTheFirstDay(env: Env) {
  const org = await listScopes(env, { id: 'org', kind: 'org' });
  const custom = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'device_sso'];
  return {
    scopes: org.filter(({ name }) => custom.includes(name)).map(({ id: _, system: __, ...scope }) => scope),
    claims: systemClaims.map((claim): ClaimPart => ({ ...claim, status: 'ACTIVE' })),
    policies: orgPolicyTypes.flatMap((type) =>
      [policyKinds[type].system, ...(policyKinds[type].further ?? [])].map((system): PolicyPart => {
        const { name, description, conditions, settings, rule } = system;
        const kind = policyKinds[type];
        return ordered({
          type,
          name,
          description,
          status: 'ACTIVE',
          conditions: kind.conditions('Everyone', conditions ?? null),
          settings: kind.settings(settings ?? null),
          rules: [{ status: 'ACTIVE', ...rule }],
        });
      }),
    ),
  };
}

const FIRST = ['type', 'name', 'login', 'clientId', 'label', 'description', 'status'];

/** What a thing is called comes first, what is in it last, and what says nothing not at all. */
function inOrder<T extends object>(part: T): Partial<T> {
  const place = (key: string) => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);
  const members = Object.entries(part)
    .filter(([key, value]) => value !== null && !(key === 'status' && value === 'ACTIVE'))
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .sort(([one], [other]) => place(one) - place(other));
  return Object.fromEntries(members) as Partial<T>;
}
