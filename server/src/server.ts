// Owns the wiring, read top to bottom: what a request passes on its way in, the three surfaces, what every answer gets on its way
// out. It knows every room and does nothing itself. Not here: listening (main.ts).
import type { Env } from './core/env.ts';
import { isBlocked } from './core/network-zones.ts';
import { isRedirectOrigin } from './core/redirect-uris.ts';
import { isTrustedOrigin } from './core/trusted-origins.ts';
import { apiError } from './http/api-error.ts';
import { assetRoutes } from './http/assets.ts';
import { brandAssetRoutes } from './http/brand-assets.ts';
import { consoleRoutes } from './http/console-files.ts';
import { type Audience, answerPreflight, corsHeaders } from './http/cors.ts';
import { notFoundPage } from './http/error-page.ts';
import { countRequest, rateLimitHeaders } from './http/rate-limit.ts';
import { pathOf } from './http/received.ts';
import { requestFacts } from './http/request-facts.ts';
import { mount } from './http/route.ts';
import { createRouter } from './http/router.ts';
import { addStandardHeaders } from './http/security-headers.ts';
import { answerAbsentOperation } from './management/absent-operations.ts';
import { managementSurface } from './management/access.ts';
import { clientRoutes, clientSurface } from './management/clients.ts';
import { openApiPageRoutes } from './management/openapi-page.ts';
import { managementRoutes } from './management/routes.ts';
import { oauthRoutes, oauthSurface } from './oauth2/routes.ts';
import { signInRoutes } from './sign-in/routes.ts';
import { signInSurface } from './sign-in/surface.ts';

export type Server = {
  /** Answers one request. `peerAddress` is the other end of the connection. */
  fetch(request: Request, peerAddress: string): Promise<Response>;
};

const surfaces = [
  { routes: oauthRoutes, surface: oauthSurface },
  { routes: managementRoutes, surface: managementSurface },
  { routes: clientRoutes, surface: clientSurface },
  {
    routes: [...signInRoutes, ...assetRoutes, ...brandAssetRoutes, ...consoleRoutes, ...openApiPageRoutes],
    surface: signInSurface,
  },
] as const;

/** The environment of the whole server; each request gets a copy with its own facts. */
export function createServer(world: Omit<Env, 'request' | 'actor'>): Server {
  const router = createRouter(answerUnknownPath, refuseOtherMethod);
  for (const { routes, surface } of surfaces) mount(router, routes, surface);

  return {
    async fetch(request, peerAddress) {
      const facts = requestFacts(world.config, request, peerAddress, world.random);
      const env: Env = { ...world, request: facts, actor: null };
      const allowance = countRequest(env);
      const refusal = allowance.exceeded ? apiError(env, 'E0000047') : await refuseBlocked(env);
      const response = refusal ?? (await router.fetch(request, env));
      addStandardHeaders(env, response);
      for (const [name, value] of Object.entries(rateLimitHeaders(allowance))) response.headers.set(name, value);
      if (request.method !== 'OPTIONS') await addCorsHeaders(env, request, response);
      return response;
    },
  };
}

async function refuseBlocked(env: Env): Promise<Response | null> {
  if (!(await isBlocked(env, env.request.ip))) return null;
  return apiError(env, 'E0000006', '', ['A network zone of this organization blocks requests from this address']);
}

async function refuseOtherMethod(
  env: Env,
  request: Request,
  path: string,
  methods: readonly string[],
): Promise<Response> {
  // A preflight is answered for every origin; the request that follows is judged by its client (contract of /token).
  if (request.method === 'OPTIONS')
    return answerPreflight(env, request, methods, (origin) => isTrusted(env, path, origin), audienceOf(path));
  const absent = await answerAbsentOperation(env, request);
  if (absent) return absent;
  const response = apiError(env, 'E0000022');
  response.headers.set('allow', methods.join(', '));
  return response;
}

async function addCorsHeaders(env: Env, request: Request, response: Response): Promise<void> {
  const path = pathOf(request);
  const audience = isPublicDocument(path) ? 'everyone' : 'listed';
  const headers = await corsHeaders(env, request, (origin) => isTrusted(env, path, origin), audience);
  for (const [name, value] of Object.entries(headers)) response.headers.append(name, value);
}

// What a program calls, other origins' scripts may call too. What a browser visits (pages, authorize, resume, consent, logout) is
// answered to the person: a script that read it with their cookies would read codes and form tokens. So this names what is open,
// and every other path is shut. OAuth endpoints also trust the origins of applications' redirect URIs: they read no cookie.
async function isTrusted(env: Env, path: string, origin: string): Promise<boolean> {
  if (!isOAuth(path) && !path.startsWith('/api/') && !path.startsWith('/oauth2/v1/clients')) return false;
  return (await isTrustedOrigin(env, origin, 'CORS')) || (isOAuth(path) && (await isRedirectOrigin(env, origin)));
}

function audienceOf(path: string): Audience {
  return isOAuth(path) ? 'everyone' : 'listed';
}

function isOAuth(path: string): boolean {
  return (
    /^\/oauth2\/([^/]+\/)?v1\/(par|token|userinfo|introspect|revoke|device\/authorize)$/.test(path) ||
    isPublicDocument(path)
  );
}

function isPublicDocument(path: string): boolean {
  return path.includes('/.well-known/') || /^\/oauth2\/.*v1\/keys$/.test(path);
}

async function answerUnknownPath(env: Env, request: Request): Promise<Response> {
  const absent = await answerAbsentOperation(env, request);
  if (absent) return absent;
  const wantsPage = (request.headers.get('accept') ?? '').includes('text/html');
  return wantsPage ? notFoundPage(env) : apiError(env, 'E0000008');
}
