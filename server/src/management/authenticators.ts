// Owns /api/v1/authenticators: by what people prove who they are, and the methods of each. Not here: who enrolled which.
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { type AuthenticatorKind, authenticatorKinds } from '../core/authenticator-kinds.ts';
import {
  type Authenticator,
  type AuthenticatorMethod,
  changeMethod,
  getAuthenticator,
  listAuthenticators,
  methodOf,
  methodsOf,
  replaceAuthenticator,
  setAuthenticatorStatus,
} from '../core/authenticators.ts';
import type { Env } from '../core/env.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { authenticator, authenticatorMethod, givenAuthenticator, givenMethod } from './authenticators.schema.ts';
import { lifecycleLink, link } from './authorization-servers.ts';

const tags = ['Authenticator'];
const lifecycle = [
  ['activate', 'ACTIVE'],
  ['deactivate', 'INACTIVE'],
] as const;

export const authenticatorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/authenticators',
    operationId: 'listAuthenticators',
    summary: 'List authenticators',
    tags,
    access: 'okta.authenticators.read',
    responses: { 200: z.array(authenticator) },
    handle: async ({ env }) => json((await listAuthenticators(env)).map((one) => show(env, one))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/authenticators/{authenticatorId}',
    operationId: 'getAuthenticator',
    summary: 'Read an authenticator',
    tags,
    access: 'okta.authenticators.read',
    responses: { 200: authenticator },
    handle: async ({ env, params }) => json(show(env, await getAuthenticator(env, params.authenticatorId))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/authenticators/{authenticatorId}',
    operationId: 'replaceAuthenticator',
    summary: 'Replace the settings of an authenticator',
    tags,
    access: 'okta.authenticators.manage',
    body: givenAuthenticator,
    responses: { 200: authenticator },
    async handle({ env, params, body }) {
      const input = { key: body.key ?? undefined, settings: body.settings ?? null };
      return json(show(env, await replaceAuthenticator(env, params.authenticatorId, input)));
    },
  }),
  ...lifecycle.map(([change, status]) =>
    route({
      method: 'POST',
      path: `/api/v1/authenticators/{authenticatorId}/lifecycle/${change}`,
      operationId: `${change}Authenticator`,
      summary: change === 'activate' ? 'Activate an authenticator' : 'Deactivate an authenticator',
      tags,
      access: 'okta.authenticators.manage',
      responses: { 200: authenticator },
      handle: async ({ env, params }) =>
        json(show(env, await setAuthenticatorStatus(env, params.authenticatorId, status))),
    }),
  ),
  route({
    method: 'GET',
    path: '/api/v1/authenticators/{authenticatorId}/methods',
    operationId: 'listAuthenticatorMethods',
    summary: 'List the methods of an authenticator',
    tags,
    access: 'okta.authenticators.read',
    responses: { 200: z.array(authenticatorMethod) },
    async handle({ env, params }) {
      const found = await getAuthenticator(env, params.authenticatorId);
      return json(methodsOf(found).map((method) => showMethod(env, found, method)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/authenticators/{authenticatorId}/methods/{methodType}',
    operationId: 'getAuthenticatorMethod',
    summary: 'Read a method of an authenticator',
    tags,
    access: 'okta.authenticators.read',
    responses: { 200: authenticatorMethod },
    async handle({ env, params }) {
      const found = await getAuthenticator(env, params.authenticatorId);
      return json(showMethod(env, found, methodOf(found, params.methodType)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/authenticators/{authenticatorId}/methods/{methodType}',
    operationId: 'replaceAuthenticatorMethod',
    summary: 'Replace the settings of a method',
    tags,
    access: 'okta.authenticators.manage',
    body: givenMethod,
    responses: { 200: authenticatorMethod },
    async handle({ env, params, body }) {
      const { authenticatorId, methodType } = params;
      const changed = await changeMethod(env, authenticatorId, methodType, { settings: body.settings ?? null });
      return json(showMethod(env, changed, methodOf(changed, methodType)));
    },
  }),
  ...lifecycle.map(([change, status]) =>
    route({
      method: 'POST',
      path: `/api/v1/authenticators/{authenticatorId}/methods/{methodType}/lifecycle/${change}`,
      operationId: `${change}AuthenticatorMethod`,
      summary: change === 'activate' ? 'Activate a method' : 'Deactivate a method',
      tags,
      access: 'okta.authenticators.manage',
      responses: { 200: authenticatorMethod },
      async handle({ env, params }) {
        const { authenticatorId, methodType } = params as { authenticatorId: string; methodType: string };
        const changed = await changeMethod(env, authenticatorId, methodType, { status });
        return json(showMethod(env, changed, methodOf(changed, methodType)));
      },
    }),
  ),
];

function urlOf(env: Env, { id }: Authenticator): string {
  return `${env.request.origin}/api/v1/authenticators/${id}`;
}

function show(env: Env, one: Authenticator) {
  const { type, name, optional }: AuthenticatorKind = authenticatorKinds[one.key];
  const url = urlOf(env, one);
  return {
    type,
    id: one.id,
    key: one.key,
    status: one.status,
    name,
    created: toIso(one.created),
    lastUpdated: toIso(one.last_updated),
    ...(one.settings === null ? {} : { settings: one.settings }),
    _links: {
      self: link(url, 'GET', 'PUT'),
      ...(optional ? lifecycleLink(url, one.status) : {}),
      methods: link(`${url}/methods`, 'GET'),
    },
  };
}

function showMethod(env: Env, one: Authenticator, { type, status, settings }: AuthenticatorMethod) {
  const url = `${urlOf(env, one)}/methods/${type}`;
  return { type, status, ...(settings === null ? {} : { settings }), _links: { self: link(url, 'GET', 'PUT') } };
}
