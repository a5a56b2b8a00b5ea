// Owns the table of authenticators that this server has: what each is, by which methods it proves, and its settings at first.
// Not here: their state in this org (authenticators.ts).
export type AuthenticatorKind = {
  type: 'password' | 'email' | 'app' | 'security_key' | 'security_question';
  name: string;
  /** Null: it has none. */
  settings: Record<string, unknown> | null;
  /** Method → its settings; null: it has none. */
  methods: Readonly<Record<string, Record<string, unknown> | null>>;
  /** Whether it can be turned off. */
  optional: boolean;
};

export const authenticatorKinds = {
  okta_email: {
    type: 'email',
    name: 'Email',
    settings: { allowedFor: 'any', tokenLifetimeInMinutes: 5 },
    methods: { email: null },
    optional: true,
  },
  google_otp: {
    type: 'app',
    name: 'Google Authenticator',
    settings: {},
    methods: { otp: { timeIntervalInSeconds: 30, encoding: 'base32', algorithm: 'HmacSHA1', passCodeLength: 6 } },
    optional: true,
  },
  // By its codes alone: nothing is pushed to anybody's phone.
  okta_verify: {
    type: 'app',
    name: 'Okta Verify',
    settings: { compliance: { fips: 'OPTIONAL' }, userVerification: 'PREFERRED', appInstanceId: '' },
    methods: { totp: { timeIntervalInSeconds: 30, encoding: 'base32', algorithm: 'HmacSHA1', passCodeLength: 6 } },
    optional: true,
  },
  okta_password: { type: 'password', name: 'Password', settings: null, methods: { password: null }, optional: false },
  webauthn: {
    type: 'security_key',
    name: 'Security Key or Biometric',
    settings: null,
    methods: { webauthn: { userVerification: 'PREFERRED', attachment: 'ANY' } },
    optional: true,
  },
  security_question: {
    type: 'security_question',
    name: 'Security Question',
    settings: { allowedFor: 'recovery' },
    methods: { security_question: null },
    optional: true,
  },
} as const satisfies Record<string, AuthenticatorKind>;

export type AuthenticatorKey = keyof typeof authenticatorKinds;

export const authenticatorKeys = Object.keys(authenticatorKinds) as AuthenticatorKey[];
