// Owns GET /openapi.json: the management API as an OpenAPI document, made of the routes themselves.
import { z } from 'zod';
import { openApiDocument } from '../http/openapi.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

/** The route that describes these routes and itself. */
export function openApiRoute(routes: readonly Route[]): Route {
  const self: Route = route({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApiDocument',
    summary: 'Read the OpenAPI document of the management API',
    tags: ['Operation'],
    access: 'public',
    responses: { 200: z.record(z.string(), z.unknown()) },
    async handle({ env }) {
      // The same until the server ends: made once.
      const document = env.memory.of('openapi', () => openApiDocument([...routes, self], env.config.url));
      return json(document);
    },
  });
  return self;
}
