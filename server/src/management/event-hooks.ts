// Owns /api/v1/eventHooks: services of others that are told what happened. Not here: the telling (core/deliver-events.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import {
  createEventHook,
  deleteEventHook,
  type EventHook,
  type EventHookInput,
  getEventHook,
  listEventHooks,
  replaceEventHook,
  setEventHookStatus,
  verifyEventHook,
} from '../core/event-hooks.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { link } from './authorization-servers.ts';
import { eventHookInput, eventHook as eventHookShape } from './event-hooks.schema.ts';

const tags = ['EventHook'];

export const eventHookRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/eventHooks',
    operationId: 'listEventHooks',
    summary: 'List event hooks',
    tags,
    access: 'okta.eventHooks.read',
    responses: { 200: z.array(eventHookShape) },
    handle: async ({ env }) => json((await listEventHooks(env)).map((hook) => showHook(env, hook))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/eventHooks',
    operationId: 'createEventHook',
    summary: 'Create an event hook',
    tags,
    access: 'okta.eventHooks.manage',
    body: eventHookInput,
    responses: { 200: eventHookShape },
    handle: async ({ env, body }) => json(showHook(env, await createEventHook(env, inputOf(body)))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/eventHooks/{eventHookId}',
    operationId: 'getEventHook',
    summary: 'Read an event hook',
    tags,
    access: 'okta.eventHooks.read',
    responses: { 200: eventHookShape },
    handle: async ({ env, params }) => json(showHook(env, await getEventHook(env, params.eventHookId))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/eventHooks/{eventHookId}',
    operationId: 'replaceEventHook',
    summary: 'Replace an event hook',
    tags,
    access: 'okta.eventHooks.manage',
    body: eventHookInput,
    responses: { 200: eventHookShape },
    handle: async ({ env, params, body }) =>
      json(showHook(env, await replaceEventHook(env, params.eventHookId, inputOf(body)))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/eventHooks/{eventHookId}',
    operationId: 'deleteEventHook',
    summary: 'Delete an event hook',
    tags,
    access: 'okta.eventHooks.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteEventHook(env, params.eventHookId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/eventHooks/{eventHookId}/lifecycle/${change}`,
      operationId: `${change}EventHook`,
      summary: change === 'activate' ? 'Activate an event hook' : 'Deactivate an event hook',
      tags,
      access: 'okta.eventHooks.manage',
      responses: { 200: eventHookShape },
      async handle({ env, params }) {
        const status = change === 'activate' ? 'ACTIVE' : 'INACTIVE';
        return json(showHook(env, await setEventHookStatus(env, params.eventHookId, status)));
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/api/v1/eventHooks/{eventHookId}/lifecycle/verify',
    operationId: 'verifyEventHook',
    summary: 'Ask the service of an event hook whether it means to be told',
    tags,
    access: 'okta.eventHooks.manage',
    responses: { 200: eventHookShape },
    handle: async ({ env, params }) => json(showHook(env, await verifyEventHook(env, params.eventHookId))),
  }),
];

function inputOf({ name, description, status, events, channel }: z.output<typeof eventHookInput>): EventHookInput {
  const { uri, headers, authScheme } = channel.config;
  const config = {
    uri,
    headers: headers ?? [],
    method: 'POST' as const,
    authScheme: authScheme ? { type: 'HEADER' as const, key: authScheme.key } : null,
  };
  return {
    name,
    description: description ?? null,
    events: events.items,
    channel: { type: channel.type, version: channel.version, config },
    secret: authScheme?.value ?? null,
    status: status ?? undefined,
  };
}

function showHook(env: Env, hook: EventHook): z.input<typeof eventHookShape> {
  const self = `${env.request.origin}/api/v1/eventHooks/${hook.id}`;
  const action = (change: string) => link(`${self}/lifecycle/${change}`, 'POST');
  return {
    id: hook.id,
    status: hook.status,
    verificationStatus: hook.verification_status,
    name: hook.name,
    description: hook.description,
    created: toIso(hook.created),
    createdBy: hook.created_by,
    lastUpdated: toIso(hook.last_updated),
    events: { type: 'EVENT_TYPE', items: hook.events, filter: null },
    channel: hook.channel,
    _links:
      hook.status === 'ACTIVE'
        ? { self: { href: self }, verify: action('verify'), deactivate: action('deactivate') }
        : { activate: action('activate'), self: { href: self }, delete: link(self, 'DELETE') },
  };
}
