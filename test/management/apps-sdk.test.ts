// The unmodified @okta/okta-sdk-nodejs manages applications and trusted origins: contract sections 4.4, 4.8 and 6.9.
import { X509Certificate } from 'node:crypto';
import sdk from '@okta/okta-sdk-nodejs';
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const okta = new sdk.Client({ orgUrl: server.url, token: server.apiToken });

const application = (label: string) => ({
  name: 'oidc_client',
  label,
  signOnMode: 'OPENID_CONNECT' as const,
  credentials: { oauthClient: { token_endpoint_auth_method: 'client_secret_basic' as const } },
  settings: {
    oauthClient: {
      application_type: 'web' as const,
      grant_types: ['authorization_code' as const],
      response_types: ['code' as const],
      redirect_uris: ['https://app.example.com/cb'],
    },
  },
});

test('the SDK makes, finds, replaces, deactivates and deletes an application', async () => {
  const label = unique('SDK');
  const made = await okta.applicationApi.createApplication({ application: application(label) });
  const appId = String(made.id);
  expect(made).toMatchObject({ label, status: 'ACTIVE', signOnMode: 'OPENID_CONNECT' });
  const read = await okta.applicationApi.getApplication({ appId });
  expect(read).toMatchObject({
    id: appId,
    settings: { oauthClient: { redirect_uris: ['https://app.example.com/cb'] } },
  });

  const found: string[] = [];
  const list = await okta.applicationApi.listApplications({ q: label });
  await list.each((one) => void found.push(String(one?.id)));
  expect(found).toEqual([appId]);

  const renamed = unique('SDK');
  expect(await okta.applicationApi.replaceApplication({ appId, application: application(renamed) })).toMatchObject({
    label: renamed,
  });
  await expect(okta.applicationApi.deleteApplication({ appId })).rejects.toMatchObject({
    status: 403,
    errorCode: 'E0000056',
  });
  await okta.applicationApi.deactivateApplication({ appId });
  await okta.applicationApi.deleteApplication({ appId });
  await expect(okta.applicationApi.getApplication({ appId })).rejects.toMatchObject({
    status: 404,
    errorCode: 'E0000007',
  });
});

test('the SDK walks over every page of a list', async () => {
  const label = unique('Paged');
  for (let number = 0; number < 5; number++)
    await okta.applicationApi.createApplication({ application: application(`${label} ${number}`) });
  let seen = 0;
  const list = await okta.applicationApi.listApplications({ q: label, limit: 2 });
  await list.each(() => void seen++);
  expect(seen).toBe(5);
});

test('the SDK assigns people and groups', async () => {
  const { id } = await okta.applicationApi.createApplication({ application: application(unique('SDK')) });
  const appId = String(id);
  const login = `${unique('jo').replace(' ', '-')}@example.com`;
  const user = await okta.userApi.createUser({
    body: { profile: { login, email: login, firstName: 'Jo', lastName: 'Doe' } },
  });
  const assigned = await okta.applicationApi.assignUserToApplication({
    appId,
    appUser: { id: String(user.id), scope: 'USER' },
  });
  expect(assigned).toMatchObject({ id: user.id, scope: 'USER', credentials: { userName: login } });
  const group = await okta.groupApi.createGroup({ group: { profile: { name: unique('SDK'), description: '' } } });
  const groupId = String(group.id);
  await okta.applicationApi.assignGroupToApplication({ appId, groupId });
  const groups: string[] = [];
  await (await okta.applicationApi.listApplicationGroupAssignments({ appId })).each(
    (one) => void groups.push(String(one?.id)),
  );
  expect(groups).toEqual([groupId]);
  await okta.applicationApi.unassignUserFromApplication({ appId, userId: String(user.id) });
  await expect(okta.applicationApi.getApplicationUser({ appId, userId: String(user.id) })).rejects.toMatchObject({
    status: 404,
  });
});

