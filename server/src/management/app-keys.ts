// Owns /api/v1/apps/{appId}/credentials/keys and /csrs: keys with certificates, and requests for certificates.
// Not here: what they are made of (core/application-keys.ts, core/application-csrs.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import {
  type ApplicationCsr,
  createApplicationCsr,
  getApplicationCsr,
  listApplicationCsrs,
  publishApplicationCsr,
  revokeApplicationCsr,
} from '../core/application-csrs.ts';
import {
  type ApplicationKey,
  certificateYears,
  cloneApplicationKey,
  generateApplicationKey,
  getApplicationKey,
  listApplicationKeys,
} from '../core/application-keys.ts';
import type { Env } from '../core/env.ts';
import { readBytes } from '../http/read-body.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const key = z.looseObject({
  kty: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  expiresAt: z.string(),
  kid: z.string(),
  use: z.string(),
  x5c: z.array(z.string()),
  'x5t#S256': z.string(),
  e: z.string(),
  n: z.string(),
});

const csr = z.object({
  id: z.string(),
  created: z.string(),
  csr: z.string(),
  kty: z.string(),
  _links: z.record(z.string(), z.unknown()),
});

const text = z.string().trim().max(64).nullish();
const csrBody = z.object({
  subject: z
    .object({
      countryName: z
        .string()
        .regex(/^[A-Za-z]{2}$/, 'The country has two letters')
        .nullish(),
      stateOrProvinceName: text,
      localityName: text,
      organizationName: text,
      organizationalUnitName: text,
      commonName: text,
    })
    .nullish(),
  subjectAltNames: z
    .object({
      dnsNames: z
        .array(z.string().regex(/^(\*\.)?[\w-]{1,63}(\.[\w-]{1,63}){0,20}$/, 'The value is not the name of a host'))
        .max(100)
        .nullish(),
    })
    .nullish(),
});

const years = z.coerce
  .number('validityYears: The field cannot be left blank')
  .int()
  .min(certificateYears.least)
  .max(certificateYears.most);
const CERTIFICATE_BYTES = 65_536;
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
      json((await listApplicationCsrs(env, params.appId)).map((row) => showCsr(env, row))),
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
      const subject = Object.fromEntries(Object.entries(body.subject ?? {}).filter(([, value]) => value));
      const row = await createApplicationCsr(env, params.appId, subject, body.subjectAltNames?.dnsNames ?? []);
      const headers = { location: selfOf(env, row) };
      return /\bapplication\/pkcs10\b/.test(request.headers.get('accept') ?? '')
        ? new Response(row.csr, { status: 201, headers: { ...headers, 'content-type': 'application/pkcs10' } })
        : json(showCsr(env, row), 201, headers);
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
    handle: async ({ env, params }) => json(showCsr(env, await getApplicationCsr(env, params.appId, params.csrId))),
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
      const certificate = derOf(await readBytes(request, CERTIFICATE_BYTES));
      return json(showKey(await publishApplicationCsr(env, params.appId, params.csrId, certificate)), 201);
    },
  }),
];

/** DER as it is, or in base64, with or without the lines of PEM around it. */
function derOf(bytes: Uint8Array): Uint8Array {
  const isDer = bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80;
  if (isDer) return bytes;
  const lines = Buffer.from(bytes).toString('latin1').trim();
  return Buffer.from(/-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(lines)?.[1] ?? lines, 'base64');
}

function showKey(row: ApplicationKey): z.input<typeof key> {
  const { kty, use, ...members } = row.jwk;
  const times = {
    created: toIso(row.created),
    lastUpdated: toIso(row.last_updated),
    expiresAt: toIso(row.expires_at),
  };
  return { kty, ...times, kid: row.kid, use, ...members } as z.input<typeof key>;
}

function selfOf(env: Env, { application_id, id }: ApplicationCsr): string {
  return `${env.request.origin}/api/v1/apps/${application_id}/credentials/csrs/${id}`;
}

function showCsr(env: Env, row: ApplicationCsr): z.input<typeof csr> {
  const self = selfOf(env, row);
  return {
    id: row.id,
    created: toIso(row.created),
    csr: row.csr,
    kty: 'RSA',
    _links: {
      self: { href: self, hints: { allow: ['GET', 'DELETE'] } },
      publish: { href: `${self}/lifecycle/publish`, hints: { allow: ['POST'] } },
    },
  };
}
