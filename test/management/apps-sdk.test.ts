// The unmodified @okta/okta-sdk-nodejs manages applications and trusted origins: contract sections 4.4, 4.8 and 6.9.
import sdk from '@okta/okta-sdk-nodejs';
import { expect, test } from 'vitest';
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