test('the SDK rotates a client secret', async () => {
  const { id } = await okta.applicationApi.createApplication({ application: application(unique('SDK')) });
  const appId = String(id);
  const keys = okta.applicationSSOPublicKeysApi;
  const second = await keys.createOAuth2ClientSecret({ appId });
  const secrets: { id: string }[] = [];
  await (await keys.listOAuth2ClientSecrets({ appId })).each((one) => void secrets.push({ id: String(one?.id) }));
  expect(secrets).toHaveLength(2);
  const first = secrets.find((one) => one.id !== second.id)?.id ?? '';
  expect(await keys.deactivateOAuth2ClientSecret({ appId, secretId: first })).toMatchObject({ status: 'INACTIVE' });
  await keys.deleteOAuth2ClientSecret({ appId, secretId: first });
});

test('the SDK makes keys with certificates, shares them, and asks for certificates', async () => {
  const { applicationApi } = okta;
  const make = async () =>
    String((await applicationApi.createApplication({ application: application(unique('SDK')) })).id);
  const [appId, targetAid] = [await make(), await make()];
  const key = await applicationApi.generateApplicationKey({ appId, validityYears: 2 });
  expect(key).toMatchObject({ kty: 'RSA', use: 'sig', expiresAt: expect.any(Date) });
  const keyId = String(key.kid);
  const certificate = new X509Certificate(Buffer.from(String(key.x5c?.[0]), 'base64'));
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(await applicationApi.getApplicationKey({ appId, keyId })).toEqual(key);
  expect(await applicationApi.cloneApplicationKey({ appId, keyId, targetAid })).toMatchObject({ kid: keyId });
  const kids: string[] = [];
  await (await applicationApi.listApplicationKeys({ appId: targetAid })).each(
    (one) => void kids.push(String(one?.kid)),
  );
  expect(kids).toEqual([keyId]);
  await expect(applicationApi.generateApplicationKey({ appId, validityYears: 1 })).rejects.toMatchObject({
    status: 400,
  });
  await expect(applicationApi.getApplicationKey({ appId, keyId: 'none' })).rejects.toMatchObject({ status: 404 });

  const metadata = {
    subject: { countryName: 'US', commonName: 'app' },
    subjectAltNames: { dnsNames: ['app.example.com'] },
  };
  const made = (await applicationApi.generateCsrForApplication({ appId, metadata })) as unknown as { id: string };
  const csrId = made.id;
  expect(await applicationApi.getCsrForApplication({ appId, csrId })).toMatchObject({ id: csrId, kty: 'RSA' });
  const publish = await fetch(`${server.url}/api/v1/apps/${appId}/credentials/csrs/${csrId}/lifecycle/publish`, {
    method: 'POST',
    headers: { authorization: `SSWS ${server.apiToken}`, 'content-type': 'application/x-pem-file' },
    body: certificate.toString(),
  });
  expect(publish.status).toBe(400);
  expect(await publish.json()).toMatchObject({
    errorCauses: [{ errorSummary: 'certificate: The certificate is about another key than the request' }],
  });
  await applicationApi.revokeCsrFromApplication({ appId, csrId });
  const waiting: unknown[] = [];
  await (await applicationApi.listCsrsForApplication({ appId })).each((one) => void waiting.push(one));
  expect(waiting).toEqual([]);
});

test('the SDK grants a scope', async () => {
  const { id } = await okta.applicationApi.createApplication({ application: application(unique('SDK')) });
  const appId = String(id);
  const grant = await okta.applicationApi.grantConsentToScope({
    appId,
    oAuth2ScopeConsentGrant: { issuer: server.url, scopeId: 'okta.users.read' },
  });
  expect(grant).toMatchObject({ scopeId: 'okta.users.read', status: 'ACTIVE', source: 'ADMIN' });
  await okta.applicationApi.revokeScopeConsentGrant({ appId, grantId: String(grant.id) });
});

