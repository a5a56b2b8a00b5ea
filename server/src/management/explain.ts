// Owns explaining on the management API, which Okta's has not: what would become of a request for tokens (token preview with its
// reasons), and what became of one, by the request id that an error page shows. Not here: the explanation (core/explain.ts).
import type { z } from 'zod';
import { getAuthorizationServer } from '../core/authorization-servers.ts';
import { explainRequest, type Hypothesis } from '../core/explain.ts';
import { explainLoggedRequest } from '../core/explain-logged.ts';
import { usualResponseTypes } from '../core/grant-terms.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { requireScope } from './access.ts';
import { explainedRequest, explainInput, explanation } from './explain.schema.ts';

const tags = ['Explain'];

export const explainRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/explain',
    operationId: 'explainTokenRequest',
    summary: 'Explain what an authorization server would answer to a request for tokens, and preview them',
    tags,
    access: 'okta.authorizationServers.read',
    body: explainInput,
    responses: { 200: explanation },
    async handle({ env, params, body, request }) {
      // Tokens say what the person's profile and groups say.
      if (personOf(body) !== null) await requireScope(env, 'okta.users.read', request);
      if (personOf(body) !== null) await requireScope(env, 'okta.groups.read', request);
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(await explainRequest(env, server, hypothesisOf(body)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/explain/{requestId}',
    operationId: 'explainLoggedRequest',
    summary: 'Explain what became of a request, by the request id that its error page shows',
    tags,
    access: 'okta.logs.read',
    responses: { 200: explainedRequest },
    handle: async ({ env, params }) => json(await explainLoggedRequest(env, params.requestId)),
  }),
];

type Input = z.output<typeof explainInput>;

function personOf({ userId, login }: Input): string | null {
  return userId || login || null;
}

function hypothesisOf(input: Input): Hypothesis {
  const scopes = input.scopes ?? null;
  return {
    clientId: input.clientId,
    grantType: input.grantType,
    responseTypes: input.responseTypes ?? usualResponseTypes(input.grantType, scopes),
    user: personOf(input),
    scopes,
    prompt: input.prompt ?? null,
    amr: input.amr,
    nonce: input.nonce ?? null,
  };
}
