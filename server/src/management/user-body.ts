// Owns how a person looks on the management API: the members in their order, the links of each status, and what a client may
// ask to leave out. Not here: routes.
import { toIso, toIsoOrNull } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import type { UserStatus } from '../core/user-status.ts';
import type { User } from '../core/users.ts';

/** Asked for with `Content-Type: application/json; okta-response=omitCredentials,omitCredentialsLinks`. */
export type Omissions = { credentials: boolean; credentialsLinks: boolean };

export function readOmissions(request: Request): Omissions {
  const type = request.headers.get('content-type') ?? '';
  const asked = /;\s*okta-response\s*=\s*"?([\w\s,]*)"?/i.exec(type)?.[1] ?? '';
  const names = asked.split(',').map((name) => name.trim());
  return {
    credentials: names.includes('omitCredentials'),
    credentialsLinks: names.includes('omitCredentialsLinks'),
  };
}

/** One person, with the links of what can be done next. */
export function userBody(env: Env, user: User, omit?: Omissions): Record<string, unknown> {
  const links = linksOf(env, user);
  if (omit?.credentialsLinks) for (const name of CREDENTIALS_LINKS) delete links[name];
  return { ...membersOf(user, omit?.credentials ?? false), _links: links };
}

/** A person in a list. */
export function listedUserBody(env: Env, user: User, omit?: Omissions): Record<string, unknown> {
  return { ...membersOf(user, omit?.credentials ?? false), _links: { self: { href: addressOf(env, user) } } };
}

function membersOf(user: User, omitCredentials: boolean): Record<string, unknown> {
  return {
    id: user.id,
    status: user.status,
    created: toIso(user.created),
    activated: toIsoOrNull(user.activated),
    statusChanged: toIsoOrNull(user.status_changed),
    lastLogin: toIsoOrNull(user.last_login),
    lastUpdated: toIso(user.last_updated),
    passwordChanged: toIsoOrNull(user.password_changed),
    realmId: user.realm_id,
    type: { id: user.type_id },
    profile: profileBody(user.profile),
    ...(omitCredentials ? {} : { credentials: credentialsBody(user) }),
  };
}

/** Two attributes are shown without a value too. */
function profileBody(profile: Record<string, unknown>): Record<string, unknown> {
  const { firstName, lastName, mobilePhone = null, secondEmail = null, login, email, ...others } = profile;
  return { firstName, lastName, mobilePhone, ...others, secondEmail, login, email };
}

export function credentialsBody(user: User): Record<string, unknown> {
  return {
    ...(user.password_hash === null ? {} : { password: {} }),
    ...(user.recovery_question === null ? {} : { recovery_question: { question: user.recovery_question } }),
    provider: user.credential_provider,
  };
}

const CREDENTIALS_LINKS = [
  'changePassword',
  'changeRecoveryQuestion',
  'expirePassword',
  'forgotPassword',
  'resetFactors',
  'resetPassword',
  'unlock',
] as const;

type Link = { path: string; method?: 'POST' | 'DELETE' };

/** Every link, in the order in which they are shown. */
const links = {
  suspend: { path: '/lifecycle/suspend', method: 'POST' },
  unsuspend: { path: '/lifecycle/unsuspend', method: 'POST' },
  unlock: { path: '/lifecycle/unlock', method: 'POST' },
  schema: { path: '' },
  activate: { path: '/lifecycle/activate', method: 'POST' },
  resetPassword: { path: '/lifecycle/reset_password', method: 'POST' },
  reactivate: { path: '/lifecycle/reactivate', method: 'POST' },
  forgotPassword: { path: '/credentials/forgot_password', method: 'POST' },
  expirePassword: { path: '/lifecycle/expire_password', method: 'POST' },
  changeRecoveryQuestion: { path: '/credentials/change_recovery_question', method: 'POST' },
  self: { path: '' },
  resetFactors: { path: '/lifecycle/reset_factors', method: 'POST' },
  type: { path: '' },
  changePassword: { path: '/credentials/change_password', method: 'POST' },
  deactivate: { path: '/lifecycle/deactivate', method: 'POST' },
  delete: { path: '', method: 'DELETE' },
} as const satisfies Record<string, Link>;

type LinkName = keyof typeof links;

const ALWAYS: readonly LinkName[] = ['schema', 'self', 'resetFactors', 'type'];

const linksByStatus: Record<UserStatus, readonly LinkName[]> = {
  STAGED: ['activate'],
  PROVISIONED: ['suspend', 'resetPassword', 'reactivate', 'deactivate'],
  ACTIVE: [
    'suspend',
    'resetPassword',
    'forgotPassword',
    'expirePassword',
    'changeRecoveryQuestion',
    'changePassword',
    'deactivate',
  ],
  RECOVERY: ['resetPassword', 'reactivate', 'expirePassword', 'changeRecoveryQuestion', 'changePassword', 'deactivate'],
  PASSWORD_EXPIRED: ['resetPassword', 'expirePassword', 'changeRecoveryQuestion', 'changePassword', 'deactivate'],
  LOCKED_OUT: ['unlock', 'resetPassword', 'expirePassword', 'deactivate'],
  SUSPENDED: ['unsuspend', 'deactivate'],
  DEPROVISIONED: ['activate', 'delete'],
};

function linksOf(env: Env, user: User): Record<string, unknown> {
  const shown = [...ALWAYS, ...linksByStatus[user.status as UserStatus]];
  const entries = Object.entries(links as Record<LinkName, Link>).filter(([name]) => shown.includes(name as LinkName));
  const { origin } = env.request;
  const elsewhere: Record<string, string> = {
    // A type and its schema share the end of their ids.
    schema: `${origin}/api/v1/meta/schemas/user/osc${user.type_id.slice(3)}`,
    type: `${origin}/api/v1/meta/types/user/${user.type_id}`,
  };
  return Object.fromEntries(
    entries.map(([name, { path, method }]) => [
      name,
      { href: elsewhere[name] ?? `${addressOf(env, user)}${path}`, ...(method ? { method } : {}) },
    ]),
  );
}

function addressOf(env: Env, user: User): string {
  return `${env.request.origin}/api/v1/users/${user.id}`;
}
