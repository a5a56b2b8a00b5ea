// Owns the types of inline hooks: what they are called, and which of them this server asks by itself.

export const TOKEN_HOOK = 'com.okta.oauth2.tokens.transform';

const WORDS: Readonly<Record<string, string>> = {
  [TOKEN_HOOK]: 'Token',
  'com.okta.import.transform': 'User import',
  'com.okta.saml.tokens.transform': 'SAML',
  'com.okta.telephony.provider': 'Telephony',
  'com.okta.user.credential.password.import': 'Password import',
  'com.okta.user.pre-registration': 'Registration',
};

export function hookTypeWords(type: string): string {
  return WORDS[type] ?? type;
}

/** What a service is told of tokens that are about to be issued, filled with examples. */
export function sampleOf(type: string): object {
  if (type !== TOKEN_HOOK) return { eventType: type, data: {} };
  return {
    eventType: type,
    eventTypeVersion: '1.0',
    cloudEventVersion: '0.1',
    contentType: 'application/json',
    eventId: 'a-preview',
    source: `${location.origin}/oauth2/default/v1/authorize`,
    data: {
      context: {
        user: { id: '00u-example', profile: { login: 'ada@example.com', firstName: 'Ada', lastName: 'Byron' } },
        policy: { id: '00p-example', rule: { id: '0pr-example' } },
      },
      identity: {
        claims: { sub: '00u-example', name: 'Ada Byron', email: 'ada@example.com', aud: 'client-example' },
        lifetime: { expiration: 3600 },
      },
      access: {
        claims: { sub: 'ada@example.com', cid: 'client-example', uid: '00u-example' },
        lifetime: { expiration: 3600 },
        scopes: { openid: { id: 'scp-example', action: 'GRANT' } },
      },
    },
  };
}
