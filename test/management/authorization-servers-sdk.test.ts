// The unmodified @okta/okta-sdk-nodejs builds an authorization server with all that belongs to it: contract sections 4.5 and 6.9.
import sdk from '@okta/okta-sdk-nodejs';
import { expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const { authorizationServerApi: api } = new sdk.Client({ orgUrl: server.url, token: server.apiToken });

async function all<T>(list: { each(visit: (one: T) => void): Promise<unknown> }): Promise<T[]> {
  const found: T[] = [];
  await list.each((one) => void found.push(one));
  return found;
}

test('the SDK makes, reads, replaces and deletes a server, its scopes, claims, policies and rules', async () => {
  const made = await api.createAuthorizationServer({
    authorizationServer: { name: unique('SDK'), description: 'Made by the SDK', audiences: ['api://sdk'] },
  });
  const authServerId = String(made.id);
  expect(made.issuer).toBe(`${server.url}/oauth2/${authServerId}`);

  const scope = await api.createOAuth2Scope({ authServerId, oAuth2Scope: { name: 'car:drive', _default: true } });
  expect(scope._default).toBe(true);
  const scopeId = String(scope.id);
  scope.consent = 'REQUIRED';
  expect(await api.replaceOAuth2Scope({ authServerId, scopeId, oAuth2Scope: scope })).toMatchObject({
    consent: 'REQUIRED',
  });

  const claim = await api.createOAuth2Claim({
    authServerId,
    oAuth2Claim: {
      name: 'driving',
      status: 'INACTIVE',
      claimType: 'RESOURCE',
      valueType: 'EXPRESSION',
      value: '"driving"',
      conditions: { scopes: ['car:drive'] },
    },
  });
  expect(claim).toMatchObject({ status: 'INACTIVE', conditions: { scopes: ['car:drive'] } });
  const claimId = String(claim.id);
  claim.status = 'ACTIVE';
  expect(await api.replaceOAuth2Claim({ authServerId, claimId, oAuth2Claim: claim })).toMatchObject({
    status: 'ACTIVE',
  });

  const policy = await api.createAuthorizationServerPolicy({
    authServerId,
    policy: {
      type: 'OAUTH_AUTHORIZATION_POLICY',
      status: 'ACTIVE',
      name: 'Drivers',
      description: 'Who may drive',
      priority: 1,
      conditions: { clients: { include: ['ALL_CLIENTS'] } },
    },
  });
  const policyId = String(policy.id);
  const policyRule = {
    name: 'Everyone',
    priority: 1,
    type: 'RESOURCE_ACCESS' as const,
    conditions: {
      people: { groups: { include: ['EVERYONE'] } },
      grantTypes: { include: ['authorization_code', 'client_credentials'] },
      scopes: { include: ['*'] },
    },
    actions: { token: { accessTokenLifetimeMinutes: 60 } },
  };
  const rule = await api.createAuthorizationServerPolicyRule({ authServerId, policyId, policyRule });
  const ruleId = String(rule.id);
  const replaced = await api.replaceAuthorizationServerPolicyRule({
    authServerId,
    policyId,
    ruleId,
    policyRule: { ...policyRule, name: 'All of them' },
  });
  expect(replaced).toMatchObject({ name: 'All of them', priority: 1 });

  expect(await all(await api.listOAuth2Scopes({ authServerId }))).toHaveLength(8);
  expect(await all(await api.listOAuth2Claims({ authServerId }))).toHaveLength(20);
  expect(await all(await api.listAuthorizationServerPolicies({ authServerId }))).toHaveLength(1);
  expect(await all(await api.listAuthorizationServerPolicyRules({ authServerId, policyId }))).toHaveLength(1);
  const keys = await all(await api.rotateAuthorizationServerKeys({ authServerId, use: { use: 'sig' } }));
  expect(keys.map((key) => key?.status)).toEqual(['ACTIVE', 'NEXT', 'EXPIRED']);
  const servers = await all(await api.listAuthorizationServers({ limit: 1 }));
  expect(servers.map((one) => one?.id)).toContain(authServerId);

  await api.deactivateAuthorizationServerPolicyRule({ authServerId, policyId, ruleId });
  await api.deleteAuthorizationServerPolicyRule({ authServerId, policyId, ruleId });
  await api.deleteAuthorizationServerPolicy({ authServerId, policyId });
  await api.deleteOAuth2Claim({ authServerId, claimId });
  await api.deleteOAuth2Scope({ authServerId, scopeId });
  await expect(api.deleteAuthorizationServer({ authServerId })).rejects.toMatchObject({ status: 400 });
  await api.deactivateAuthorizationServer({ authServerId });
  await api.deleteAuthorizationServer({ authServerId });
  await expect(api.getAuthorizationServer({ authServerId })).rejects.toMatchObject({
    status: 404,
    errorCode: 'E0000007',
  });
});
