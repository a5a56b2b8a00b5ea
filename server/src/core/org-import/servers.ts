// Owns what another org's authorization servers are as parts of a document: their scopes, claims, policies and rules. Not here: keys,
// which every server here makes anew.
import type { Config } from '../../config.ts';
import { grantTypes } from '../application-settings.ts';
import { conformances } from '../authorization-servers.ts';
import type { AccessPolicyPart, AccessRulePart, ClaimPart, ScopePart, ServerPart } from '../configuration/document.ts';
import { ExpressionError } from '../expressions/expression-error.ts';
import { parseExpression } from '../expressions/parse-expression.ts';
import { EVERYONE } from '../policies/policy-rules.ts';
import { leftInactive } from './directory.ts';
import { statusOf } from './neighbours.ts';
import { at, objectOf, type ReadOrg, type ReadServer, textOf, textsOf } from './read-org.ts';
import { type Names, namedGroups, namedList } from './remote-names.ts';
import type { Json } from './remote-org.ts';
import type { Report } from './report.ts';

type Around = { names: Names; report: Report; config: Config };

export function serverParts(org: ReadOrg, around: Around): ServerPart[] {
  return org.authorizationServers.map((read) => serverPart(read, around));
}

function serverPart({ server, scopes, claims, policies, trusted }: ReadServer, around: Around): ServerPart {
  const name = String(server.name);
  const { names, report } = around;
  const trusts = namedList(
    names,
    'server',
    trusted.map(({ id }) => String(id)),
  );
  if (trusts.lost.length > 0) report.add('authorization servers', name, 'A server that it trusts did not come along');
  const conformance = conformances.find((one) => one === server.conformance);
  const signingAlg = textOf(at(server, 'credentials', 'signing', 'alg'));
  const rotationMode = at(server, 'credentials', 'signing', 'rotationMode');
  return {
    name,
    description: textOf(server.description),
    audience: textsOf(server.audiences)[0] ?? '',
    issuerMode: issuerModeHere(server.issuerMode, `the authorization server ${name}`, around),
    status: statusOf(server),
    ...(rotationMode === 'AUTO' || rotationMode === 'MANUAL' ? { rotationMode } : {}),
    ...(signingAlg === 'RS256' || signingAlg === 'ES256' ? { signingAlg } : {}),
    ...(conformance ? { conformance } : {}),
    trusts: trusts.value,
    scopes: scopes.map(scopePart),
    claims: claims.flatMap((claim) => claimPart(name, claim, around)),
    policies: policies.map((one) => policyPart(name, one, around)),
  };
}

/** An issuer at a custom domain is only for an org that has one. */
export function issuerModeHere(given: unknown, owner: string, { config, report }: Around) {
  const mode = (['ORG_URL', 'CUSTOM_URL', 'DYNAMIC'] as const).find((one) => one === given) ?? 'ORG_URL';
  if (mode !== 'CUSTOM_URL' || config.domains.length > 0) return mode;
  report.add(
    'issuers',
    owner,
    'Its issuer was at a custom domain: here it is at GATEHOUSE_URL until GATEHOUSE_DOMAINS is set',
  );
  return 'ORG_URL';
}

function scopePart(scope: Json): ScopePart {
  return {
    name: String(scope.name),
    displayName: textOf(scope.displayName),
    description: textOf(scope.description),
    metadataPublish: scope.metadataPublish === 'ALL_CLIENTS' ? 'ALL_CLIENTS' : 'NO_CLIENTS',
    consent: scope.consent === 'REQUIRED' ? 'REQUIRED' : scope.consent === 'FLEXIBLE' ? 'FLEXIBLE' : 'IMPLICIT',
    optional: scope.optional === true,
    default: scope.default === true,
  };
}

