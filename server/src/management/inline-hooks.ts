// Owns /api/v1/inlineHooks: services of others that this server asks. Not here: when they are asked (core/token-hook.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { callInlineHook } from '../core/call-inline-hook.ts';
import type { Env } from '../core/env.ts';
import {
  createInlineHook,
  deleteInlineHook,
  getInlineHook,
  type InlineHook,
  type InlineHookChange,
  type InlineHookInput,
  listInlineHooks,
  replaceInlineHook,
  setInlineHookStatus,
  updateInlineHook,
} from '../core/inline-hooks.ts';
import { invalid } from '../core/refusal.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import {
  hookPayload,
  inlineHookChange,
  inlineHookInput,
  inlineHook as inlineHookShape,
} from './inline-hooks.schema.ts';

const tags = ['InlineHook'];

export const inlineHookRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/inlineHooks',
    operationId: 'listInlineHooks',
    summary: 'List inline hooks',
    tags,
    access: 'okta.inlineHooks.read',
    query: z.object({ type: z.string().optional() }),
    responses: { 200: z.array(inlineHookShape) },
    handle: async ({ env, query }) =>
      json((await listInlineHooks(env, query.type || null)).map((hook) => showHook(env, hook))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/inlineHooks',
    operationId: 'createInlineHook',
    summary: 'Create an inline hook',
    tags,
    access: 'okta.inlineHooks.manage',
    body: inlineHookInput,
    responses: { 200: inlineHookShape },
    handle: async ({ env, body }) => json(showHook(env, await createInlineHook(env, inputOf(body)))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/inlineHooks/{inlineHookId}',
    operationId: 'getInlineHook',
    summary: 'Read an inline hook',
    tags,
    access: 'okta.inlineHooks.read',
    responses: { 200: inlineHookShape },
    handle: async ({ env, params }) => json(showHook(env, await getInlineHook(env, params.inlineHookId))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/inlineHooks/{inlineHookId}',
    operationId: 'updateInlineHook',
    summary: 'Change an inline hook in part',
    tags,
    access: 'okta.inlineHooks.manage',
    body: inlineHookChange,
    responses: { 200: inlineHookShape },
    handle: async ({ env, params, body }) =>
      json(showHook(env, await updateInlineHook(env, params.inlineHookId, changeOf(body)))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/inlineHooks/{inlineHookId}',
    operationId: 'replaceInlineHook',
    summary: 'Replace an inline hook',
    tags,
    access: 'okta.inlineHooks.manage',
    body: inlineHookInput,
    responses: { 200: inlineHookShape },
    handle: async ({ env, params, body }) =>
      json(showHook(env, await replaceInlineHook(env, params.inlineHookId, inputOf(body)))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/inlineHooks/{inlineHookId}',
    operationId: 'deleteInlineHook',
    summary: 'Delete an inline hook',
    tags,
    access: 'okta.inlineHooks.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteInlineHook(env, params.inlineHookId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/inlineHooks/{inlineHookId}/lifecycle/${change}`,
      operationId: `${change}InlineHook`,
      summary: change === 'activate' ? 'Activate an inline hook' : 'Deactivate an inline hook',
      tags,
      access: 'okta.inlineHooks.manage',
      responses: { 200: inlineHookShape },
      async handle({ env, params }) {
        const status = change === 'activate' ? 'ACTIVE' : 'INACTIVE';
        return json(showHook(env, await setInlineHookStatus(env, params.inlineHookId, status)));
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/api/v1/inlineHooks/{inlineHookId}/execute',
    operationId: 'executeInlineHook',
    summary: 'Call an inline hook with a payload of your own',
    tags,
    access: 'okta.inlineHooks.manage',
    body: hookPayload,
    responses: { 200: hookPayload },
    async handle({ env, params, body }) {
      const hook = await getInlineHook(env, params.inlineHookId);
      if (hook.status !== 'ACTIVE') throw invalid('inlineHook', 'inlineHook: The inline hook is not active');
      const answer = await callInlineHook(env, hook, body);
      if (answer.kind === 'failure') throw invalid('inlineHook', `inlineHook: ${answer.why}`);
      return json(answer.body ?? {});
    },
  }),
];

function inputOf({ name, type, version, channel }: z.output<typeof inlineHookInput>): InlineHookInput {
  const { uri, headers, authScheme } = channel.config;
  const config = {
    uri,
    headers: headers ?? [],
    method: 'POST' as const,
    authScheme: authScheme ? { type: 'HEADER' as const, key: authScheme.key } : null,
  };
  return {
    name,
    type,
    version,
    channel: { type: channel.type, version: channel.version, config },
    secret: authScheme?.value ?? null,
  };
}

function changeOf({ name, type, version, channel }: z.output<typeof inlineHookChange>): InlineHookChange {
  const { uri, headers, authScheme } = channel?.config ?? {};
  return {
    name,
    type,
    version,
    config: {
      uri,
      headers: headers === null ? [] : headers,
      authScheme: authScheme ? { type: 'HEADER', key: authScheme.key } : authScheme,
    },
    secret: authScheme?.value ?? null,
  };
}

function showHook(env: Env, hook: InlineHook): z.input<typeof inlineHookShape> {
  const self = `${env.request.origin}/api/v1/inlineHooks/${hook.id}`;
  const action = (path: string) => ({ href: `${self}${path}`, hints: { allow: ['POST'] } });
  return {
    id: hook.id,
    status: hook.status,
    name: hook.name,
    type: hook.type,
    version: hook.version,
    channel: hook.channel,
    created: toIso(hook.created),
    lastUpdated: toIso(hook.last_updated),
    _links:
      hook.status === 'ACTIVE'
        ? { self: { href: self }, execute: action('/execute'), deactivate: action('/lifecycle/deactivate') }
        : {
            activate: action('/lifecycle/activate'),
            self: { href: self },
            delete: { href: self, hints: { allow: ['DELETE'] } },
          },
  };
}
