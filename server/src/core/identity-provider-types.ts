// Owns the table of the kinds of identity providers: which protocol each speaks, where, and with which scopes unless others are
// asked for. Addresses are those that the providers publish. Not here: the providers of this org (identity-providers.ts).

export type ProviderKind = {
  protocol: 'OIDC' | 'OAUTH2';
  /** Null: whoever makes one says where. */
  authorization: string | null;
  token: string | null;
  scopes: readonly string[];
  /** What its ID tokens are verified by; null: whoever makes one says it, or this server does not know. */
  trust: ProviderTrust | null;
};

/** `issuer` may hold `{tid}`, which stands for the token's own claim of that name. */
export type ProviderTrust = { issuer: string; jwks: string; userInfo: string | null };

const openId = (
  authorization: string,
  token: string,
  { scopes = ['openid', 'profile', 'email'], trust = null }: { scopes?: string[]; trust?: ProviderTrust | null } = {},
): ProviderKind => ({
  protocol: 'OIDC',
  authorization,
  token,
  scopes,
  trust,
});
const plain = (authorization: string, token: string, scopes: string[]): ProviderKind => ({
  protocol: 'OAUTH2',
  authorization,
  token,
  scopes,
  trust: null,
});

export const providerTypes = [
  'AMAZON',
  'APPLE',
  'DISCORD',
  'FACEBOOK',
  'GITHUB',
  'GITLAB',
  'GOOGLE',
  'LINKEDIN',
  'MICROSOFT',
  'OIDC',
  'PAYPAL',
  'SALESFORCE',
  'SPOTIFY',
  'XERO',
  'YAHOO',
  'YAHOOJP',
] as const;

export type ProviderType = (typeof providerTypes)[number];

export const providerKinds: Readonly<Record<ProviderType, ProviderKind>> = {
  OIDC: { protocol: 'OIDC', authorization: null, token: null, scopes: ['openid', 'profile', 'email'], trust: null },
  AMAZON: plain('https://www.amazon.com/ap/oa', 'https://api.amazon.com/auth/o2/token', ['profile']),
  APPLE: openId('https://appleid.apple.com/auth/authorize', 'https://appleid.apple.com/auth/token', {
    scopes: ['openid', 'email', 'name'],
    trust: { issuer: 'https://appleid.apple.com', jwks: 'https://appleid.apple.com/auth/keys', userInfo: null },
  }),
  DISCORD: plain('https://discord.com/oauth2/authorize', 'https://discord.com/api/oauth2/token', ['identify', 'email']),
  FACEBOOK: plain('https://www.facebook.com/dialog/oauth', 'https://graph.facebook.com/v2.8/oauth/access_token', [
    'public_profile',
    'email',
  ]),
  GITHUB: plain('https://github.com/login/oauth/authorize', 'https://github.com/login/oauth/access_token', ['user']),
  GITLAB: openId('https://gitlab.com/oauth/authorize', 'https://gitlab.com/oauth/token', {
    trust: {
      issuer: 'https://gitlab.com',
      jwks: 'https://gitlab.com/oauth/discovery/keys',
      userInfo: 'https://gitlab.com/oauth/userinfo',
    },
  }),
  GOOGLE: openId('https://accounts.google.com/o/oauth2/auth', 'https://www.googleapis.com/oauth2/v3/token', {
    trust: {
      issuer: 'https://accounts.google.com',
      jwks: 'https://www.googleapis.com/oauth2/v3/certs',
      userInfo: 'https://openidconnect.googleapis.com/v1/userinfo',
    },
  }),
  LINKEDIN: plain('https://www.linkedin.com/oauth/v2/authorization', 'https://www.linkedin.com/oauth/v2/accessToken', [
    'r_emailaddress',
    'r_liteprofile',
  ]),
  MICROSOFT: openId(
    'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    {
      scopes: ['openid', 'email', 'profile', 'https://graph.microsoft.com/User.Read'],
      trust: {
        issuer: 'https://login.microsoftonline.com/{tid}/v2.0',
        jwks: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
        userInfo: null,
      },
    },
  ),
  PAYPAL: openId('https://www.paypal.com/signin/authorize', 'https://api.paypal.com/v1/oauth2/token'),
  SALESFORCE: openId(
    'https://login.salesforce.com/services/oauth2/authorize',
    'https://login.salesforce.com/services/oauth2/token',
  ),
  SPOTIFY: plain('https://accounts.spotify.com/authorize', 'https://accounts.spotify.com/api/token', [
    'user-read-email',
    'user-read-private',
  ]),
  XERO: openId('https://login.xero.com/identity/connect/authorize', 'https://identity.xero.com/connect/token'),
  YAHOO: openId('https://api.login.yahoo.com/oauth2/request_auth', 'https://api.login.yahoo.com/oauth2/get_token'),
  YAHOOJP: openId(
    'https://auth.login.yahoo.co.jp/yconnect/v2/authorization',
    'https://auth.login.yahoo.co.jp/yconnect/v2/token',
  ),
};
