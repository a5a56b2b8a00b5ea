// Owns /api/v1/idps/{idpId}/credentials: the keys by which this server is known to an identity provider, and requests for certificates
// of such keys. Not here: the certificates of the providers (idp-users.ts).
import { z } from 'zod';
import type { Env } from '../core/env.ts';
import {
  createProviderCsr,
  getProviderCsr,
  listProviderCsrs,
  type ProviderCsr,
  publishProviderCsr,
  revokeProviderCsr,
} from '../core/identity-provider-csrs.ts';
import {
  activeProviderSigningKey,
  cloneProviderSigningKey,
  generateProviderSigningKey,
  getProviderSigningKey,
  listProviderSigningKeys,
} from '../core/identity-provider-signing-keys.ts';
import { getIdentityProvider } from '../core/identity-providers.ts';
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

const tags = ['IdentityProvider'];

export const idpSigningKeyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/idps/{idpId}/credentials/keys',
    operationId: 'listIdentityProviderSigningKeys',
    summary: 'List the keys by which this server is known to an identity provider',
    tags,
    access: 'okta.idps.read',
    responses: { 200: z.array(key) },
    handle: async ({ env, params }) => json((await listProviderSigningKeys(env, params.idpId)).map(showKey)),
  }),
  route({
    method: 'GET',
    path: '/api/v1/idps/{idpId}/credentials/keys/active',
    operationId: 'listActiveIdentityProviderSigningKey',
    summary: 'The key that signs for an identity provider now',
    tags,
    access: 'okta.idps.read',
    responses: { 200: z.array(key) },
    async handle({ env, params }) {
      const active = await activeProviderSigningKey(env, await getIdentityProvider(env, params.idpId));
      return json(active ? [showKey(active)] : []);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/idps/{idpId}/credentials/keys/generate',
    operationId: 'generateIdentityProviderSigningKey',
    summary: 'Make a key with a certificate that it signs itself',
    tags,
    access: 'okta.idps.manage',
    query: z.object({ validityYears: years }),
    responses: { 200: key },
    handle: async ({ env, params, query }) =>
      json(showKey(await generateProviderSigningKey(env, params.idpId, query.validityYears))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/idps/{idpId}/credentials/keys/{kid}',
    operationId: 'getIdentityProviderSigningKey',
    summary: 'Read a key by which this server is known to an identity provider',
    tags,
    access: 'okta.idps.read',
    responses: { 200: key },
    handle: async ({ env, params }) => json(showKey(await getProviderSigningKey(env, params.idpId, params.kid))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/idps/{idpId}/credentials/keys/{kid}/clone',
    operationId: 'cloneIdentityProviderKey',
    summary: 'Be known by the same key to another identity provider',
    tags,
    access: 'okta.idps.manage',
    query: z.object({ targetIdpId: z.string().min(1) }),
    responses: { 201: key },
    handle: async ({ env, params, query }) =>
      json(showKey(await cloneProviderSigningKey(env, params.idpId, params.kid, query.targetIdpId)), 201),
  }),
  route({
    method: 'GET',
    path: '/api/v1/idps/{idpId}/credentials/csrs',
    operationId: 'listCsrsForIdentityProvider',
    summary: 'List the requests for certificates that wait for one',
    tags,
    access: 'okta.idps.read',
    responses: { 200: z.array(csr) },
    handle: async ({ env, params }) =>
      json((await listProviderCsrs(env, params.idpId)).map((row) => showCsr(row, selfOf(env, row)))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/idps/{idpId}/credentials/csrs',
    operationId: 'generateCsrForIdentityProvider',
    summary: 'Make a key pair and a request for a certificate about it',
    tags,
    access: 'okta.idps.manage',
    body: csrBody,
    responses: { 201: csr },
    async handle({ env, params, body, request }) {
      const row = await createProviderCsr(env, params.idpId, ...wantedBy(body));
      return answerCsr(request, row, selfOf(env, row));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/idps/{idpId}/credentials/csrs/{idpCsrId}',
    operationId: 'getCsrForIdentityProvider',
    summary: 'Read a request for a certificate',
    tags,
    access: 'okta.idps.read',
    responses: { 200: csr },
    async handle({ env, params }) {
      const row = await getProviderCsr(env, params.idpId, params.idpCsrId);
      return json(showCsr(row, selfOf(env, row)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/idps/{idpId}/credentials/csrs/{idpCsrId}',
    operationId: 'revokeCsrForIdentityProvider',
    summary: 'Revoke a request for a certificate, and drop its key pair',
    tags,
    access: 'okta.idps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await revokeProviderCsr(env, params.idpId, params.idpCsrId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/idps/{idpId}/credentials/csrs/{idpCsrId}/lifecycle/publish',
    operationId: 'publishCsrForIdentityProvider',
    summary: 'Make a key of the request, with the certificate that an authority gave for it (PEM or DER)',
    tags,
    access: 'okta.idps.manage',
    responses: { 201: key },
    async handle({ env, params, request }) {
      const certificate = await readCertificateBody(request);
      return json(showKey(await publishProviderCsr(env, params.idpId, params.idpCsrId, certificate)), 201);
    },
  }),
];

function selfOf(env: Env, { identity_provider_id, id }: ProviderCsr): string {
  return `${env.request.origin}/api/v1/idps/${identity_provider_id}/credentials/csrs/${id}`;
}
