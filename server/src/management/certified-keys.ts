// Owns how keys with certificates and requests for certificates look on the management API, whoever has them, and what is sent to make
// them. Not here: the routes (app-keys.ts, idp-keys.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Subject } from '../base/x509.ts';
import { certificateYears } from '../core/certified-keys.ts';
import { readBytes } from '../http/read-body.ts';
import { json } from '../http/reply.ts';

export const key = z.looseObject({
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

export const csr = z.object({
  id: z.string(),
  created: z.string(),
  csr: z.string(),
  kty: z.string(),
  _links: z.record(z.string(), z.unknown()),
});

const text = z.string().trim().max(64).nullish();
export const csrBody = z.object({
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

export const years = z.coerce
  .number('validityYears: The field cannot be left blank')
  .int()
  .min(certificateYears.least)
  .max(certificateYears.most);
const CERTIFICATE_BYTES = 65_536;
/** Whom the certificate is to be about. */
export function wantedBy({ subject, subjectAltNames }: z.output<typeof csrBody>): [Subject, string[]] {
  const named = Object.fromEntries(Object.entries(subject ?? {}).filter(([, value]) => value));
  return [named, subjectAltNames?.dnsNames ?? []];
}

type Csr = { id: string; created: number; csr: string };

/** The request as it is asked for: described, or alone. `self`: its own address. */
export function answerCsr(request: Request, row: Csr, self: string): Response {
  const headers = { location: self };
  return /\bapplication\/pkcs10\b/.test(request.headers.get('accept') ?? '')
    ? new Response(row.csr, { status: 201, headers: { ...headers, 'content-type': 'application/pkcs10' } })
    : json(showCsr(row, self), 201, headers);
}

export async function readCertificateBody(request: Request): Promise<Uint8Array> {
  return derOf(await readBytes(request, CERTIFICATE_BYTES));
}

/** DER as it is, or in base64, with or without the lines of PEM around it. */
function derOf(bytes: Uint8Array): Uint8Array {
  const isDer = bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80;
  if (isDer) return bytes;
  const lines = Buffer.from(bytes).toString('latin1').trim();
  return Buffer.from(/-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(lines)?.[1] ?? lines, 'base64');
}

type Key = { kid: string; jwk: Record<string, unknown>; created: number; last_updated: number; expires_at: number };

export function showKey(row: Key): z.input<typeof key> {
  const { kty, use, ...members } = row.jwk;
  const times = {
    created: toIso(row.created),
    lastUpdated: toIso(row.last_updated),
    expiresAt: toIso(row.expires_at),
  };
  return { kty, ...times, kid: row.kid, use, ...members } as z.input<typeof key>;
}

export function showCsr(row: Csr, self: string): z.input<typeof csr> {
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
