// The unmodified @okta/okta-sdk-nodejs keeps an inline hook and hangs it on a rule: Okta's inline hooks and token hook references.
import sdk from '@okta/okta-sdk-nodejs';
import { afterAll, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { startHookService } from '../support/hook-service.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile({ EGRESS_ALLOW: '127.0.0.1' });
const { inlineHookApi, authorizationServerApi } = new sdk.Client({ orgUrl: server.url, token: server.apiToken });
const service = await startHookService();
afterAll(() => service.close());

test('the SDK makes, executes, hangs on a rule, puts to sleep and deletes a hook', async () => {
  const made = await inlineHookApi.createInlineHook({
    inlineHook: {
      name: unique('SDK'),
      type: 'com.okta.oauth2.tokens.transform',
      version: '1.0.0',
      channel: {
        type: 'HTTP',
        version: '1.0.0',
        config: {
          uri: service.url,
          headers: [],
          method: 'POST',
          authScheme: { type: 'HEADER', key: 'Authorization', value: 'of-the-sdk' },
        },
      } as object,
    },
  });
  const inlineHookId = String(made.id);
  expect(made).toMatchObject({ status: 'ACTIVE' });

  const authServer = await authorizationServerApi.createAuthorizationServer({
    authorizationServer: { name: unique('Hooked'), audiences: ['api://hooked'] },
  });
  const authServerId = String(authServer.id);
  const policy = await authorizationServerApi.createAuthorizationServerPolicy({
    authServerId,
    policy: {
      type: 'OAUTH_AUTHORIZATION_POLICY',
      name: 'All',
      description: 'All',
      conditions: { clients: { include: ['ALL_CLIENTS'] } },
    },
  });
  const rule = await authorizationServerApi.createAuthorizationServerPolicyRule({
    authServerId,
    policyId: String(policy.id),
    policyRule: {
      type: 'RESOURCE_ACCESS',
      name: 'All',
      conditions: { grantTypes: { include: ['authorization_code'] }, scopes: { include: ['*'] } },
      actions: { token: { inlineHook: { id: inlineHookId } } },
    },
  });
  expect(rule.actions?.token?.inlineHook?.id).toBe(inlineHookId);

  const { status } = await inlineHookApi.deactivateInlineHook({ inlineHookId });
  expect(status).toBe('INACTIVE');
  await inlineHookApi.activateInlineHook({ inlineHookId });
  await inlineHookApi.deactivateInlineHook({ inlineHookId });
  await inlineHookApi.deleteInlineHook({ inlineHookId });
  await expect(inlineHookApi.getInlineHook({ inlineHookId })).rejects.toMatchObject({ status: 404 });
});
