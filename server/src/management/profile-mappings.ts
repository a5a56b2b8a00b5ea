// Owns /api/v1/mappings: how profiles become others. Not here: what a mapping does (core/profile-mappings.ts).
import { z } from 'zod';
import type { Env } from '../core/env.ts';
import {
  getProfileMapping,
  listProfileMappings,
  type ProfileMapping,
  updateProfileMapping,
} from '../core/profile-mappings.ts';
import { invalid } from '../core/refusal.ts';
import { defaultUserTypeId, schemaIdOf } from '../core/user-types.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const tags = ['ProfileMapping'];
const LIMITS = { default: 20, most: 200 };

const links = z.record(z.string(), z.unknown());
const side = z.object({ id: z.string(), name: z.string(), type: z.enum(['user', 'appuser']), _links: links });
const property = z.object({ expression: z.string(), pushStatus: z.enum(['PUSH', 'DONT_PUSH']) });
const listedMapping = z.object({ id: z.string(), source: side, target: side, _links: links });
const mapping = listedMapping.extend({ properties: z.record(z.string(), property) });
const mappingChange = z.object({
  properties: z.record(
    z.string().max(128),
    z
      .object({ expression: z.string().trim().min(1).nullable(), pushStatus: property.shape.pushStatus.nullish() })
      .nullable(),
  ),
});

export const profileMappingRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/mappings',
    operationId: 'listProfileMappings',
    summary: 'List profile mappings, all or those of a source or a target',
    tags,
    access: 'okta.profileMappings.read',
    query: pagingQuery.extend({ sourceId: z.string().optional(), targetId: z.string().optional() }),
    responses: { 200: z.array(listedMapping) },
    async handle({ env, query: { sourceId, targetId, ...paging }, request }) {
      const list = `mappings of ${sourceId ?? ''} ${targetId ?? ''}`;
      const page = readPage(env, paging, list, LIMITS);
      const typeId = await defaultUserTypeId(env);
      const asked = narrowed(typeId, sourceId || null, targetId || null);
      const rows = asked ? await listProfileMappings(env, { ...asked, after: page.after, limit: page.limit + 1 }) : [];
      return pageOf(
        env,
        request,
        list,
        page,
        rows,
        (row) => row.id,
        (row) => showListed(env, row, typeId),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/mappings/{mappingId}',
    operationId: 'getProfileMapping',
    summary: 'Read a profile mapping',
    tags,
    access: 'okta.profileMappings.read',
    responses: { 200: mapping },
    handle: async ({ env, params }) => answer(env, await getProfileMapping(env, params.mappingId)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/mappings/{mappingId}',
    operationId: 'updateProfileMapping',
    summary: 'Map attributes otherwise, or from nothing',
    tags,
    access: 'okta.profileMappings.manage',
    body: mappingChange,
    responses: { 200: mapping },
    async handle({ env, params, body }) {
      const known = await getProfileMapping(env, params.mappingId);
      const given = Object.entries(body.properties).map(([name, said]): [string, string | null] => {
        if (said?.pushStatus && said.pushStatus !== pushStatusOf(known))
          throw invalid('properties', `${name}.pushStatus: The field must be ${pushStatusOf(known)} in this mapping`);
        return [name, said?.expression ?? null];
      });
      return answer(env, await updateProfileMapping(env, known.id, Object.fromEntries(given)));
    },
  }),
];

/** Which mappings have this source and this target; null: none has. People are mapped as one, whatever their type. */
function narrowed(
  typeId: string,
  sourceId: string | null,
  targetId: string | null,
): { kind: ProfileMapping['kind'] | null; otherId: string | null } | null {
  const otherId = [sourceId, targetId].find((id) => id !== null && id !== typeId) ?? null;
  if (sourceId === targetId && sourceId !== null) return null;
  if (sourceId === typeId) return { kind: 'application', otherId };
  if (targetId === typeId) return { kind: 'identityProvider', otherId };
  if (sourceId !== null && targetId !== null) return null;
  if (sourceId !== null) return { kind: 'identityProvider', otherId };
  return targetId === null ? { kind: null, otherId: null } : { kind: 'application', otherId };
}

/** What an application sees follows the person at once; what a provider tells is taken over as its policy says. */
function pushStatusOf({ kind }: ProfileMapping): 'PUSH' | 'DONT_PUSH' {
  return kind === 'application' ? 'PUSH' : 'DONT_PUSH';
}

async function answer(env: Env, row: ProfileMapping): Promise<Response> {
  const pushStatus = pushStatusOf(row);
  const properties = Object.entries(row.mapping).flatMap(([name, expression]) =>
    expression === null ? [] : [[name, { expression, pushStatus }]],
  );
  const { _links, ...listed } = showListed(env, row, await defaultUserTypeId(env));
  return json({ ...listed, properties: Object.fromEntries(properties), _links });
}

function showListed(env: Env, { id, kind, other }: ProfileMapping, typeId: string): z.input<typeof listedMapping> {
  const base = `${env.request.origin}/api/v1`;
  const link = (self: string, schema?: string) => ({
    self: { href: `${base}${self}` },
    ...(schema ? { schema: { href: `${base}${schema}` } } : {}),
  });
  const person = {
    id: typeId,
    name: 'user',
    type: 'user',
    _links: link(`/meta/types/user/${typeId}`, `/meta/schemas/user/${schemaIdOf(typeId)}`),
  } as const;
  const links =
    kind === 'application'
      ? link(`/apps/${other.id}`, `/meta/schemas/apps/${other.id}/default`)
      : link(`/idps/${other.id}`);
  const outside = { id: other.id, name: other.name, type: 'appuser', _links: links } as const;
  const [source, target] = kind === 'application' ? [person, outside] : [outside, person];
  return { id, source, target, _links: link(`/mappings/${id}`) };
}
