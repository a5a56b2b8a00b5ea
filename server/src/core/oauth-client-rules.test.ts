import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrantType, OAuthClientSettings, ResponseType } from './application-settings.ts';
import type { Application } from './applications.ts';
import { completeOAuthClient, type OAuthClientInput } from './oauth-client-rules.ts';
import { Refusal } from './refusal.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
let withDomain: TestEnv;
beforeAll(async () => {
  world = await createTestEnv();
  withDomain = await createTestEnv({ settings: { GATEHOUSE_DOMAINS: 'login.example.org' } });
});
afterAll(async () => {
  await world.close();
  await withDomain.close();
});

type Settings = OAuthClientInput['settings'];
const redirect_uris = ['https://app.example.com/cb'];

function complete(
  settings: Settings,
  credentials: OAuthClientInput['credentials'] = {},
  before: Application | null = null,
) {
  return completeOAuthClient(world.env, { settings, credentials }, before);
}

function causes(settings: Settings, credentials: OAuthClientInput['credentials'] = {}): readonly string[] {
  try {
    complete(settings, credentials);
  } catch (error) {
    if (error instanceof Refusal) return error.causes;
    throw error;
  }
  return [];
}

describe('an OAuth client of which little was said', () => {
  it('is a web application with the authorization code grant', () => {
    const { settings, credentials } = complete({ redirect_uris });
    expect(settings).toEqual({
      client_uri: null,
      logo_uri: null,
      redirect_uris,
      response_types: ['code'],
      grant_types: ['authorization_code'],
      application_type: 'web',
      consent_method: 'TRUSTED',
      issuer_mode: 'ORG_URL',
      idp_initiated_login: { mode: 'DISABLED', default_scope: [] },
      wildcard_redirect: 'DISABLED',
      dpop_bound_access_tokens: false,
      participate_slo: false,
    });
    expect(credentials).toEqual({
      autoKeyRotation: true,
      token_endpoint_auth_method: 'client_secret_basic',
      pkce_required: false,
    });
  });

  it('needs PKCE by default in a browser or on a device, and always without client authentication', () => {
    expect(complete({ redirect_uris, application_type: 'browser' }).credentials.pkce_required).toBe(true);
    expect(complete({ redirect_uris, application_type: 'native' }).credentials.pkce_required).toBe(true);
    expect(
      complete({ redirect_uris, application_type: 'native' }, { pkce_required: false }).credentials.pkce_required,
    ).toBe(false);
    const none = { token_endpoint_auth_method: 'none', pkce_required: false } as const;
    expect(complete({ redirect_uris, application_type: 'web' }, none).credentials.pkce_required).toBe(true);
  });

  it('acts for itself when it is a service', () => {
    const { settings } = complete({ application_type: 'service' });
    expect(settings.grant_types).toEqual(['client_credentials']);
    expect(settings.response_types).toEqual(['token']);
    expect(settings.redirect_uris).toEqual([]);
  });

  it('follows a custom domain when there is one', () => {
    expect(
      completeOAuthClient(withDomain.env, { settings: { redirect_uris }, credentials: {} }, null).settings.issuer_mode,
    ).toBe('CUSTOM_URL');
  });

  it.each([
    ['browser', { rotation_type: 'ROTATE', leeway: 30 }],
    ['web', { rotation_type: 'STATIC' }],
    ['native', { rotation_type: 'STATIC' }],
  ] as const)('rotates refresh tokens by type: %s', (application_type, expected) => {
    const grant_types: GrantType[] = ['authorization_code', 'refresh_token'];
    expect(complete({ redirect_uris, application_type, grant_types }).settings.refresh_token).toEqual(expected);
  });
});

describe('refresh token settings', () => {
  const grant_types: GrantType[] = ['authorization_code', 'refresh_token'];

  it('have a leeway only when they rotate', () => {
    const fixed = complete({ redirect_uris, grant_types, refresh_token: { rotation_type: 'STATIC', leeway: 0 } });
    expect(fixed.settings.refresh_token).toEqual({ rotation_type: 'STATIC' });
    const rotating = complete({ redirect_uris, grant_types, refresh_token: { rotation_type: 'ROTATE', leeway: 0 } });
    expect(rotating.settings.refresh_token).toEqual({ rotation_type: 'ROTATE', leeway: 0 });
  });

  it('exist only with the grant', () => {
    const { settings } = complete({ redirect_uris, refresh_token: { rotation_type: 'ROTATE', leeway: 10 } });
    expect('refresh_token' in settings).toBe(false);
  });

  it.each([-1, 61, 1.5])('refuse a leeway of %d seconds', (leeway) => {
    expect(causes({ redirect_uris, grant_types, refresh_token: { leeway } })).toEqual([
      'refresh_token: The leeway must be a whole number of seconds from 0 to 60',
    ]);
  });
});

