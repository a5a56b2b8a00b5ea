// The unmodified @okta/okta-sdk-nodejs on every resource that has no test of its own by the SDK: make, read, replace, list, put to
// sleep and wake, delete. Others: apps-sdk, authorization-servers-sdk, people-sdk, inline-hooks-sdk, custom-roles.
import sdk from '@okta/okta-sdk-nodejs';
import { afterAll, expect, test } from 'vitest';
import { makeUser, unique } from '../support/guide.ts';
import { startHookService } from '../support/hook-service.ts';
import { managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile({ EGRESS_ALLOW: '127.0.0.1' });
const okta = new sdk.Client({ orgUrl: server.url, token: server.apiToken });
const api = managementApi(server);
const hooks = await startHookService();
afterAll(() => hooks.close());

const gone = { status: 404, errorCode: 'E0000007' };

/** Every id of a list, over all its pages. */
async function idsOf(list: Promise<{ each(visit: (one: unknown) => void): Promise<unknown> }>): Promise<string[]> {
  const ids: string[] = [];
  await (await list).each((one) => void ids.push(String((one as { id?: string } | null)?.id)));
  return ids;
}

test('trusted origins', async () => {
  const { trustedOriginApi } = okta;
  const host = `https://${unique('a').replace(' ', '-')}.example.com`;
  const trustedOrigin = { name: unique('Origin'), origin: host, scopes: [{ type: 'CORS' as const }] };
  const { id } = await trustedOriginApi.createTrustedOrigin({ trustedOrigin });
  const trustedOriginId = String(id);
  const name = unique('Renamed');
  await trustedOriginApi.replaceTrustedOrigin({ trustedOriginId, trustedOrigin: { ...trustedOrigin, name } });
  expect(await trustedOriginApi.deactivateTrustedOrigin({ trustedOriginId })).toMatchObject({ status: 'INACTIVE' });
  expect(await trustedOriginApi.activateTrustedOrigin({ trustedOriginId })).toMatchObject({ status: 'ACTIVE' });
  expect(await trustedOriginApi.getTrustedOrigin({ trustedOriginId })).toMatchObject({ name, origin: host });
  expect(await idsOf(trustedOriginApi.listTrustedOrigins({ limit: 1 }))).toContain(trustedOriginId);
  await trustedOriginApi.deleteTrustedOrigin({ trustedOriginId });
  await expect(trustedOriginApi.getTrustedOrigin({ trustedOriginId })).rejects.toMatchObject(gone);
});

test('network zones', async () => {
  const { networkZoneApi } = okta;
  const zone = {
    type: 'IP' as const,
    name: unique('Office'),
    gateways: [{ type: 'CIDR' as const, value: '198.51.100.0/24' }],
  };
  const zoneId = String((await networkZoneApi.createNetworkZone({ zone })).id);
  const name = unique('Branch');
  expect(await networkZoneApi.replaceNetworkZone({ zoneId, zone: { ...zone, name } })).toMatchObject({ name });
  expect(await networkZoneApi.deactivateNetworkZone({ zoneId })).toMatchObject({ status: 'INACTIVE' });
  expect(await networkZoneApi.activateNetworkZone({ zoneId })).toMatchObject({ status: 'ACTIVE' });
  expect(await idsOf(networkZoneApi.listNetworkZones({ limit: 1 }))).toContain(zoneId);
  await networkZoneApi.deleteNetworkZone({ zoneId });
  await expect(networkZoneApi.getNetworkZone({ zoneId })).rejects.toMatchObject(gone);
});

test('event hooks', async () => {
  const { eventHookApi } = okta;
  const eventHook = {
    name: unique('Hook'),
    events: { type: 'EVENT_TYPE' as const, items: ['user.lifecycle.create'] },
    channel: {
      type: 'HTTP' as const,
      version: '1.0.0',
      config: { uri: hooks.url, authScheme: { type: 'HEADER' as const, key: 'Authorization', value: 'secret' } },
    },
  };
  const made = await eventHookApi.createEventHook({ eventHook });
  const eventHookId = String(made.id);
  expect(made.verificationStatus).toBe('UNVERIFIED');
  expect(JSON.stringify(made)).not.toContain('"secret"');
  const events = { type: 'EVENT_TYPE' as const, items: ['user.lifecycle.create', 'user.lifecycle.suspend'] };
  const replaced = await eventHookApi.replaceEventHook({ eventHookId, eventHook: { ...eventHook, events } });
  expect(replaced.events?.items).toEqual(events.items);
  expect(await eventHookApi.deactivateEventHook({ eventHookId })).toMatchObject({ status: 'INACTIVE' });
  expect(await eventHookApi.activateEventHook({ eventHookId })).toMatchObject({ status: 'ACTIVE' });
  expect(await idsOf(eventHookApi.listEventHooks())).toContain(eventHookId);
  await eventHookApi.deactivateEventHook({ eventHookId });
  await eventHookApi.deleteEventHook({ eventHookId });
  await expect(eventHookApi.getEventHook({ eventHookId })).rejects.toMatchObject(gone);
});

test.each([
  ['OKTA_SIGN_ON', 'SIGN_ON', { signon: { access: 'ALLOW', requireFactor: false } }],
  ['PASSWORD', 'PASSWORD', { passwordChange: { access: 'ALLOW' }, selfServicePasswordReset: { access: 'DENY' } }],
  ['MFA_ENROLL', 'MFA_ENROLL', { enroll: { self: 'LOGIN' } }],
] as const)('policies of type %s with their rules', async (type, ruleType, actions) => {
  const { policyApi } = okta;
  const everyone = String((await api.get<{ id: string }[]>('/api/v1/groups?q=Everyone'))[0]?.id);
  const policy = {
    type,
    name: unique('Policy'),
    description: 'By the SDK',
    conditions: { people: { groups: { include: [everyone] } } },
  };
  const policyId = String((await policyApi.createPolicy({ policy })).id);
  const name = unique('Renamed');
  expect(await policyApi.replacePolicy({ policyId, policy: { ...policy, name } })).toMatchObject({ name });
  const policyRule = { name: unique('Rule'), type: ruleType, actions };
  const ruleId = String((await policyApi.createPolicyRule({ policyId, policyRule: policyRule as object })).id);
  const ruleName = unique('Other');
  const replaced = await policyApi.replacePolicyRule({
    policyId,
    ruleId,
    policyRule: { ...policyRule, name: ruleName } as object,
  });
  expect(replaced).toMatchObject({ name: ruleName, type: ruleType });
  await policyApi.deactivatePolicyRule({ policyId, ruleId });
  expect(await policyApi.getPolicyRule({ policyId, ruleId })).toMatchObject({ status: 'INACTIVE' });
  await policyApi.activatePolicyRule({ policyId, ruleId });
  expect(await idsOf(policyApi.listPolicyRules({ policyId }))).toContain(ruleId);
  await policyApi.deletePolicyRule({ policyId, ruleId });
  await policyApi.deactivatePolicy({ policyId });
  await policyApi.activatePolicy({ policyId });
  expect(await idsOf(policyApi.listPolicies({ type }))).toContain(policyId);
  await policyApi.deletePolicy({ policyId });
  await expect(policyApi.getPolicy({ policyId })).rejects.toMatchObject(gone);
});

test('authenticators', async () => {
  const { authenticatorApi } = okta;
  const ids = await idsOf(authenticatorApi.listAuthenticators());
  expect(ids.length).toBeGreaterThan(0);
  const authenticatorId = String(ids[0]);
  const one = await authenticatorApi.getAuthenticator({ authenticatorId });
  expect(one.key).toBeTruthy();
  expect(await authenticatorApi.replaceAuthenticator({ authenticatorId, authenticator: one })).toMatchObject({
    id: authenticatorId,
    key: one.key,
  });
});

test('user types and the schema of users', async () => {
  const { userTypeApi, schemaApi } = okta;
  const name = unique('contractor').replaceAll(/\W/g, '_');
  const made = await userTypeApi.createUserType({ userType: { name, displayName: 'Contractor' } });
  const typeId = String(made.id);
  const userType = { name, displayName: 'Contractor 2', description: 'From outside' };
  expect(await userTypeApi.replaceUserType({ typeId, userType })).toMatchObject({ displayName: 'Contractor 2' });
  expect(await userTypeApi.updateUserType({ typeId, userType: { description: 'Elsewhere' } })).toMatchObject({
    displayName: 'Contractor 2',
    description: 'Elsewhere',
  });
  expect(await idsOf(userTypeApi.listUserTypes())).toContain(typeId);
  const schemaId = String(/\/([^/]+)$/.exec(made._links?.schema?.href ?? '')?.[1]);
  const property = { title: 'Agency', type: 'string' as const, minLength: 1, maxLength: 20 };
  const changed = await schemaApi.updateUserProfile({
    schemaId,
    userSchema: { definitions: { custom: { id: '#custom', type: 'object', properties: { agency: property } } } },
  });
  expect(changed.definitions?.custom?.properties?.agency).toMatchObject({ title: 'Agency', maxLength: 20 });
  expect((await schemaApi.getUserSchema({ schemaId })).definitions?.custom?.properties).toHaveProperty('agency');
  expect((await schemaApi.getGroupSchema()).definitions?.base?.properties).toHaveProperty('name');
  await userTypeApi.deleteUserType({ typeId });
  await expect(userTypeApi.getUserType({ typeId })).rejects.toMatchObject(gone);
});

test('group rules', async () => {
  const { groupApi } = okta;
  const groupId = String((await groupApi.createGroup({ group: { profile: { name: unique('Ruled') } } })).id);
  const groupRule = {
    type: 'group_rule' as const,
    name: unique('Rule'),
    conditions: {
      people: { users: { exclude: [] }, groups: { exclude: [] } },
      expression: { value: 'user.department=="SDK"', type: 'urn:okta:expression:1.0' },
    },
    actions: { assignUserToGroups: { groupIds: [groupId] } },
  };
  const ruleId = String((await groupApi.createGroupRule({ groupRule })).id);
  const name = unique('Renamed');
  expect(await groupApi.replaceGroupRule({ ruleId, groupRule: { ...groupRule, name } })).toMatchObject({ name });
  await groupApi.activateGroupRule({ ruleId });
  expect(await groupApi.getGroupRule({ ruleId })).toMatchObject({ status: 'ACTIVE' });
  expect(await idsOf(groupApi.listGroupRules({ limit: 1 }))).toContain(ruleId);
  await groupApi.deactivateGroupRule({ ruleId });
  await groupApi.deleteGroupRule({ ruleId });
  await expect(groupApi.getGroupRule({ ruleId })).rejects.toMatchObject(gone);
});

test('identity providers', async () => {
  const { identityProviderApi } = okta;
  const identityProvider = {
    type: 'OIDC' as const,
    name: unique('Provider'),
    protocol: {
      type: 'OIDC',
      algorithms: {},
      endpoints: {
        authorization: { url: 'https://idp.example.com/authorize', binding: 'HTTP-REDIRECT' },
        token: { url: 'https://idp.example.com/token', binding: 'HTTP-POST' },
        userInfo: { url: 'https://idp.example.com/userinfo', binding: 'HTTP-REDIRECT' },
        jwks: { url: 'https://idp.example.com/keys', binding: 'HTTP-REDIRECT' },
      },
      scopes: ['openid', 'email', 'profile'],
      credentials: { client: { client_id: 'client', client_secret: 'a-secret-of-the-provider' } },
      issuer: { url: 'https://idp.example.com' },
    },
    policy: {
      accountLink: { action: 'AUTO', filter: null },
      provisioning: {
        action: 'AUTO',
        conditions: { deprovisioned: { action: 'NONE' }, suspended: { action: 'NONE' } },
        groups: { action: 'NONE' },
      },
      maxClockSkew: 0,
      subject: { userNameTemplate: { template: 'idpuser.email' }, matchType: 'USERNAME', filter: null },
    },
  };
  const given = identityProvider as object;
  const made = await identityProviderApi.createIdentityProvider({ identityProvider: given });
  const idpId = String(made.id);
  const name = unique('Renamed');
  expect(
    await identityProviderApi.replaceIdentityProvider({ idpId, identityProvider: { ...given, name } }),
  ).toMatchObject({ name });
  expect(await identityProviderApi.deactivateIdentityProvider({ idpId })).toMatchObject({ status: 'INACTIVE' });
  expect(await identityProviderApi.activateIdentityProvider({ idpId })).toMatchObject({ status: 'ACTIVE' });
  expect(await idsOf(identityProviderApi.listIdentityProviders({ limit: 1 }))).toContain(idpId);
  const { id: userId } = await makeUser(api);
  await identityProviderApi.linkUserToIdentityProvider({
    idpId,
    userId,
    userIdentityProviderLinkRequest: { externalId: 'e1' },
  });
  expect(await idsOf(identityProviderApi.listIdentityProviderApplicationUsers({ idpId }))).toEqual([userId]);
  await identityProviderApi.unlinkUserFromIdentityProvider({ idpId, userId });
  const key = await identityProviderApi.generateIdentityProviderSigningKey({ idpId, validityYears: 2 });
  expect(await identityProviderApi.getIdentityProviderSigningKey({ idpId, keyId: String(key.kid) })).toEqual(key);
  const metadata = { subject: { commonName: 'sso.example.com' } };
  const csr = await identityProviderApi.generateCsrForIdentityProvider({ idpId, metadata });
  expect(await idsOf(identityProviderApi.listCsrsForIdentityProvider({ idpId }))).toEqual([csr.id]);
  await identityProviderApi.revokeCsrForIdentityProvider({ idpId, csrId: String(csr.id) });
  await identityProviderApi.deleteIdentityProvider({ idpId });
  await expect(identityProviderApi.getIdentityProvider({ idpId })).rejects.toMatchObject(gone);
});

test('roles of people and groups', async () => {
  const { roleAssignmentApi } = okta;
  const { id: userId } = await makeUser(api);
  const made = await roleAssignmentApi.assignRoleToUser({ userId, assignRoleRequest: { type: 'HELP_DESK_ADMIN' } });
  expect(made).toMatchObject({ type: 'HELP_DESK_ADMIN', assignmentType: 'USER' });
  const roleId = String((made as { id?: string }).id);
  expect(await idsOf(roleAssignmentApi.listAssignedRolesForUser({ userId }))).toEqual([roleId]);
  await roleAssignmentApi.unassignRoleFromUser({ userId, roleId });
  expect(await idsOf(roleAssignmentApi.listAssignedRolesForUser({ userId }))).toEqual([]);
});

test('API tokens, the System Log, the organization and linked objects', async () => {
  const { apiTokenApi, systemLogApi, orgSettingApi, linkedObjectApi } = okta;
  const [apiTokenId] = await idsOf(apiTokenApi.listApiTokens());
  expect(await apiTokenApi.getApiToken({ apiTokenId: String(apiTokenId) })).toMatchObject({ id: apiTokenId });
  const { id: userId } = await makeUser(api);
  const events: string[] = [];
  const log = await systemLogApi.listLogEvents({ filter: `target.id eq "${userId}"`, limit: 2 });
  await log.each((event) => void events.push(String(event?.eventType)));
  expect(events).toContain('user.lifecycle.create');
  const before = await orgSettingApi.getOrgSettings();
  const orgSetting = { ...before, city: 'Delft' };
  expect(await orgSettingApi.updateOrgSettings({ OrgSetting: { city: 'Delft' } })).toMatchObject({ city: 'Delft' });
  expect(await orgSettingApi.replaceOrgSettings({ OrgSetting: orgSetting })).toMatchObject({ city: 'Delft' });
  const [primary, associated] = [unique('manager'), unique('report')].map((name) => name.replaceAll(/\W/g, '_'));
  const end = (name: string | undefined) => ({
    name: String(name),
    title: 'T',
    description: 'D',
    type: 'USER' as const,
  });
  await linkedObjectApi.createLinkedObjectDefinition({
    linkedObject: { primary: end(primary), associated: end(associated) },
  });
  const linkedObjectName = String(primary);
  expect(await linkedObjectApi.getLinkedObjectDefinition({ linkedObjectName })).toMatchObject({
    associated: { name: associated },
  });
  await linkedObjectApi.deleteLinkedObjectDefinition({ linkedObjectName });
  await expect(linkedObjectApi.getLinkedObjectDefinition({ linkedObjectName })).rejects.toMatchObject(gone);
});

test('sessions', async () => {
  const { sessionApi } = okta;
  const { login, password } = await makeUser(api);
  const { sessionToken } = await api.post<{ sessionToken: string }>('/api/v1/authn', { username: login, password });
  const made = await sessionApi.createSession({ createSessionRequest: { sessionToken } });
  const sessionId = String(made.id);
  expect(await sessionApi.getSession({ sessionId })).toMatchObject({ status: 'ACTIVE', login });
  await sessionApi.refreshSession({ sessionId });
  await sessionApi.revokeSession({ sessionId });
  await expect(sessionApi.getSession({ sessionId })).rejects.toMatchObject({ status: 404 });
});