function claimPart(server: string, claim: Json, { names, report }: Around): ClaimPart[] {
  const name = String(claim.name);
  // The system's own are here already.
  if (claim.valueType === 'SYSTEM') return [];
  const isGroups = claim.valueType === 'GROUPS';
  const text = textOf(claim.value);
  const problem = isGroups || text === null ? null : problemOf(text);
  const value = isGroups || text === null ? { value: text, lost: [] } : namedGroups(names, text);
  if (problem !== null) {
    report.add('claims', `${name} of ${server}`, problem);
    return [];
  }
  if (value.lost.length > 0) report.add('claims', `${name} of ${server}`, leftInactive(value.lost));
  const filters = ['STARTS_WITH', 'EQUALS', 'CONTAINS', 'REGEX'] as const;
  return [
    {
      name,
      claimType: claim.claimType === 'IDENTITY' ? 'IDENTITY' : 'RESOURCE',
      status: value.lost.length > 0 ? 'INACTIVE' : statusOf(claim),
      valueType: isGroups ? 'GROUPS' : 'EXPRESSION',
      value: value.value,
      groupFilterType: filters.find((one) => one === claim.group_filter_type) ?? null,
      scopes: textsOf(at(claim, 'conditions', 'scopes')),
      alwaysIncludeInToken: claim.alwaysIncludeInToken !== false,
    },
  ];
}

function problemOf(text: string): string | null {
  try {
    parseExpression(text, 'claims');
    return null;
  } catch (error) {
    if (error instanceof ExpressionError) return `Its expression is not understood here: ${error.message}`;
    throw error;
  }
}

type ReadPolicy = ReadServer['policies'][number];

function policyPart(server: string, { policy, rules }: ReadPolicy, around: Around): AccessPolicyPart {
  const name = String(policy.name);
  const given = textsOf(at(policy, 'conditions', 'clients', 'include'));
  const clients = namedList(around.names, 'client', given, ['ALL_CLIENTS']);
  if (clients.lost.length > 0) around.report.add('access policies', `${name} of ${server}`, leftInactive(clients.lost));
  return {
    name,
    description: textOf(policy.description),
    status: clients.lost.length > 0 ? 'INACTIVE' : statusOf(policy),
    clients: clients.value,
    rules: rules.map((rule) => rulePart(`${server}: ${name}`, rule, around)),
  };
}

function rulePart(owner: string, rule: Json, { names, report }: Around): AccessRulePart {
  const name = String(rule.name);
  const lost: string[] = [];
  const people = (kind: 'user' | 'group', lists: unknown) => {
    const [include, exclude] = (['include', 'exclude'] as const).map((list) =>
      namedList(names, kind, textsOf(at(lists, list)), [EVERYONE]),
    );
    lost.push(...(include?.lost ?? []), ...(exclude?.lost ?? []));
    return { include: include?.value ?? [], exclude: exclude?.value ?? [] };
  };
  const { conditions } = rule;
  const users = people('user', at(conditions, 'people', 'users'));
  const groups = people('group', at(conditions, 'people', 'groups'));
  const token = objectOf(at(rule, 'actions', 'token'));
  const hookId = textOf(at(token, 'inlineHook', 'id'));
  const inlineHook = hookId === null ? null : names.find('hook', hookId);
  if (hookId !== null && inlineHook === null) lost.push(`inline hook ${hookId}`);
  const given = textsOf(at(conditions, 'grantTypes', 'include'));
  const unknown = given.filter((type) => !(grantTypes as readonly string[]).includes(type));
  lost.push(...unknown.map((type) => `grant type ${type}`));
  if (lost.length > 0) report.add('access rules', `${owner}: ${name}`, leftInactive(lost));
  const minutes = (value: unknown, usual: number) => (typeof value === 'number' ? value : usual);
  return {
    name,
    status: lost.length > 0 ? 'INACTIVE' : statusOf(rule),
    grantTypes: given.filter((type) => !unknown.includes(type)),
    scopes: textsOf(at(conditions, 'scopes', 'include')),
    ...{ users, groups, inlineHook },
    accessTokenLifetimeMinutes: minutes(token.accessTokenLifetimeMinutes, 60),
    refreshTokenLifetimeMinutes: minutes(token.refreshTokenLifetimeMinutes, 0),
    refreshTokenWindowMinutes: minutes(token.refreshTokenWindowMinutes, 10_080),
  };
}
