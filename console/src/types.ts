// Owns the shapes of what the management API shows, as far as the console reads them (docs/openapi.json tells all).
export type Status = 'ACTIVE' | 'INACTIVE';
export type IssuerMode = 'ORG_URL' | 'CUSTOM_URL' | 'DYNAMIC';
export type ApplicationType = 'web' | 'native' | 'browser' | 'service';
export type AuthenticationMethod =
  | 'none'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt';

export type OAuthClientSettings = {
  client_uri?: string | null;
  logo_uri?: string | null;
  redirect_uris: string[];
  post_logout_redirect_uris?: string[];
  response_types: string[];
  grant_types: string[];
  initiate_login_uri?: string;
  application_type: ApplicationType;
  tos_uri?: string;
  policy_uri?: string;
  consent_method: 'TRUSTED' | 'REQUIRED';
  issuer_mode: IssuerMode;
  refresh_token?: { rotation_type: 'ROTATE' | 'STATIC'; leeway?: number };
  wildcard_redirect: 'DISABLED' | 'SUBDOMAIN';
  dpop_bound_access_tokens: boolean;
  [rest: string]: unknown;
};

export type Application = {
  id: string;
  name: string;
  label: string;
  status: Status;
  created: string;
  signOnMode: string;
  credentials: {
    oauthClient?: {
      client_id: string;
      client_secret?: string;
      token_endpoint_auth_method: AuthenticationMethod;
      pkce_required: boolean;
      autoKeyRotation: boolean;
    };
    [rest: string]: unknown;
  };
  settings: { oauthClient?: OAuthClientSettings; implicitAssignment: boolean; [rest: string]: unknown };
  [rest: string]: unknown;
};

export type AuthorizationServer = {
  id: string;
  name: string;
  description: string | null;
  audiences: string[];
  issuer: string;
  issuerMode: IssuerMode;
  status: Status;
  default: boolean;
  credentials: {
    signing: { kid: string; rotationMode: 'AUTO' | 'MANUAL'; lastRotated: string; nextRotation?: string };
  };
};

export type Scope = {
  id: string;
  name: string;
  displayName: string | null;
  description: string | null;
  system: boolean;
  metadataPublish: 'ALL_CLIENTS' | 'NO_CLIENTS';
  consent: 'IMPLICIT' | 'FLEXIBLE' | 'REQUIRED';
  optional: boolean;
  default: boolean;
};

export type Claim = {
  id: string;
  name: string;
  status: Status;
  claimType: 'RESOURCE' | 'IDENTITY';
  valueType: 'EXPRESSION' | 'GROUPS' | 'SYSTEM';
  value?: string;
  group_filter_type?: 'STARTS_WITH' | 'EQUALS' | 'CONTAINS' | 'REGEX';
  conditions: { scopes: string[] };
  system: boolean;
  alwaysIncludeInToken: boolean;
};

export type Policy = {
  id: string;
  name: string;
  description: string | null;
  status: Status;
  priority: number;
  system: boolean;
  conditions: { clients: { include: string[] } };
};

export type Rule = {
  id: string;
  name: string;
  status: Status;
  priority: number;
  system: boolean;
  conditions: {
    people: { users: { include: string[]; exclude: string[] }; groups: { include: string[]; exclude: string[] } };
    grantTypes: { include: string[] };
    scopes: { include: string[] };
  };
  actions: {
    token: {
      accessTokenLifetimeMinutes: number;
      refreshTokenLifetimeMinutes: number;
      refreshTokenWindowMinutes: number;
      inlineHook?: { id: string };
    };
  };
};

export type Group = {
  id: string;
  type: string;
  created: string;
  profile: { name: string; description: string | null };
};

export type User = {
  id: string;
  status: string;
  created: string;
  lastLogin: string | null;
  profile: {
    login: string;
    email: string;
    firstName?: string | null;
    lastName?: string | null;
    [rest: string]: unknown;
  };
};

export type LogSubject = {
  id: string | null;
  type: string | null;
  alternateId: string | null;
  displayName: string | null;
};

