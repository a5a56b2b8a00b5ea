// Owns the router of unit tests: some routes, and nothing to say of all other requests. Not here: anything that the server uses.
import { empty } from './reply.ts';
import { createRouter, type Router } from './router.ts';

export function createTestRouter(): Router {
  return createRouter(
    async () => empty(404),
    async () => empty(405),
  );
}
