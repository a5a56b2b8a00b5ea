// Owns the events of which a hook is usually told, in groups, each with what it means. The System Log has more: any of its types may be
// typed in.

export const EVENT_TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  People: {
    'user.lifecycle.create': 'Somebody was added',
    'user.lifecycle.activate': 'An account was activated',
    'user.lifecycle.suspend': 'Somebody was suspended',
    'user.lifecycle.unsuspend': 'Somebody was let in again',
    'user.lifecycle.deactivate': 'An account was ended',
    'user.lifecycle.delete.initiated': 'An account was deleted',
    'user.account.update_profile': 'A profile was changed',
    'user.account.update_password': 'A password was changed',
    'user.account.reset_password': 'A password was reset',
    'user.account.lock': 'An account was locked after failed sign-ins',
  },
  'Signing in': {
    'user.session.start': 'Somebody signed in',
    'user.session.end': 'Somebody signed out',
    'user.authentication.sso': 'Somebody was let into an application',
    'policy.evaluate_sign_on': 'A sign-on policy was asked',
  },
  'Groups and applications': {
    'group.user_membership.add': 'Somebody joined a group',
    'group.user_membership.remove': 'Somebody left a group',
    'group.lifecycle.create': 'A group was added',
    'group.lifecycle.delete': 'A group was deleted',
    'application.lifecycle.create': 'An application was added',
    'application.lifecycle.delete': 'An application was deleted',
    'application.user_membership.add': 'Somebody was assigned to an application',
    'application.user_membership.remove': 'An assignment to an application ended',
  },
  Administration: {
    'user.account.privilege.grant': 'Somebody was made an administrator',
    'user.account.privilege.revoke': 'Somebody lost an administrator role',
    'system.api_token.create': 'An API token was made',
    'system.api_token.revoke': 'An API token was revoked',
    'policy.lifecycle.update': 'A policy was changed',
  },
};

const WORDS: Readonly<Record<string, string>> = Object.assign({}, ...Object.values(EVENT_TYPES));

export function eventWords(type: string): string | undefined {
  return WORDS[type];
}
