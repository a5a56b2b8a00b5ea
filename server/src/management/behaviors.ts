// Owns /api/v1/behaviors: what is unusual about a sign-in. Not here: how it is noticed (core/behaviors.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import {
  type Behavior,
  type BehaviorInput,
  behaviorTypes,
  createBehavior,
  deleteBehavior,
  getBehavior,
  listBehaviors,
  replaceBehavior,
  setBehaviorStatus,
} from '../core/behaviors.ts';
import type { Env } from '../core/env.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const tags = ['Behavior'];
const LIST = 'behaviors';
const LIMITS = { default: 200, most: 200 };

const status = z.enum(['ACTIVE', 'INACTIVE']);
const behavior = z.object({
  id: z.string(),
  name: z.string(),
  status,
  settings: z.record(z.string(), z.unknown()),
  type: z.enum(behaviorTypes),
  created: z.string(),
  lastUpdated: z.string(),
  _links: z.record(z.string(), z.unknown()),
});
const givenBehavior = z.object({
  name: z.string().trim().min(1, 'The field cannot be left blank').max(128),
  type: z.enum(behaviorTypes),
  status: status.nullish(),
  settings: z.record(z.string(), z.unknown()).nullish(),
});

export const behaviorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/behaviors',
    operationId: 'listBehaviorDetectionRules',
    summary: 'List what counts as unusual about a sign-in',
    tags,
    access: 'okta.behaviors.read',
    query: pagingQuery,
    responses: { 200: z.array(behavior) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, LIST, LIMITS);
      const rows = await listBehaviors(env, { after: page.after, limit: page.limit + 1 });
      return pageOf(
        env,
        request,
        LIST,
        page,
        rows,
        ({ id }) => id,
        (row) => showBehavior(env, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/behaviors',
    operationId: 'createBehaviorDetectionRule',
    summary: 'Say what counts as unusual about a sign-in',
    tags,
    access: 'okta.behaviors.manage',
    body: givenBehavior,
    responses: { 200: behavior },
    handle: async ({ env, body }) =>
      json(showBehavior(env, await createBehavior(env, inputOf(body), body.status ?? 'ACTIVE'))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/behaviors/{behaviorId}',
    operationId: 'getBehaviorDetectionRule',
    summary: 'Read a behavior',
    tags,
    access: 'okta.behaviors.read',
    responses: { 200: behavior },
    handle: async ({ env, params }) => json(showBehavior(env, await getBehavior(env, params.behaviorId))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/behaviors/{behaviorId}',
    operationId: 'replaceBehaviorDetectionRule',
    summary: "Replace a behavior's name and settings",
    tags,
    access: 'okta.behaviors.manage',
    body: givenBehavior,
    responses: { 200: behavior },
    handle: async ({ env, params, body }) =>
      json(showBehavior(env, await replaceBehavior(env, params.behaviorId, inputOf(body)))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/behaviors/{behaviorId}',
    operationId: 'deleteBehaviorDetectionRule',
    summary: 'Delete a behavior that no policy rule asks for',
    tags,
    access: 'okta.behaviors.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteBehavior(env, params.behaviorId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/behaviors/{behaviorId}/lifecycle/${change}`,
      operationId: `${change}BehaviorDetectionRule`,
      summary: change === 'activate' ? 'Look for a behavior' : 'Look for a behavior no longer',
      tags,
      access: 'okta.behaviors.manage',
      responses: { 200: behavior },
      async handle({ env, params }) {
        const wanted = change === 'activate' ? 'ACTIVE' : 'INACTIVE';
        return json(showBehavior(env, await setBehaviorStatus(env, params.behaviorId, wanted)));
      },
    }),
  ),
];

function inputOf({ name, type, settings }: z.output<typeof givenBehavior>): BehaviorInput {
  return { name, type, settings: settings ?? {} };
}

function showBehavior(env: Env, row: Behavior): z.input<typeof behavior> {
  const self = `${env.request.origin}/api/v1/behaviors/${row.id}`;
  const isActive = row.status === 'ACTIVE';
  const change = isActive ? 'deactivate' : 'activate';
  return {
    id: row.id,
    name: row.name,
    status: isActive ? 'ACTIVE' : 'INACTIVE',
    settings: row.settings,
    type: row.type,
    created: toIso(row.created),
    lastUpdated: toIso(row.last_updated),
    _links: {
      self: { href: self, hints: { allow: ['GET', 'PUT', 'DELETE'] } },
      [change]: { href: `${self}/lifecycle/${change}`, hints: { allow: ['POST'] } },
    },
  };
}
