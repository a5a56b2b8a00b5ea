// Owns what another org's OAuth clients are as parts of a document. Not here: who is assigned by name (import-people.ts), and secrets,
// which every client here is given anew.
import type { Config } from '../../config.ts';
import { CONSOLE_CLIENT_ID } from '../application-guard.ts';
import { applicationTypes, clientAuthenticationMethods, grantTypes, responseTypes } from '../application-settings.ts';
import { applicationBaseAttributes } from '../base-attributes.ts';
import type { ApplicationPart } from '../configuration/document.ts';
import { attributesPart } from './directory.ts';
import { statusOf } from './neighbours.ts';
import { at, lastOf, objectOf, type ReadApplication, type ReadOrg, textOf, textsOf } from './read-org.ts';
import { isClient, type Names, named } from './remote-names.ts';
import type { Json } from './remote-org.ts';
import type { Report } from './report.ts';
import { issuerModeHere } from './servers.ts';

type Around = { names: Names; report: Report; config: Config };

export function applicationParts(org: ReadOrg, around: Around): ApplicationPart[] {
  const systemPolicies = new Set(
    org.policies.filter(({ policy }) => policy.system === true).map(({ policy }) => policy.id),
  );
  return org.applications.flatMap((read): ApplicationPart[] => {
    const { application } = read;
    const label = String(application.label);
    const clientId = clientIdOf(application);
    if (clientId === CONSOLE_CLIENT_ID) return [];
    if (!isClient(application) || clientId === null) {
      const mode = textOf(application.signOnMode) ?? 'unknown';
      around.report.add('applications', label, `Its sign-on mode, ${mode}, does not come along: make it here by hand`);
      return [];
    }
    return applicationPart(read, { label, clientId, systemPolicies }, around);
  });
}

export function clientIdOf(application: Json): string | null {
  return textOf(at(application, 'credentials', 'oauthClient', 'client_id'));
}

type Known = { label: string; clientId: string; systemPolicies: ReadonlySet<unknown> };

function applicationPart(read: ReadApplication, { label, clientId, systemPolicies }: Known, around: Around) {
  const { application, groups, grants, schema } = read;
  const { names, report } = around;
  const note = (says: string) => report.add('applications', label, says);
  const oauthClient = clientSettings(application, label, around);
  const method = textOf(at(application, 'credentials', 'oauthClient', 'token_endpoint_auth_method'));
  if (oauthClient === null || !isOneOf(clientAuthenticationMethods, method)) {
    note('It is of a type, or proves itself by a method, that is not known here: it was left out');
    return [];
  }
  if (method.startsWith('client_secret')) note('Its client secret does not come along: it has one of its own here');
  const policyId = lastOf(at(application, '_links', 'accessPolicy', 'href'));
  const policy = policyId === null || systemPolicies.has(policyId) ? null : names.find('policy', policyId);
  if (policyId !== null && policy === null && !systemPolicies.has(policyId))
    note('Its authentication policy did not come along: it is under the default one');
  const { pkce_required } = objectOf(at(application, 'credentials', 'oauthClient'));
  const { app, notifications, manualProvisioning, implicitAssignment, emOptInStatus, notes } = objectOf(
    application.settings,
  );
  const settings = defined({ app, notifications, manualProvisioning, implicitAssignment, emOptInStatus, notes });
  const part: ApplicationPart = {
    ...{ clientId, label, policy, settings, oauthClient },
    status: statusOf(application),
    groups: groups.flatMap(({ id, priority, profile }) => {
      const name = names.find('group', String(id));
      if (name === null) note(`A group that is assigned (${id}) did not come along`);
      const given = objectOf(profile);
      return name === null
        ? []
        : [
            {
              name,
              ...(typeof priority === 'number' ? { priority } : {}),
              ...(Object.keys(given).length > 0 ? { profile: given } : {}),
            },
          ];
    }),
    grants: grants.flatMap(({ scopeId }) => textOf(scopeId) ?? []),
    credentials: defined({ token_endpoint_auth_method: method, pkce_required }),
    groupsClaim: groupsClaimOf(read.idToken),
    ...defined({
      userNameTemplate: at(application, 'credentials', 'userNameTemplate'),
      accessibility: application.accessibility,
      visibility: application.visibility,
    }),
    profile: application.profile ? objectOf(application.profile) : null,
    ...attributesPart(schema, applicationBaseAttributes('OPENID_CONNECT'), report, `the application ${label}`),
  };
  return [part];
}

function clientSettings(application: Json, label: string, around: Around): ApplicationPart['oauthClient'] | null {
  const given = objectOf(at(application, 'settings', 'oauthClient'));
  if (!isOneOf(applicationTypes, given.application_type)) return null;
  const known = (name: string, list: readonly string[]) => {
    const values = textsOf(given[name]);
    const unknown = values.filter((value) => !list.includes(value));
    if (unknown.length > 0) around.report.add('applications', label, `${unknown.join(', ')} is not known here`);
    return values.filter((value) => list.includes(value));
  };
  const { network, jwks, ...rest } = given;
  const placed = named(around.names, { network });
  if (placed.lost.length > 0)
    around.report.add('applications', label, 'A network zone that it is bound to did not come along');
  const keys = at(jwks, 'keys');
  return {
    ...defined(rest),
    ...(network && placed.lost.length === 0 ? defined(placed.value) : {}),
    ...(Array.isArray(keys) ? { jwks: { keys: keys.map(publicPart) } } : {}),
    application_type: given.application_type,
    grant_types: known('grant_types', grantTypes),
    response_types: known('response_types', responseTypes),
    issuer_mode: issuerModeHere(given.issuer_mode, `the application ${label}`, around),
  };
}

/** The key without what the other org added to it. */
function publicPart(key: unknown): Json {
  const { id: _, created: __, lastUpdated: ___, _links, ...jwk } = objectOf(key);
  return defined(jwk);
}

function groupsClaimOf(settings: Json | null): ApplicationPart['groupsClaim'] {
  const { valueType, name, groupFilterType, value } = settings ?? {};
  if ((valueType !== 'GROUPS' && valueType !== 'EXPRESSION') || !name) return null;
  return defined({ valueType, name, groupFilterType, value });
}

function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value);
}

// Null and missing mean the same.
function defined(members: Json): Json {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}
