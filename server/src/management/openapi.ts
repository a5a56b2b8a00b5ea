// Owns GET /openapi.json: the management API as an OpenAPI document, made of the routes themselves.
import { z } from 'zod';
import type { Env } from '../core/env.ts';
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
    handle: async ({ env }) => json(documentFor(env, [...routes, self])),
  });
  return self;
}

/** The same until the server ends: made once. */
export function documentFor(env: Env, routes: readonly Route[]): Record<string, unknown> {
  return env.memory.of('openapi', () => openApiDocument(routes, env.config.url));
}
