// Owns /api/v1/administrators, which Okta's API has not: everybody who administers this org, on one list: people, groups and clients.
// Not here: giving and taking roles (roles.ts).
import { z } from 'zod';
import { listAdministrators } from '../core/administrators.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { type Route, route } from '../http/route.ts';
import { role, showRole } from './roles.ts';

const LIMITS = { default: 50, most: 200 };

const administrator = z.object({
  ...role.shape,
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
        (row) => ({ ...showRole(env, row), holder: row.holder }),
      );
    },
  }),
];
