// Owns: the set-up guide's eight steps, taken through the management API. Each finds by name what is there, and changes only
// what differs, so that taking them again changes nothing.
// Does not own: starting anything (quickstart.ts), showing progress (the `tell` it is given).
import type { ManagementApi } from './management-api.ts';

export type GuideInput = {
  /** Where the catalogue is open. */
  demoOrigin: string;
  person: { login: string; firstName: string; lastName: string };
  /** Asked for only if the person has to be made, or their password is known to nobody any more. */
  newPassword: () => string;
  /** True when the password given to the person on an earlier start can still be looked up. */
  passwordIsKept: boolean;
};

export type GuideResult = {
  issuer: string;
  clientId: string;
  /** Only when it was set just now. */
  password: string | undefined;
};

export type Outcome = 'made' | 'changed' | 'found';
export type Tell = (step: number, what: string, outcome: Outcome) => void;

const NAME = 'Data catalogue';
const SCOPE = 'catalogue';
const ACCESS_TOKEN_MINUTES = 5;

type Application = {
  id: string;
  label: string;
  credentials: { oauthClient: { client_id: string } & Fields };
  settings: { oauthClient: Fields } & Fields;
} & Fields;
type AuthorizationServer = { id: string; name: string; issuer: string } & Fields;
type Named = { id: string; name: string } & Fields;
type Fields = Record<string, unknown>;

export async function followGuide(api: ManagementApi, input: GuideInput, tell: Tell): Promise<GuideResult> {
  const org = await api.get<{ companyName: string }>('/org');
  tell(1, `The organization ${org.companyName} is ready`, 'found');

  const application = await appIntegration(api, input.demoOrigin, tell);
  const clientId = application.credentials.oauthClient.client_id;
  await configureApp(api, application, input.demoOrigin, tell);

  const server = await authorizationServer(api, clientId, tell);
  const { issuer } = await fixedIssuer(api, server, tell);
  await defaultScope(api, server.id, tell);
  await accessPolicy(api, server.id, clientId, tell);

  const password = await person(api, input, tell);
  tell(8, `Client ID ${clientId}, issuer ${issuer}, consent is not asked for`, 'found');
  return { issuer, clientId, password };
}

/** Step 2: create the OIDC app integration; it is found by its label. */
async function appIntegration(api: ManagementApi, demoOrigin: string, tell: Tell): Promise<Application> {
  const found = (await api.get<Application[]>(`/apps?limit=200&q=${encodeURIComponent(NAME)}`)).find(
    (app) => app.label === NAME,
  );
  const application = found ?? (await api.post<Application>('/apps', newApplication(demoOrigin)));
  tell(2, `App integration “${NAME}” (OIDC, single-page application)`, found === undefined ? 'made' : 'found');
  return application;
}

function newApplication(demoOrigin: string) {
  return {
    name: 'oidc_client',
    label: NAME,
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'none', pkce_required: true, autoKeyRotation: true } },
    settings: { oauthClient: { application_type: 'browser', ...clientSettings(demoOrigin) } },
  };
}

function clientSettings(demoOrigin: string) {
  return {
    client_uri: demoOrigin,
    grant_types: ['authorization_code', 'refresh_token', 'implicit'],
    response_types: ['code', 'token', 'id_token'],
    refresh_token: { rotation_type: 'ROTATE', leeway: 30 },
    redirect_uris: [`${demoOrigin}/callback`, `${demoOrigin}/silent-callback`],
    post_logout_redirect_uris: [demoOrigin],
    // Steps 8: no consent page, and the fixed issuer on the Sign On tab.
    consent_method: 'TRUSTED',
    issuer_mode: 'ORG_URL',
  };
}

/** Step 3: grant types, addresses, base URI as a trusted origin, and access for everyone. */
async function configureApp(api: ManagementApi, application: Application, origin: string, tell: Tell): Promise<void> {
  const wanted = clientSettings(origin);
  const settings = { ...application.settings, oauthClient: { ...application.settings.oauthClient, ...wanted } };
  const differs = !holds(application.settings.oauthClient, wanted);
  if (differs) await api.put(`/apps/${application.id}`, { ...application, settings });
  const trusted = await trustedOrigin(api, origin);
  const assigned = await accessForEveryone(api, application.id);
  tell(3, `Sign-in at ${origin}/callback and /silent-callback, sign-out to ${origin}`, differs ? 'changed' : 'found');
  tell(3, `Base URI ${origin} as a trusted origin`, trusted);
  tell(3, 'Controlled access: everyone in the organization', assigned);
}

async function trustedOrigin(api: ManagementApi, origin: string): Promise<Outcome> {
  const wanted = { name: NAME, origin, scopes: [{ type: 'CORS' }, { type: 'REDIRECT' }] };
  const found = (await api.get<Named[]>('/trustedOrigins?limit=200')).find((each) => each.name === NAME);
  if (found === undefined) {
    await api.post('/trustedOrigins', wanted);
    return 'made';
  }
  if (holds(found, { origin })) return 'found';
  await api.put(`/trustedOrigins/${found.id}`, wanted);
  return 'changed';
}

async function accessForEveryone(api: ManagementApi, applicationId: string): Promise<Outcome> {
  const groups = await api.get<{ id: string; type: string; profile: { name: string } }[]>('/groups?q=Everyone');
  const everyone = groups.find((group) => group.type === 'BUILT_IN' && group.profile.name === 'Everyone');
  if (everyone === undefined) throw new Error('The group Everyone is not there.');
  const path = `/apps/${applicationId}/groups/${everyone.id}`;
  if ((await api.find(path)) !== undefined) return 'found';
  await api.put(path, {});
  return 'made';
}