describe('grant types and response types', () => {
  const accepted: [GrantType[], ResponseType[]][] = [
    [['authorization_code'], ['code']],
    [
      ['authorization_code', 'implicit'],
      ['code', 'token', 'id_token'],
    ],
    [
      ['authorization_code', 'refresh_token', 'implicit'],
      ['code', 'id_token'],
    ],
    [['implicit', 'client_credentials'], ['token']],
    [['client_credentials'], ['token']],
    [['client_credentials', 'authorization_code'], ['code']],
    [['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'], ['token']],
    [['urn:openid:params:grant-type:ciba', 'authorization_code', 'refresh_token'], ['code']],
  ];
  it.each(accepted)('that go together: %j with %j', (grant_types, response_types) => {
    expect(causes({ redirect_uris, grant_types, response_types })).toEqual([]);
  });

  const refused: [GrantType[], ResponseType[]][] = [
    [['authorization_code'], ['token']],
    [['authorization_code'], ['code', 'token']],
    [['authorization_code'], ['code', 'id_token']],
    [['authorization_code'], []],
    [['implicit'], ['code']],
    [['implicit'], ['code', 'token']],
    [['implicit'], []],
    [['authorization_code', 'implicit'], ['code']],
    [['client_credentials'], ['code']],
    [['client_credentials'], ['id_token']],
    [[], ['token']],
  ];
  it.each(refused)('that do not go together: %j with %j', (grant_types, response_types) => {
    expect(causes({ redirect_uris, grant_types, response_types })).not.toEqual([]);
  });

  it('leave nothing to a client that cannot prove itself but flows with a person', () => {
    const none = { token_endpoint_auth_method: 'none' } as const;
    expect(causes({ application_type: 'service' }, none)).toEqual([
      "grant_types: 'client_credentials' needs a client that authenticates, not the method 'none'",
    ]);
  });
});

describe('the URIs of a client', () => {
  it('include a redirect URI wherever a browser comes back', () => {
    for (const grant of ['authorization_code', 'implicit', 'interaction_code'] as const)
      expect(causes({ grant_types: [grant] })).toContain('redirect_uris: The field cannot be left blank');
    expect(causes({ grant_types: ['client_credentials'] })).toEqual([]);
    expect(causes({ grant_types: ['urn:ietf:params:oauth:grant-type:device_code'] })).toEqual([]);
  });

  it('are refused one by one, with the field in front', () => {
    const bad = causes({
      redirect_uris: ['https://a.example/cb#x', 'javascript:alert(1)', 'https://ok.example/cb', 'com.example:/cb'],
      post_logout_redirect_uris: ['https://*.example.com/bye'],
      logo_uri: 'javascript:alert(1)',
      client_uri: 'data:text/html,x',
    });
    expect(bad.map((cause) => cause.split(':')[0])).toEqual([
      'redirect_uris',
      'redirect_uris',
      'redirect_uris',
      'post_logout_redirect_uris',
      'client_uri',
      'logo_uri',
    ]);
  });

  it('may have a scheme of their own when the application is native', () => {
    const uris = ['com.oktapreview.oie-00:/callback'];
    expect(causes({ application_type: 'native', redirect_uris: uris, post_logout_redirect_uris: uris })).toEqual([]);
    expect(causes({ application_type: 'browser', redirect_uris: uris })).toHaveLength(1);
  });

  it('may have a wildcard only where it is asked for', () => {
    const uris = ['https://*.example.com/cb'];
    expect(causes({ redirect_uris: uris, wildcard_redirect: 'SUBDOMAIN' })).toEqual([]);
    expect(causes({ redirect_uris: uris })).toHaveLength(1);
  });
});

describe('what else is refused', () => {
  it.each<[string, Settings]>([
    ['issuer_mode', { issuer_mode: 'CUSTOM_URL' }],
    ['network', { network: { connection: 'ZONE' } }],
    ['subject_type', { subject_type: 'pairwise' }],
    ['id_token_encrypted_response_alg', { id_token_encrypted_response_alg: 'RSA-OAEP-256' }],
    ['initiate_login_uri', { idp_initiated_login: { mode: 'SPEC' } }],
    ['jwks_uri', { jwks: { keys: [] }, jwks_uri: 'https://a.example/jwks' }],
    ['jwks', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }],
  ])('%s', (field, settings) => {
    const [first] = causes({ redirect_uris, ...settings });
    expect(first).toMatch(new RegExp(`^${field}: `));
  });

  it('names the field in the refusal itself', () => {
    expect(() => complete({ grant_types: ['authorization_code'] })).toThrow(/E0000001 redirect_uris/);
  });

  it('is not a custom domain that exists', () => {
    const input = { settings: { redirect_uris, issuer_mode: 'CUSTOM_URL' as const }, credentials: {} };
    expect(completeOAuthClient(withDomain.env, input, null).settings.issuer_mode).toBe('CUSTOM_URL');
  });
});

describe('replacing a client', () => {
  const before = {
    credentials: { oauthClient: { token_endpoint_auth_method: 'none', pkce_required: true, autoKeyRotation: false } },
    settings: { oauthClient: { application_type: 'browser' } as OAuthClientSettings },
  } as unknown as Application;

  it('keeps how it proves itself when that is not mentioned', () => {
    expect(complete({ redirect_uris }, {}, before).credentials).toEqual({
      token_endpoint_auth_method: 'none',
      pkce_required: true,
      autoKeyRotation: false,
    });
  });

  it('keeps its type, and refuses another', () => {
    expect(complete({ redirect_uris }, {}, before).settings.application_type).toBe('browser');
    expect(() => complete({ redirect_uris, application_type: 'web' }, {}, before)).toThrow(/application_type/);
  });

  it('resets what was not sent', () => {
    const { settings } = complete({ redirect_uris }, {}, before);
    expect(settings.client_uri).toBe(null);
    expect('post_logout_redirect_uris' in settings).toBe(false);
  });
});