export type LogEvent = {
  uuid: string;
  published: string;
  eventType: string;
  displayMessage: string;
  severity: string;
  actor: LogSubject;
  client: { ipAddress?: string | null };
  outcome: { result: string; reason: string | null };
  target: LogSubject[];
  debugContext: { debugData: Record<string, unknown> };
  transaction: { id: string };
};

export type TraceStep = {
  condition: string;
  passed: boolean;
  explanation: string;
  policyName: string | null;
  ruleName: string | null;
};

type TokenPreview = { payload: Record<string, unknown> };

export type Explanation = {
  outcome: 'ALLOW' | 'DENY';
  reason: string | null;
  decidedBy: { policyName: string | null; ruleName: string | null };
  trace: TraceStep[];
  whatWouldPass: { description: string }[][];
  scopes: { name: string; granted: boolean; why: string }[];
  tokens: { endpoint: string; accessToken: TokenPreview | null; idToken: TokenPreview | null }[];
};

export type ExplainedRequest = {
  requestId: string;
  events: { uuid: string; trace: TraceStep[]; whatWouldPass: { description: string }[][] }[];
};

export type GroupRule = {
  id: string;
  name: string;
  status: 'ACTIVE' | 'INACTIVE' | 'INVALID';
  conditions: {
    people: { users: { exclude: string[] }; groups: { exclude: string[] } };
    expression: { value: string };
  };
  actions: { assignUserToGroups: { groupIds: string[] } };
  _embedded?: { groupIdToGroupNameMap?: Record<string, string> };
};

export type Role = {
  id: string;
  type: string;
  label: string;
  created: string;
  assignmentType: 'USER' | 'GROUP' | 'CLIENT';
  _links: { assignee: { href: string } };
};

export type Administrator = Role & {
  limited: boolean;
  resourceSet: { id: string; label: string } | null;
  holder: {
    kind: 'USER' | 'GROUP' | 'CLIENT';
    id: string;
    name: string;
    login: string | null;
    status: string | null;
    members: number | null;
  };
};

export type SetupPlace =
  | 'application-general'
  | 'application-sign-on'
  | 'application-assignments'
  | 'server-settings'
  | 'server-scopes'
  | 'server-claims'
  | 'server-policies'
  | 'server-keys'
  | 'trusted-origins'
  | 'person';

export type SetupLine = {
  id: string;
  title: string;
  result: 'PASS' | 'WARNING' | 'FAILURE';
  says: string;
  fix: string | null;
  step: { number: number; title: string } | null;
  place: SetupPlace;
};

export type SetupReport = {
  application: { id: string; label: string; clientId: string };
  authorizationServer: { id: string; name: string; issuer: string };
  user: { id: string; login: string } | null;
  grantType: string;
  scopes: string[] | null;
  outcome: 'ALLOW' | 'DENY';
  lines: SetupLine[];
};

export type IdentityProvider = {
  id: string;
  name: string;
  type: string;
  status: Status;
  created: string;
  issuerMode: IssuerMode;
  protocol: {
    type: 'OIDC' | 'OAUTH2';
    scopes: string[];
    issuer?: { url: string };
    endpoints: Record<string, { url: string; binding?: string }>;
    credentials: {
      client: { client_id: string; [rest: string]: unknown };
      signing?: { teamId?: string; kid?: string };
    };
    [rest: string]: unknown;
  };
  policy: {
    provisioning: { action: 'AUTO' | 'DISABLED'; [rest: string]: unknown };
    accountLink: { action: 'AUTO' | 'DISABLED'; [rest: string]: unknown };
    subject: { matchType: string; userNameTemplate: { template: string }; [rest: string]: unknown };
    [rest: string]: unknown;
  };
  _links: { clientRedirectUri: { href: string } };
};

export type HookChannel = {
  config: {
    uri: string;
    headers: { key: string; value: string }[];
    authScheme: { key: string } | null;
  };
};

export type EventHook = {
  id: string;
  name: string;
  description: string | null;
  status: Status;
  verificationStatus: 'VERIFIED' | 'UNVERIFIED';
  created: string;
  events: { items: string[] };
  channel: HookChannel;
};

export type InlineHook = {
  id: string;
  name: string;
  type: string;
  version: string;
  status: Status;
  created: string;
  channel: HookChannel;
};
