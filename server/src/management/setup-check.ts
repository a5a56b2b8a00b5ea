// Owns Check setup on the management API, which Okta's has not. Not here: the check (core/setup-check/).
import { getOAuthClient } from '../core/applications.ts';
import {
  type AuthorizationServer,
  getAuthorizationServer,
  orgAuthorizationServer,
} from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { termsOf } from '../core/grant-terms.ts';
import { issuerOf } from '../core/issuers.ts';
import { checkSetup, usualGrant, usualScopes, usualServer } from '../core/setup-check/setup-check.ts';
import { getUser, type User } from '../core/users.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { requireScope } from './access.ts';
import { setupCheckInput, setupReport } from './setup-check.schema.ts';

/** What the lines tell of beside the application. Which origins are trusted any page can find out, and rules stand in the log. */
const ALSO_READ = ['okta.authorizationServers.read', 'okta.users.read', 'okta.groups.read'] as const;

export const setupCheckRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/setup-check',
    operationId: 'checkSetup',
    summary: 'Check the whole chain from an application to its tokens, for one person',
    tags: ['Explain'],
    access: 'okta.apps.read',
    body: setupCheckInput,
    responses: { 200: setupReport },
    async handle({ env, params, body, request }) {
      for (const scope of ALSO_READ) await requireScope(env, scope, request);
      const application = await getOAuthClient(env, params.appId);
      const server = await serverOf(env, body.authorizationServerId, () => usualServer(env, application));
      const grantType = body.grantType ?? usualGrant(application);
      const scopes = body.scopes === undefined ? usualScopes(application, grantType) : body.scopes;
      const user = termsOf(grantType).actsFor === 'client' ? null : await personOf(env, body.userId);
      const report = await checkSetup(
        env,
        { application, server, user },
        {
          grantType,
          scopes: scopes?.length ? scopes : null,
          redirectUri: body.redirectUri ?? null,
          postLogoutRedirectUri: body.postLogoutRedirectUri ?? null,
          origin: body.origin ?? null,
          issuer: body.issuer ?? null,
          clock: body.clock ?? null,
        },
      );
      const { id, label, client_id: clientId } = application;
      return json({
        application: { id, label, clientId },
        authorizationServer: { id: server.id, name: server.name, issuer: issuerOf(env, server) },
        user: user && { id: user.id, login: user.login },
        grantType,
        scopes,
        ...report,
      });
    },
  }),
];

async function serverOf(
  env: Env,
  id: string | null | undefined,
  usual: () => Promise<AuthorizationServer>,
): Promise<AuthorizationServer> {
  if (!id) return usual();
  return id === 'org' ? orgAuthorizationServer(env) : getAuthorizationServer(env, id);
}

/** Null: nobody was named, and who asks is no person. */
async function personOf(env: Env, named: string | null | undefined): Promise<User | null> {
  if (named) return getUser(env, named);
  return env.actor?.type === 'User' ? getUser(env, env.actor.id) : null;
}
