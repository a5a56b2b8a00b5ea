// Owns the list of every route that a server has, with ids put in: what its OpenAPI document says, and the OAuth endpoints
// of the org and of one custom authorization server.
import type { TestServer } from './server.ts';

export type KnownRoute = {
  method: string;
  path: string;
  /** Whether anyone may call it, as far as the document says; null: the document does not hold it. */
  isPublic: boolean | null;
};

type Document = { paths: Record<string, Record<string, { security?: unknown[] }>>; security?: unknown[] };

export async function everyRoute(server: TestServer, authorizationServerId: string): Promise<KnownRoute[]> {
  const documented = await documentedRoutes(server);
  const oauth = ['/oauth2', `/oauth2/${authorizationServerId}`, '/oauth2/default'].flatMap((base) =>
    Object.entries(oauthEndpoints).flatMap(([path, methods]) =>
      methods.map((method) => ({ method, path: `${base}${path}`, isPublic: null })),
    ),
  );
  const wellKnown = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'].flatMap((path) => [
    { method: 'GET', path, isPublic: null },
    { method: 'GET', path: `/oauth2/${authorizationServerId}${path}`, isPublic: null },
  ]);
  return [...documented, ...oauth, ...wellKnown];
}

/** The management API by its own OpenAPI document; ids in paths are made up. */
export async function documentedRoutes(server: Pick<TestServer, 'url'>): Promise<KnownRoute[]> {
  const response = await fetch(`${server.url}/openapi.json`);
  const document = (await response.json()) as Document;
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, 'made-up'),
      isPublic: (operation.security ?? document.security ?? []).length === 0,
    })),
  );
}

const oauthEndpoints: Record<string, string[]> = {
  '/v1/authorize': ['GET', 'POST'],
  '/v1/par': ['POST'],
  '/v1/token': ['POST'],
  '/v1/introspect': ['POST'],
  '/v1/revoke': ['POST'],
  '/v1/logout': ['GET', 'POST'],
  '/v1/keys': ['GET'],
  '/v1/userinfo': ['GET'],
};
