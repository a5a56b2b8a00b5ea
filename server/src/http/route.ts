// Owns what a route is: a value that the router, the OpenAPI document and the tests that walk every route all read.
// Not here: who may call (the gate that a surface hands to mount) and how a surface words its errors.
import type { z } from 'zod';
import type { Env } from '../core/env.ts';
import { invalid } from '../core/refusal.ts';
import { readJson } from './read-body.ts';
import { queryOf } from './received.ts';
import type { Router } from './router.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

/**
 * `public`: anyone; the handler itself checks what it must. `session`: a signed-in person by cookie. Otherwise a scope of the
 * management API: an API token whose owner's roles include it, or an access token of the org server that carries it.
 */
export type Access = 'public' | 'session' | `okta.${string}`;

type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Record<Name, string> & PathParameters<Rest>
  : Record<never, string>;

export type Call<Params = Record<string, string>, Query = unknown, Body = unknown> = {
  env: Env;
  params: Params;
  query: Query;
  body: Body;
  request: Request;
};

export type Route = {
  method: Method;
  /** As OpenAPI writes it: `/api/v1/users/{userId}`. */
  path: string;
  /** Okta's operationId where there is one, such as `listUsers`. */
  operationId: string;
  summary: string;
  tags: readonly string[];
  access: Access;
  query: z.ZodType | null;
  body: z.ZodType | null;
  /** What each success status carries; null: no content. */
  responses: Readonly<Record<number, z.ZodType | null>>;
  handle(call: Call<never, never, never>): Promise<Response>;
};

type Definition<Path extends string, Query extends z.ZodType, Body extends z.ZodType> = {
  method: Method;
  path: Path;
  operationId: string;
  summary: string;
  tags: readonly string[];
  access: Access;
  query?: Query;
  body?: Body;
  responses: Readonly<Record<number, z.ZodType | null>>;
  handle(call: Call<PathParameters<Path>, z.output<Query>, z.output<Body>>): Promise<Response>;
};

/** Declares a route; the parameters' types follow from the path, the query's and the body's from their shapes. */
export function route<
  const Path extends string,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(definition: Definition<Path, Query, Body>): Route {
  return { ...definition, query: definition.query ?? null, body: definition.body ?? null };
}

/** Which route a request has come to, for a guard that opens it to some of its objects only. */
export type Place = { method: Method; path: string; params: Readonly<Record<string, string>> };

/** How a surface guards and answers: who is calling (may throw a refusal), and what an error looks like there. */
export type Surface = {
  admit(env: Env, access: Access, request: Request, place?: Place): Promise<Env>;
  refuse(env: Env, error: unknown, request: Request): Response | Promise<Response>;
};

export function mount(router: Router, routes: readonly Route[], surface: Surface): void {
  for (const one of routes) {
    router.add(one.method, one.path, async (env, request, params) => {
      try {
        return await answer(env, one, surface, request, params);
      } catch (error) {
        return surface.refuse(env, error, request);
      }
    });
  }
}

async function answer(
  env: Env,
  one: Route,
  surface: Surface,
  request: Request,
  params: Record<string, string>,
): Promise<Response> {
  const admitted = await surface.admit(env, one.access, request, { method: one.method, path: one.path, params });
  const query = one.query
    ? checked(one.query, Object.fromEntries(new URLSearchParams(queryOf(request))), 'query')
    : undefined;
  const body = one.body ? checked(one.body, await readJson(request), 'body') : undefined;
  const call = { env: admitted, params, query, body, request };
  return one.handle(call as Call<never, never, never>);
}

function checked(shape: z.ZodType, value: unknown, what: string): unknown {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const causes = result.error.issues.map((issue) => causeOf(issue));
  const first = result.error.issues[0]?.path.join('.');
  throw invalid(first || what, ...causes);
}

function causeOf(issue: z.core.$ZodIssue): string {
  const field = issue.path.join('.') || 'body';
  const missing = issue.code === 'invalid_type' && 'input' in issue && issue.input === undefined;
  return missing || issue.message.endsWith('received undefined')
    ? `${field}: The field cannot be left blank`
    : `${field}: ${issue.message}`;
}
