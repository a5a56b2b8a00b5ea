// Owns the OpenAPI 3.1 document of a list of routes: it says of each what the route says of itself, and nothing more.
// Not here: which lists there are (management/routes.ts) and the file in docs/ (management/openapi-docs.ts).
import { z } from 'zod';
import { apiScopes } from '../core/api-scopes.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

const ERROR = z.object({
  errorCode: z.string(),
  errorSummary: z.string(),
  errorLink: z.string(),
  errorId: z.string(),
  errorCauses: z.array(z.object({ errorSummary: z.string() })),
});

/** The document; `url` is the org's own. */
export function openApiDocument(routes: readonly Route[], url: string): Json {
  const tags = [...new Set(routes.flatMap((one) => one.tags))].sort();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse management API',
      version: '1',
      description: 'Generated from the routes that the server mounts.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url }],
    tags: tags.map((name) => ({ name })),
    paths: pathsOf(routes),
    components: {
      schemas: { Error: schemaOf(ERROR, 'output') },
      responses: {
        Error: {
          description: 'What was wrong: a code, a sentence, and the id under which the log tells more.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
      securitySchemes: securitySchemes(url),
    },
  };
}

function pathsOf(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const one of routes) {
    const methods = paths[one.path] ?? {};
    methods[one.method.toLowerCase()] = operationOf(one);
    paths[one.path] = methods;
  }
  return paths;
}

function operationOf(one: Route): Json {
  const parameters = [...pathParameters(one.path), ...queryParameters(one.query)];
  return {
    operationId: one.operationId,
    summary: one.summary,
    tags: [...one.tags],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(one.body ? { requestBody: requestBody(one.body) } : {}),
    responses: { ...successes(one), default: { $ref: '#/components/responses/Error' } },
    security: securityOf(one),
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | null): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function requestBody(body: z.ZodType): Json {
  return {
    required: !body.safeParse(undefined).success,
    content: { 'application/json': { schema: schemaOf(body, 'input') } },
  };
}

function successes({ responses }: Route): Json {
  return Object.fromEntries(
    Object.entries(responses).map(([status, shape]) => [
      status,
      shape
        ? { description: 'Success', content: { 'application/json': { schema: schemaOf(shape, 'output') } } }
        : { description: 'Success, without content' },
    ]),
  );
}

function securityOf({ access }: Route): Json[] {
  if (access === 'public') return [];
  return access === 'session' ? [{ session: [] }] : [{ apiToken: [] }, { oauth2: [access] }];
}

function securitySchemes(url: string): Json {
  const flow = { scopes: Object.fromEntries(apiScopes.map(({ name, description }) => [name, description])) };
  const tokenUrl = `${url}/oauth2/v1/token`;
  return {
    apiToken: { type: 'apiKey', in: 'header', name: 'Authorization', description: '`SSWS` and an API token.' },
    oauth2: {
      type: 'oauth2',
      flows: {
        authorizationCode: { authorizationUrl: `${url}/oauth2/v1/authorize`, tokenUrl, ...flow },
        clientCredentials: { tokenUrl, ...flow },
      },
    },
    session: { type: 'apiKey', in: 'cookie', name: 'idx' },
  };
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' });
  return schema;
}
