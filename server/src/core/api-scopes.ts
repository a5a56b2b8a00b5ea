// Owns the scopes of the management API (`okta.*`): their names and what each allows. They exist on the org server only.
// The names are Okta's, so that scripts and service applications written for it find theirs; a scope whose resource is not
// here yet is still known, and simply opens nothing. Not here: who holds which (roles.ts, application grants).

export type ApiScope = { name: string; description: string };

// Resource → what it is called in a sentence.
const resources = {
  agentPools: 'agent pools',
  apiTokens: 'API tokens',
  appGrants: 'the scopes granted to applications',
  apps: 'applications',
  authenticators: 'authenticators',
  authorizationServers: 'authorization servers',
  behaviors: 'behavior detection rules',
  botProtection: 'bot protection',
  brands: 'brands',
  captchas: 'CAPTCHA settings',
  clients: 'OAuth clients',
  customTelephonyProvider: 'telephony providers',
  deviceAssurance: 'device assurance policies',
  deviceIntegrations: 'device integrations',
  devicePostureChecks: 'device posture checks',
  devices: 'devices',
  domains: 'custom domains',
  dr: 'disaster recovery',
  emailDomains: 'e-mail domains',
  emailServers: 'e-mail servers',
  eventHooks: 'event hooks',
  features: 'features',
  groups: 'groups',
  identitySources: 'identity sources',
  idps: 'identity providers',
  inlineHooks: 'inline hooks',
  linkedObjects: 'linked objects',
  logStreams: 'log streams',
  networkZones: 'network zones',
  oauthIntegrations: 'API service integrations',
  orgs: 'the organization',
  policies: 'policies',
  principalRateLimits: 'rate limits of principals',
  profileMappings: 'profile mappings',
  pushProviders: 'push providers',
  rateLimits: 'rate limits',
  realmAssignments: 'realm assignments',
  realms: 'realms',
  roles: 'administrator roles',
  schemas: 'profile schemas',
  securityEventsProviders: 'security events providers',
  serviceAccounts: 'service accounts',
  sessions: 'sessions',
  templates: 'templates',
  threatInsights: 'threat insights',
  trustedOrigins: 'trusted origins',
  uischemas: 'UI schemas',
  userRisk: 'risk of users',
  userTypes: 'user types',
  users: 'users',
} as const;

export const apiScopes: readonly ApiScope[] = [
  ...Object.entries(resources).flatMap(([resource, words]) => [
    { name: `okta.${resource}.manage`, description: `Allows the app to read and change ${words}.` },
    { name: `okta.${resource}.read`, description: `Allows the app to read ${words}.` },
  ]),
  { name: 'okta.logs.read', description: 'Allows the app to read the System Log.' },
  { name: 'okta.clients.register', description: 'Allows the app to register OAuth clients.' },
  {
    name: 'okta.users.manage.self',
    description: "Allows the app to change the signed-in user's own profile and credentials.",
  },
  { name: 'okta.users.read.self', description: "Allows the app to read the signed-in user's own profile." },
].sort((one, other) => (one.name < other.name ? -1 : 1));

const names: ReadonlySet<string> = new Set(apiScopes.map(({ name }) => name));

export function isApiScope(name: string): boolean {
  return names.has(name);
}

/** Whether a scope that is held answers for one that is needed: itself, or `.manage` for `.read` and `.register`. */
export function includesScope(held: string, needed: string): boolean {
  return (
    held === needed ||
    held.replace(/\.manage$/, '.read') === needed ||
    held.replace(/\.manage$/, '.register') === needed ||
    held.replace(/\.manage\.self$/, '.read.self') === needed
  );
}
