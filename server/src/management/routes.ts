// Owns the list of every route of the management API: each resource appends its own list. server.ts mounts it, the OpenAPI
// document and the tests that walk every route read it.
import type { Route } from '../http/route.ts';

export const managementRoutes: readonly Route[] = [];