test('the SDK keeps trusted origins', async () => {
  const name = unique('SDK').replace(' ', '-').toLowerCase();
  const trustedOrigin = { name, origin: `https://${name}.example.com`, scopes: [{ type: 'CORS' as const }] };
  const made = await okta.trustedOriginApi.createTrustedOrigin({ trustedOrigin });
  const trustedOriginId = String(made.id);
  expect(made).toMatchObject({ ...trustedOrigin, status: 'ACTIVE' });
  expect(await okta.trustedOriginApi.deactivateTrustedOrigin({ trustedOriginId })).toMatchObject({
    status: 'INACTIVE',
  });
  const replaced = { ...trustedOrigin, scopes: [{ type: 'CORS' as const }, { type: 'REDIRECT' as const }] };
  expect(await okta.trustedOriginApi.replaceTrustedOrigin({ trustedOriginId, trustedOrigin: replaced })).toMatchObject({
    ...replaced,
    status: 'INACTIVE',
  });
  await okta.trustedOriginApi.deleteTrustedOrigin({ trustedOriginId });
  await expect(okta.trustedOriginApi.getTrustedOrigin({ trustedOriginId })).rejects.toMatchObject({ status: 404 });
});

const swa = { buttonField: 'go', passwordField: 'pw', usernameField: 'user', url: 'https://app.example.com/login' };
const threeField = {
  ...{ userNameSelector: '#user', passwordSelector: '#pw', buttonSelector: '#go' },
  ...{ targetURL: 'https://app.example.com/login', extraFieldSelector: '#org', extraFieldValue: 'acme' },
};
const wsFederation = {
  ...{
    audienceRestriction: 'urn:app',
    authnContextClassRef: 'urn:ctx',
    groupValueFormat: 'dn',
    usernameAttribute: 'upn',
  },
  ...{ nameIDFormat: 'urn:format', siteURL: 'https://app.example.com', wReplyURL: 'https://app.example.com/wreply' },
};
const saml = {
  ...{ ssoAcsUrl: 'https://sp.example.com/acs', audience: 'https://sp.example.com', responseSigned: true },
  attributeStatements: [
    {
      type: 'EXPRESSION',
      name: 'mail',
      namespace: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
      values: ['user.email'],
    },
    { type: 'GROUP', name: 'groups', filterType: 'REGEX', filterValue: '.*' },
  ],
};

