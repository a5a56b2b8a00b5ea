// Owns /api/v1/administrators, which Okta's API has not: everybody who administers this org, on one list: people, groups and clients.
// Not here: giving and taking roles (roles.ts).
import { z } from 'zod';
import { type Administrator, listAdministrators } from '../core/administrators.ts';
import type { Env } from '../core/env.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { type Route, route } from '../http/route.ts';
import { role, showRole } from './roles.ts';

const LIMITS = { default: 50, most: 200 };

const administrator = z.object({
  ...role.shape,
  limited: z.boolean(),
  resourceSet: z.object({ id: z.string(), label: z.string() }).nullable(),
  holder: z.object({
    kind: z.enum(['USER', 'GROUP', 'CLIENT']),
    id: z.string(),
    name: z.string(),
    login: z.string().nullable(),
    status: z.string().nullable(),
    members: z.number().nullable(),
  }),
});

export const administratorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/administrators',
    operationId: 'listAdministrators',
    summary: 'List every assignment of an administrator role, with its holder',
    tags: ['Administrator'],
    access: 'okta.roles.read',
    query: pagingQuery,
    responses: { 200: z.array(administrator) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, 'administrators', LIMITS);
      const rows = await listAdministrators(env, { after: page.after, limit: page.limit + 1 });
      return pageOf(
        env,
        request,
        'administrators',
        page,
        rows,
        ({ id }) => id,
        (row) => showAdministrator(env, row),
      );
    },
  }),
];

function showAdministrator(env: Env, row: Administrator) {
  const { custom, limited, holder } = row;
  const shown = showRole(env, { ...row, limited: Number(limited) });
  if (custom === null) return { ...shown, limited, resourceSet: null, holder };
  const { roleId, label, resourceSetId, resourceSetLabel } = custom;
  const set = { id: resourceSetId, label: resourceSetLabel };
  // A custom role is known by its membership, whoever holds it.
  return { ...shown, id: row.id, label, role: roleId, 'resource-set': set.id, limited, resourceSet: set, holder };
}
