// Owns /api/v1/apps/{appId}/credentials/keys and /csrs: keys with certificates, and requests for certificates.
// Not here: what they are made of (core/application-keys.ts, core/application-csrs.ts).
import { z } from 'zod';
import {
  type ApplicationCsr,
  createApplicationCsr,
  getApplicationCsr,
  listApplicationCsrs,
  publishApplicationCsr,
  revokeApplicationCsr,
} from '../core/application-csrs.ts';
import {
  cloneApplicationKey,
  generateApplicationKey,
  getApplicationKey,
  listApplicationKeys,
} from '../core/application-keys.ts';
import type { Env } from '../core/env.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import {
  answerCsr,
  csr,
  csrBody,
  key,
  readCertificateBody,
  showCsr,
  showKey,
  wantedBy,
  years,
} from './certified-keys.ts';

const tags = ['ApplicationSSOCredentialKey'];

export const appKeyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/credentials/keys',
    operationId: 'listApplicationKeys',
    summary: 'List the keys of an application that have certificates',
    tags,
    access: 'okta.apps.read',
    responses: { 200: z.array(key) },
    handle: async ({ env, params }) => json((await listApplicationKeys(env, params.appId)).map(showKey)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/credentials/keys/generate',
    operationId: 'generateApplicationKey',
    summary: 'Make a key with a certificate that it signs itself',
    tags,
    access: 'okta.apps.manage',
    query: z.object({ validityYears: years }),
    responses: { 201: key },
    handle: async ({ env, params, query }) =>
      json(showKey(await generateApplicationKey(env, params.appId, query.validityYears)), 201),
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/credentials/keys/{keyId}',
    operationId: 'getApplicationKey',
    summary: 'Read a key of an application',
    tags,
    access: 'okta.apps.read',
    responses: { 200: key },
    handle: async ({ env, params }) => json(showKey(await getApplicationKey(env, params.appId, params.keyId))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/credentials/keys/{keyId}/clone',
    operationId: 'cloneApplicationKey',
    summary: 'Give another application the same key',
    tags,
    access: 'okta.apps.manage',
    query: z.object({ targetAid: z.string().min(1) }),
    responses: { 201: key },
    handle: async ({ env, params, query }) =>
      json(showKey(await cloneApplicationKey(env, params.appId, params.keyId, query.targetAid)), 201),
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/credentials/csrs',
    operationId: 'listCsrsForApplication',
    summary: 'List the requests for certificates that wait for one',
    tags,
    access: 'okta.apps.read',
    responses: { 200: z.array(csr) },
    handle: async ({ env, params }) =>
      json((await listApplicationCsrs(env, params.appId)).map((row) => showCsr(row, selfOf(env, row)))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/credentials/csrs',
    operationId: 'generateCsrForApplication',
    summary: 'Make a key pair and a request for a certificate about it',
    tags,
    access: 'okta.apps.manage',
    body: csrBody,
    responses: { 201: csr },
    async handle({ env, params, body, request }) {
      const row = await createApplicationCsr(env, params.appId, ...wantedBy(body));
      return answerCsr(request, row, selfOf(env, row));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/credentials/csrs/{csrId}',
    operationId: 'getCsrForApplication',
    summary: 'Read a request for a certificate',
    tags,
    access: 'okta.apps.read',
    responses: { 200: csr },
    async handle({ env, params }) {
      const row = await getApplicationCsr(env, params.appId, params.csrId);
      return json(showCsr(row, selfOf(env, row)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/apps/{appId}/credentials/csrs/{csrId}',
    operationId: 'revokeCsrFromApplication',
    summary: 'Revoke a request for a certificate, and drop its key pair',
    tags,
    access: 'okta.apps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await revokeApplicationCsr(env, params.appId, params.csrId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/credentials/csrs/{csrId}/lifecycle/publish',
    operationId: 'publishCsrFromApplication',
    summary: 'Make a key of the request, with the certificate that an authority gave for it (PEM or DER)',
    tags,
    access: 'okta.apps.manage',
    responses: { 201: key },
    async handle({ env, params, request }) {
      const certificate = await readCertificateBody(request);
      return json(showKey(await publishApplicationCsr(env, params.appId, params.csrId, certificate)), 201);
    },
  }),
];

function selfOf(env: Env, { application_id, id }: ApplicationCsr): string {
  return `${env.request.origin}/api/v1/apps/${application_id}/credentials/csrs/${id}`;
}
