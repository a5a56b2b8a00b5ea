// Owns the list of every route of the management API: each resource appends its own list. server.ts mounts it, the OpenAPI
// document and the tests that walk every route read it.
import type { Route } from '../http/route.ts';
import { administratorRoutes } from './administrators.ts';
import { apiTokenRoutes } from './api-tokens.ts';
import { appAssignmentRoutes } from './app-assignments.ts';
import { appCredentialRoutes } from './app-credentials.ts';
import { appGrantRoutes } from './app-grants.ts';
import { appKeyRoutes } from './app-keys.ts';
import { appRoutes } from './apps.ts';
import { associatedServerRoutes } from './associated-servers.ts';
import { authenticatorRoutes } from './authenticators.ts';
import { authnRoutes } from './authn.ts';
import { authorizationServerClaimRoutes } from './authorization-server-claims.ts';
import { authorizationServerKeyRoutes } from './authorization-server-keys.ts';
import { authorizationServerPolicyRoutes } from './authorization-server-policies.ts';
import { authorizationServerRuleRoutes } from './authorization-server-rules.ts';
import { authorizationServerScopeRoutes } from './authorization-server-scopes.ts';
import { authorizationServerRoutes } from './authorization-servers.ts';
import { behaviorRoutes } from './behaviors.ts';
import { brandPageRoutes } from './brand-pages.ts';
import { brandRoutes } from './brands.ts';
import { clientRoutes } from './clients.ts';
import { customRoleRoutes } from './custom-roles.ts';
import { domainRoutes } from './domains.ts';
import { emailTemplateRoutes } from './email-templates.ts';
import { eventHookRoutes } from './event-hooks.ts';
import { explainRoutes } from './explain.ts';
import { factorRoutes } from './factors.ts';
import { featureRoutes } from './features.ts';
import { globalTokenRevocationRoutes } from './global-token-revocation.ts';
import { grantAndTokenRoutes } from './grants-and-tokens.ts';
import { groupOwnerRoutes } from './group-owners.ts';
import { groupRuleRoutes } from './group-rules.ts';
import { groupRoutes } from './groups.ts';
import { idpSigningKeyRoutes } from './idp-keys.ts';
import { idpKeyRoutes, idpUserRoutes } from './idp-users.ts';
import { idpRoutes } from './idps.ts';
import { inlineHookRoutes } from './inline-hooks.ts';
import { linkedObjectRoutes } from './linked-objects.ts';
import { logRoutes } from './logs.ts';
import { openApiRoute } from './openapi.ts';
import { orgRoutes } from './org.ts';
import { orgContactRoutes } from './org-contacts.ts';
import { orgFactorRoutes } from './org-factors.ts';
import { policyRoutes } from './policies.ts';
import { policyMappingRoutes } from './policy-mappings.ts';
import { policyRuleRoutes } from './policy-rules.ts';
import { policySimulationRoutes } from './policy-simulation.ts';
import { profileMappingRoutes } from './profile-mappings.ts';
import { profileSchemaRoutes } from './profile-schemas.ts';
import { realmRoutes } from './realms.ts';
import { resourceSetRoutes } from './resource-sets.ts';
import { roleBindingRoutes } from './role-bindings.ts';
import { roleTargetRoutes } from './role-targets.ts';
import { roleRoutes } from './roles.ts';
import { sessionRoutes } from './sessions.ts';
import { setupCheckRoutes } from './setup-check.ts';
import { themeRoutes } from './themes.ts';
import { trustedOriginRoutes } from './trusted-origins.ts';
import { userCredentialRoutes } from './user-credentials.ts';
import { userLifecycleRoutes } from './user-lifecycle.ts';
import { userTypeRoutes } from './user-types.ts';
import { userRoutes } from './users.ts';
import { wellKnownRoutes } from './well-known.ts';
import { zoneRoutes } from './zones.ts';

const resources: readonly Route[] = [
  ...wellKnownRoutes,
  ...orgRoutes,
  ...orgContactRoutes,
  ...orgFactorRoutes,
  ...roleRoutes,
  ...administratorRoutes,
  ...roleTargetRoutes,
  ...apiTokenRoutes,
  ...logRoutes,
  ...grantAndTokenRoutes,
  ...globalTokenRevocationRoutes,
  ...userRoutes,
  ...userLifecycleRoutes,
  ...userCredentialRoutes,
  ...factorRoutes,
  ...userTypeRoutes,
  ...realmRoutes,
  // Before schemas: `linkedObjects` would be the id of one.
  ...linkedObjectRoutes,
  ...profileSchemaRoutes,
  ...profileMappingRoutes,
  ...authnRoutes,
  ...sessionRoutes,
  // Before groups: `rules` would be the id of one.
  ...groupRuleRoutes,
  ...groupRoutes,
  ...groupOwnerRoutes,
  ...customRoleRoutes,
  ...resourceSetRoutes,
  ...roleBindingRoutes,
  ...appRoutes,
  ...appCredentialRoutes,
  ...appKeyRoutes,
  ...appAssignmentRoutes,
  ...appGrantRoutes,
  ...trustedOriginRoutes,
  ...authorizationServerRoutes,
  ...associatedServerRoutes,
  ...authorizationServerKeyRoutes,
  ...authorizationServerScopeRoutes,
  ...authorizationServerClaimRoutes,
  ...authorizationServerPolicyRoutes,
  ...authorizationServerRuleRoutes,
  // Before policies: `simulate` would be the id of one.
  ...policySimulationRoutes,
  ...policyRoutes,
  ...policyRuleRoutes,
  ...policyMappingRoutes,
  ...zoneRoutes,
  ...behaviorRoutes,
  ...featureRoutes,
  ...authenticatorRoutes,
  ...idpKeyRoutes,
  ...idpRoutes,
  ...idpSigningKeyRoutes,
  ...idpUserRoutes,
  ...inlineHookRoutes,
  ...eventHookRoutes,
  ...explainRoutes,
  ...brandRoutes,
  ...themeRoutes,
  ...brandPageRoutes,
  ...emailTemplateRoutes,
  ...domainRoutes,
  ...setupCheckRoutes,
];

const openApi = openApiRoute([...resources, ...clientRoutes]);

export const managementRoutes: readonly Route[] = [...resources, openApi];

/** What the OpenAPI document holds: clients.ts too, which words its errors in another way and is mounted apart. */
export const documentedRoutes: readonly Route[] = [...resources, ...clientRoutes, openApi];
