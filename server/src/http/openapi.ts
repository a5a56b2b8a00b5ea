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
  const shapes = createShapes();
  const paths = pathsOf(routes, shapes);
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
    paths,
    components: {
      schemas: { Error: schemaOf(ERROR, 'output'), ...shapes.named() },
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

type Shapes = {
  /** The schema itself when it is small, a reference to its one copy when it is large. */
  use(schema: Json, operationId: string, role: 'response' | 'request'): Json;
  named(): Record<string, Json>;
};

const SMALL = 400;

/** Large shapes stand in the document once each, under the noun of the first operation that uses them. */
function createShapes(): Shapes {
  const nameOf = new Map<string, string>();
  const named: Record<string, Json> = {};
  const place = (schema: Json, operationId: string, role: 'response' | 'request'): Json => {
    const text = JSON.stringify(schema);
    if (text.length < SMALL) return schema;
    let name = nameOf.get(text);
    if (name === undefined) {
      const suffix = role === 'request' ? 'Request' : '';
      const noun = `${nounOf(operationId)}${suffix}`;
      name = noun in named || noun === 'Error' ? `${capitalized(operationId)}${suffix}` : noun;
      nameOf.set(text, name);
      named[name] = schema;
    }
    return { $ref: `#/components/schemas/${name}` };
  };
  return {
    use: (schema, operationId, role) =>
      schema.type === 'array'
        ? { ...schema, items: place(schema.items as Json, operationId, role) }
        : place(schema, operationId, role),
    named: () => Object.fromEntries(Object.entries(named).sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** `listUsers` and `getUser` are both about a User. */
function nounOf(operationId: string): string {
  const [verb = '', ...words] = operationId.split(/(?=[A-Z])/);
  const noun = words.join('');
  return verb === 'list' ? noun.replace(/ies$/, 'y').replace(/s$/, '') : noun || capitalized(operationId);
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function pathsOf(routes: readonly Route[], shapes: Shapes): Json {
  const paths: Record<string, Json> = {};
  for (const one of routes) {
    const methods = paths[one.path] ?? {};
    methods[one.method.toLowerCase()] = operationOf(one, shapes);
    paths[one.path] = methods;
  }
  return paths;
}

function operationOf(one: Route, shapes: Shapes): Json {
  const parameters = [...pathParameters(one.path), ...queryParameters(one.query)];
  return {
    operationId: one.operationId,
    summary: one.summary,
    tags: [...one.tags],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(one.body ? { requestBody: requestBody(one.body, one.operationId, shapes) } : {}),
    responses: { ...successes(one, shapes), default: { $ref: '#/components/responses/Error' } },
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

function requestBody(body: z.ZodType, operationId: string, shapes: Shapes): Json {
  const schema = shapes.use(schemaOf(body, 'input'), operationId, 'request');
  return { required: !body.safeParse(undefined).success, content: { 'application/json': { schema } } };
}

function successes({ responses, operationId }: Route, shapes: Shapes): Json {
  const described = Object.entries(responses).map(([status, shape]) => {
    if (!shape) return [status, { description: 'Success, without content' }];
    const schema = shapes.use(schemaOf(shape, 'output'), operationId, 'response');
    return [status, { description: 'Success', content: { 'application/json': { schema } } }];
  });
  return Object.fromEntries(described) as Json;
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