/** Step 4: an authorization server of the application's own; its audience is the client ID. */
async function authorizationServer(api: ManagementApi, clientId: string, tell: Tell): Promise<AuthorizationServer> {
  const wanted = { name: NAME, description: 'Issues the tokens of the data catalogue', audiences: [clientId] };
  const found = await findServer(api);
  if (found === undefined) await api.post('/authorizationServers', wanted);
  else if (!holds(found, wanted)) await api.put(`/authorizationServers/${found.id}`, { ...found, ...wanted });
  const server = await findServer(api);
  if (server === undefined) throw new Error('The authorization server was made and cannot be found.');
  const outcome = found === undefined ? 'made' : holds(found, wanted) ? 'found' : 'changed';
  tell(4, `Authorization server “${NAME}” with the client ID as its audience`, outcome);
  return server;
}

async function findServer(api: ManagementApi): Promise<AuthorizationServer | undefined> {
  const servers = await api.get<AuthorizationServer[]>(`/authorizationServers?limit=200&q=${encodeURIComponent(NAME)}`);
  return servers.find((server) => server.name === NAME);
}

/** Step 5: the issuer does not follow the address of the request. */
async function fixedIssuer(api: ManagementApi, server: AuthorizationServer, tell: Tell): Promise<AuthorizationServer> {
  const differs = server.issuerMode !== 'ORG_URL';
  const fixed = differs
    ? await api.put<AuthorizationServer>(`/authorizationServers/${server.id}`, { ...server, issuerMode: 'ORG_URL' })
    : server;
  tell(5, `Issuer URL ${fixed.issuer}, fixed`, differs ? 'changed' : 'found');
  return fixed;
}

/** Step 6: what a client gets that asks for no scope. */
async function defaultScope(api: ManagementApi, serverId: string, tell: Tell): Promise<void> {
  const path = `/authorizationServers/${serverId}/scopes`;
  const wanted = {
    name: SCOPE,
    displayName: 'Use the data catalogue',
    description: 'Read and edit the data catalogue.',
    consent: 'IMPLICIT',
    metadataPublish: 'ALL_CLIENTS',
    default: true,
  };
  const outcome = await ensure(api, path, wanted);
  tell(6, `Default scope “${SCOPE}”`, outcome.outcome);
}

/** Step 7: a policy for this client, and a rule that says who gets what for how long. */
async function accessPolicy(api: ManagementApi, serverId: string, clientId: string, tell: Tell): Promise<void> {
  const path = `/authorizationServers/${serverId}/policies`;
  const policy = await ensure(api, path, {
    type: 'OAUTH_AUTHORIZATION_POLICY',
    name: NAME,
    description: 'Tokens for the data catalogue',
    status: 'ACTIVE',
    conditions: { clients: { include: [clientId] } },
  });
  tell(7, `Access policy “${NAME}”, assigned to the client`, policy.outcome);
  const rule = await ensure(api, `${path}/${policy.id}/rules`, {
    type: 'RESOURCE_ACCESS',
    name: 'Everyone who is assigned',
    status: 'ACTIVE',
    conditions: {
      people: { groups: { include: ['EVERYONE'] } },
      grantTypes: { include: ['authorization_code', 'implicit'] },
      scopes: { include: ['*'] },
    },
    actions: {
      token: {
        // The shortest there is, so that renewal can be watched.
        accessTokenLifetimeMinutes: ACCESS_TOKEN_MINUTES,
        refreshTokenLifetimeMinutes: 0,
        refreshTokenWindowMinutes: 10_080,
      },
    },
  });
  tell(7, `Rule: access tokens live ${ACCESS_TOKEN_MINUTES} minutes, refresh tokens 7 days unused`, rule.outcome);
}

/** Step 8: somebody who can sign in. */
async function person(api: ManagementApi, input: GuideInput, tell: Tell): Promise<string | undefined> {
  const { login, firstName, lastName } = input.person;
  const found = await api.find<{ id: string }>(`/users/${encodeURIComponent(login)}`);
  if (found !== undefined && input.passwordIsKept) {
    tell(8, `${firstName} ${lastName} (${login}) can sign in`, 'found');
    return undefined;
  }
  const password = input.newPassword();
  const credentials = { password: { value: password } };
  if (found === undefined)
    await api.post('/users?activate=true', { profile: { login, email: login, firstName, lastName }, credentials });
  else await api.post(`/users/${found.id}`, { credentials });
  tell(8, `${firstName} ${lastName} (${login}) can sign in`, found === undefined ? 'made' : 'changed');
  return password;
}

/** Finds by name in a list; makes what is missing, replaces what differs. */
async function ensure(
  api: ManagementApi,
  path: string,
  wanted: Fields & { name: string },
): Promise<{ id: string; outcome: Outcome }> {
  const found = (await api.get<Named[]>(path)).find((each) => each.name === wanted.name);
  if (found === undefined) return { id: (await api.post<Named>(path, wanted)).id, outcome: 'made' };
  if (holds(found, wanted)) return { id: found.id, outcome: 'found' };
  await api.put(`${path}/${found.id}`, { ...found, ...wanted });
  return { id: found.id, outcome: 'changed' };
}

/** Whether every member that is wanted is there with its value, whatever else is there; lists of words have no order. */
export function holds(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || actual.length !== wanted.length) return false;
    return wanted.every((each) => actual.some((candidate) => holds(candidate, each)));
  }
  if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(wanted).every(([name, value]) => holds((actual as Fields)[name], value));
}
