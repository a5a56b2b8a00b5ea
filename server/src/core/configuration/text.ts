// Owns the text of a configuration: YAML, without what every org has from its first day (system scopes, claims and policies as
// they were made). Not here: what a configuration is (document.ts).
import { parse, stringify, YAMLParseError } from 'yaml';
import { systemClaims } from '../claims.ts';
import type { Env } from '../env.ts';
import { ownZones } from '../network-zones.ts';
import { defaultUserType } from '../org.ts';
import { orgPolicyTypes, policyKinds } from '../policies/org-policy-types.ts';
import { invalid } from '../refusal.ts';
import { listScopes } from '../scopes.ts';
import {
  type AttributesPart,
  type ClaimPart,
  type Configuration,
  configuration,
  isSame,
  ordered,
  type PolicyPart,
  type UserTypePart,
  type WholeConfiguration,
  type ZonePart,
} from './document.ts';

/** `users`: whether people are a part of it. */
export async function printConfiguration(
  env: Env,
  whole: WholeConfiguration,
  { users }: { users: boolean },
): Promise<string> {
  const { scopes, claims, policies, zones, userTypes } = await fromTheFirstDay(env);
  const differing = <T>(parts: readonly T[], usual: readonly T[]) =>
    parts.filter((part) => !usual.some((one) => isSame(one, part)));
  const said = {
    gatehouse: whole.gatehouse,
    userTypes: differing(whole.userTypes, userTypes).map(withAttributes),
    groupAttributes: withAttributes(whole.groupAttributes),
    groups: whole.groups.map(inOrder),
    ...(users ? { users: whole.users.map(inOrder) } : {}),
    groupRules: whole.groupRules.map(inOrder),
    networkZones: differing(whole.networkZones, zones).map(inOrder),
    eventHooks: whole.eventHooks.map(inOrder),
    inlineHooks: whole.inlineHooks.map(inOrder),
    identityProviders: whole.identityProviders.map(inOrder),
    trustedOrigins: whole.trustedOrigins.map(inOrder),
    policies: differing(whole.policies, policies).map((policy) => ({
      ...inOrder(policy),
      rules: policy.rules.map(inOrder),
    })),
    applications: whole.applications.map((part) => ({
      ...withAttributes(part),
      // Nobody is not the same as nothing said.
      ...(part.users ? { users: part.users.map(inOrder) } : {}),
    })),
    authorizationServers: whole.authorizationServers.map((server) => ({
      ...inOrder(server),
      scopes: differing(server.scopes, scopes).map(inOrder),
      claims: differing(server.claims, claims).map(inOrder),
      policies: server.policies.map((policy) => ({ ...inOrder(policy), rules: policy.rules.map(inOrder) })),
    })),
    roles: whole.roles.map(inOrder),
    ...(users ? { administrators: whole.administrators.map(inOrder) } : {}),
  };
  return stringify(said, { lineWidth: 0, aliasDuplicateObjects: false });
}

function withAttributes<T extends AttributesPart>(part: T) {
  const { attributes, baseAttributes } = part;
  return {
    ...inOrder(part),
    ...(attributes.length > 0 ? { attributes: attributes.map(inOrder) } : {}),
    ...(baseAttributes.length > 0 ? { baseAttributes: baseAttributes.map(inOrder) } : {}),
  };
}

/** Throws E0000001 with a sentence for each thing that is wrong, and where. */
export async function parseConfiguration(env: Env, text: string): Promise<Configuration> {
  const read = configuration.safeParse(yamlOf(text));
  if (!read.success)
    throw invalid('configuration', ...read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  const { data } = read;
  refuseTwice(data);
  refuseSecrets(data);
  const { scopes, claims, policies, zones, userTypes } = await fromTheFirstDay(env);
  const completed = <T>(parts: readonly T[], usual: readonly T[], key: (part: T) => string) => [
    ...parts,
    ...usual.filter((one) => !parts.some((part) => key(part) === key(one))),
  ];
  return {
    ...data,
    ...(data.userTypes ? { userTypes: completed(data.userTypes, userTypes, ({ name }) => name) } : {}),
    ...(data.networkZones ? { networkZones: completed(data.networkZones, zones, ({ name }) => name) } : {}),
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
  const named = (section: string, parts: readonly { name: string }[] = []) =>
    parts.map(({ name }) => `${section}: ${name.toLowerCase()}`);
  const attributed = (where: string, part: AttributesPart | undefined) =>
    part === undefined
      ? []
      : [...named(`${where}: attribute`, part.attributes), ...named(`${where}: base attribute`, part.baseAttributes)];
  const keys = [
    ...named('userTypes', data.userTypes),
    ...(data.userTypes ?? []).flatMap((type) => attributed(`userTypes: ${type.name}`, type)),
    ...attributed('groupAttributes', data.groupAttributes),
    ...named('groupRules', data.groupRules),
    ...named('networkZones', data.networkZones),
    ...named('eventHooks', data.eventHooks),
    ...named('inlineHooks', data.inlineHooks),
    ...named('identityProviders', data.identityProviders),
    ...(data.roles ?? []).map(({ type }) => `roles: ${type}`),
    ...(data.administrators ?? []).map(({ login }) => `administrators: ${login.toLowerCase()}`),
    ...(data.groups ?? []).map(({ name }) => `groups: ${name.toLowerCase()}`),
    ...(data.users ?? []).map(({ login }) => `users: ${login.toLowerCase()}`),
    ...(data.trustedOrigins ?? []).map(({ name }) => `trustedOrigins: ${name}`),
    ...(data.policies ?? []).flatMap(({ type, name, rules }) => [
      `policies: ${type} ${name}`,
      ...rules.map((rule) => `policies: ${type} ${name}: ${rule.name}`),
    ]),
    ...(data.applications ?? []).flatMap((part) => [
      `applications: ${part.clientId}`,
      ...attributed(`applications: ${part.clientId}`, part),
      ...(part.users ?? []).map(({ login }) => `applications: ${part.clientId}: user ${login.toLowerCase()}`),
    ]),
    ...(data.authorizationServers ?? []).flatMap(({ name, scopes, claims }) => [
      `authorizationServers: ${name}`,
      ...scopes.map((scope) => `authorizationServers: ${name}: scope ${scope.name}`),
      ...claims.map((claim) => `authorizationServers: ${name}: claim ${claim.claimType} ${claim.name}`),
    ]),
  ];
  const seen = new Set<string>();
  const twice = keys.filter((key) => seen.size === seen.add(key).size);
  if (twice.length > 0) throw invalid('configuration', ...twice.map((key) => `${key}: is there twice`));
}

function refuseSecrets({ identityProviders = [] }: Configuration): void {
  const found = identityProviders.filter(({ protocol }) =>
    /"(client_secret|privateKey)":/.test(JSON.stringify(protocol)),
  );
  if (found.length === 0) return;
  const where = found.map(({ name }) => `identityProviders: ${name}: A secret has no place here: say secretVariable`);
  throw invalid('configuration', ...where);
}

async function fromTheFirstDay(env: Env) {
  const org = await listScopes(env, { id: 'org', kind: 'org' });
  const custom = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'device_sso'];
  const nothing = { attributes: [], baseAttributes: [] };
  return {
    zones: ownZones.map(({ name, usage }): ZonePart => {
      const settings = { gateways: null, proxies: null };
      return { name, type: 'IP', status: 'ACTIVE', usage, settings };
    }),
    userTypes: [{ ...defaultUserType, ...nothing }] as UserTypePart[],
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
