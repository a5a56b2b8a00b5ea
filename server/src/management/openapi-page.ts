// Owns /openapi: the OpenAPI document as pages to read, drawn here out of the document itself; nothing comes from elsewhere and no script
// runs. Not here: the document (http/openapi.ts), and how its shapes become rows (openapi-fields.ts).
import { html } from 'hono/html';
import { z } from 'zod';
import type { Env } from '../core/env.ts';
import { notFoundPage } from '../http/error-page.ts';
import { type Markup, page } from '../http/page.ts';
import { type Route, route } from '../http/route.ts';
import { documentFor } from './openapi.ts';
import { type Field, fieldsOf, type Schema, typeOf } from './openapi-fields.ts';
import { documentedRoutes } from './routes.ts';

type Parameter = { name: string; in: string; required?: boolean; schema: Schema };
type Content = { content?: { 'application/json'?: { schema: Schema } } };
type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content & { description?: string }>;
  security: Record<string, string[]>[];
};
type Listed = Operation & { method: string; path: string };
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const tags = ['Pages'];

export const openApiPageRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/openapi',
    operationId: 'browseOperations',
    summary: 'The operations of the management API, to read',
    tags,
    access: 'public',
    query: z.object({ q: z.string().max(200).optional() }),
    responses: { 200: null },
    handle: async ({ env, query }) => listPage(env, query.q?.trim() ?? ''),
  }),
  route({
    method: 'GET',
    path: '/openapi/{operationId}',
    operationId: 'readOperation',
    summary: 'One operation of the management API, to read',
    tags,
    access: 'public',
    responses: { 200: null },
    async handle({ env, params }) {
      const operation = operationsOf(env).find(({ operationId }) => operationId === params.operationId);
      return operation ? operationPage(env, operation) : notFoundPage(env);
    },
  }),
];

function documentOf(env: Env): Document {
  return documentFor(env, documentedRoutes) as Document;
}

function operationsOf(env: Env): Listed[] {
  return Object.entries(documentOf(env).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
}

function scopeOf({ security }: Operation): string | null {
  return security.flatMap(({ oauth2 = [] }) => oauth2)[0] ?? null;
}

function accessOf(operation: Operation): Markup {
  const scope = scopeOf(operation);
  if (scope !== null) return html`scope <code>${scope}</code>`;
  return operation.security.length === 0
    ? html`open to everyone`
    : html`for a signed-in person, by the session’s cookie`;
}

function listPage(env: Env, q: string): Response {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = operationsOf(env).filter((operation) => {
    const { method, path, operationId, summary, tags } = operation;
    const text = [method, path, operationId, summary, ...tags, scopeOf(operation)].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const groups = [...Map.groupBy(found, (operation) => operation.tags[0] ?? 'Others')]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([tag, some]) => ({ tag, some, id: `tag-${tag.replaceAll(/\W+/g, '-')}` }));
  return page(env, {
    title: 'Management API',
    reference: true,
    body: html`<h1>Management API</h1>
<p>Every operation of this server’s management API, made of the routes themselves. For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).
A caller shows an API token (<code>Authorization: SSWS …</code>) or an access token of the org server that carries the scope.</p>
<form class="find" method="get" action="/openapi" role="search">
<label>Words of the path, the name, the summary, the tag or the scope <input type="search" name="q" value="${q}" maxlength="200"></label>
<button type="submit">Find</button>
</form>
<p role="status">${found.length === 1 ? '1 operation' : `${found.length} operations`}${q ? html` with “${q}”. <a href="/openapi">Show all</a>` : '.'}</p>
<nav aria-label="Tags"><ul class="contents">
${groups.map(({ tag, some, id }) => html`<li><a href="#${id}">${tag}</a> (${some.length})</li>\n`)}
</ul></nav>
${groups.map(
  ({ tag, some, id }) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${tag}</h2>
<ul class="operations">
${some.map(listed)}
</ul>
</section>
`,
)}`,
  });
}

function listed(operation: Listed): Markup {
  const { operationId, method, path, summary } = operation;
  return html`<li id="${operationId}"><span class="method">${method}</span> <a href="/openapi/${operationId}"><code>${path}</code></a><p>${summary}</p></li>
`;
}

function operationPage(env: Env, operation: Listed): Response {
  const { operationId, method, path, summary, parameters = [], requestBody, responses } = operation;
  const { schemas } = documentOf(env).components;
  const rows = parameters.map(({ name, in: place, required = false, schema }): Field & { place: string } => ({
    ...{ name, required, place },
    ...typeOf(schema, schemas),
  }));
  const body = requestBody?.content?.['application/json']?.schema;
  return page(env, {
    title: summary,
    reference: true,
    body: html`<p><a href="/openapi#${operationId}">All operations</a></p>
<h1>${summary}</h1>
<p><span class="method">${method}</span> <code>${env.config.url}${path}</code></p>
<p><code>${operationId}</code>, ${accessOf(operation)}</p>
${rows.length > 0 ? html`<h2>Parameters</h2>${table('Parameters', rows)}` : ''}
${body ? html`<h2>Body</h2>${shape('Body', body, schemas)}` : ''}
<h2>Answers</h2>
${Object.entries(responses).map(([status, { description, content }]) => {
  const schema = content?.['application/json']?.schema;
  const name = status === 'default' ? 'Any other' : status;
  return html`<h3>${name}</h3>
<p>${status === 'default' ? 'An error: a code, a sentence, and the id under which the log tells more.' : description}</p>
${schema ? shape(`Answer ${name}`, schema, schemas) : ''}`;
})}`,
  });
}

function shape(caption: string, schema: Schema, schemas: Record<string, Schema>): Markup {
  const { type, notes } = typeOf(schema, schemas);
  const fields = fieldsOf(schema, schemas);
  return html`<p>${type}${notes ? html`: ${notes}` : ''}</p>${fields.length > 0 ? table(caption, fields) : ''}`;
}

function table(caption: string, fields: readonly (Field & { place?: string })[]): Markup {
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="${caption}"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Required</th><th scope="col">Notes</th></tr></thead>
<tbody>
${fields.map(
  ({
    name,
    type,
    required,
    notes,
    place,
  }) => html`<tr><th scope="row"><code>${name}</code></th><td>${type}</td><td>${required ? 'yes' : 'no'}</td><td>${[place ? `in the ${place}` : '', notes].filter(Boolean).join('; ')}</td></tr>
`,
)}
</tbody></table></div>`;
}