describe('an application that is no OAuth client', () => {
  const shared = { scheme: 'SHARED_USERNAME_AND_PASSWORD', userName: 'team', password: { value: 'Very-Secret-77' } };
  const kinds: [signOnMode: string, name: string | undefined, settings: object, credentials: object][] = [
    ['BOOKMARK', 'bookmark', { app: { url: 'https://wiki.example.com/?a=1#b', requestIntegration: false } }, {}],
    [
      'BASIC_AUTH',
      'template_basic_auth',
      { app: { url: 'https://a.example.com', authURL: 'https://a.example.com/auth' } },
      {},
    ],
    ['BROWSER_PLUGIN', 'template_swa', { app: swa }, { scheme: 'EDIT_PASSWORD_ONLY' }],
    ['BROWSER_PLUGIN', 'template_swa3field', { app: threeField }, shared],
    ['SECURE_PASSWORD_STORE', 'template_sps', { app: { ...swa, buttonField: undefined, optionalField1: 'org' } }, {}],
    ['WS_FEDERATION', 'template_wsfed', { app: wsFederation }, {}],
    ['AUTO_LOGIN', undefined, { signOn: { loginUrl: 'https://a.example.com/login' } }, shared],
    ['SAML_2_0', undefined, { signOn: saml }, {}],
    ['SAML_1_1', 'somecatalogueapp', { signOn: { audienceOverride: 'urn:x' }, app: { domain: 'acme' } }, {}],
  ];

  test.each(kinds)(
    'is made, found, replaced and deleted by the SDK: %s %s',
    async (signOnMode, name, settings, credentials) => {
      const { applicationApi } = okta;
      const label = unique(signOnMode);
      const application = { label, name, signOnMode, settings, credentials } as never;
      const made = await applicationApi.createApplication({ application });
      const appId = String(made.id);
      expect(made).toMatchObject({
        label,
        signOnMode,
        status: 'ACTIVE',
        settings: JSON.parse(JSON.stringify(settings)),
      });
      const raw = await fetch(`${server.url}/api/v1/apps/${appId}`, {
        headers: { authorization: `SSWS ${server.apiToken}` },
      });
      const text = await raw.text();
      expect(text).not.toContain('Very-Secret');
      expect(JSON.parse(text).credentials.userName).toBe('userName' in credentials ? 'team' : undefined);

      const renamed = unique(signOnMode);
      const replacement = Object.assign(await applicationApi.getApplication({ appId }), { label: renamed });
      const replaced = await applicationApi.replaceApplication({ appId, application: replacement });
      expect(replaced).toMatchObject({
        id: appId,
        label: renamed,
        settings: JSON.parse(JSON.stringify(settings)),
      });
      const found: string[] = [];
      await (await applicationApi.listApplications({ q: renamed })).each((one) => void found.push(String(one?.id)));
      expect(found).toEqual([appId]);
      await applicationApi.deactivateApplication({ appId });
      await applicationApi.deleteApplication({ appId });
      await expect(applicationApi.getApplication({ appId })).rejects.toMatchObject({ status: 404 });
    },
  );

  test.each<[string, object]>([
    ['settings.app.url', { signOnMode: 'BOOKMARK' }],
    ['settings.app.url', { signOnMode: 'BOOKMARK', settings: { app: { url: 'javascript:alert(1)' } } }],
    ['settings.app.url', { signOnMode: 'BOOKMARK', settings: { app: { url: ' https://a.example.com' } } }],
    ['name', { signOnMode: 'BOOKMARK', name: 'template_swa', settings: { app: { url: 'https://a.example.com' } } }],
    ['name', { signOnMode: 'BOOKMARK', name: 'oidc_client', settings: { app: { url: 'https://a.example.com' } } }],
    ['name', { signOnMode: 'SAML_1_1' }],
    ['settings.app.authURL', { signOnMode: 'BASIC_AUTH', settings: { app: { url: 'https://a.example.com' } } }],
    [
      'settings.app.passwordField',
      { signOnMode: 'BROWSER_PLUGIN', name: 'template_swa', settings: { app: { ...swa, passwordField: '' } } },
    ],
    ['settings.signOn.loginUrl', { signOnMode: 'AUTO_LOGIN', settings: { signOn: { loginUrl: 'ftp://a' } } }],
    [
      'settings.signOn.audience',
      { signOnMode: 'SAML_2_0', settings: { signOn: { ssoAcsUrl: 'https://a.example.com' } } },
    ],
    [
      'settings.signOn.signatureAlgorithm',
      { signOnMode: 'SAML_2_0', settings: { signOn: { ...saml, signatureAlgorithm: 'MD5' } } },
    ],
    [
      'settings.signOn.spCertificate',
      { signOnMode: 'SAML_2_0', settings: { signOn: { ...saml, spCertificate: { x5c: ['AAAA'] } } } },
    ],
    [
      'settings.signOn.slo.logoutUrl',
      { signOnMode: 'SAML_2_0', settings: { signOn: { ...saml, slo: { enabled: true, issuer: 'x' } } } },
    ],
    ['credentials.scheme', { signOnMode: 'BASIC_AUTH', credentials: { scheme: 'NONE' } }],
    ['signOnMode', { signOnMode: 'SAML_3_0' }],
  ])('is refused for %s in %j', async (field, body) => {
    const answer = await fetch(`${server.url}/api/v1/apps`, {
      method: 'POST',
      headers: { authorization: `SSWS ${server.apiToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ label: unique('Refused'), ...body }),
    });
    const error = (await answer.json()) as { errorCode: string; errorCauses: { errorSummary: string }[] };
    expect([answer.status, error.errorCode]).toEqual([400, 'E0000001']);
    expect(error.errorCauses[0]?.errorSummary).toMatch(new RegExp(`^${field}: `));
  });
});
