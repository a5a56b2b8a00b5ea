// Owns making X.509 certificates (RFC 5280) and requests for them (PKCS #10, RFC 2986), signed with RSA and SHA-256. Not here: reading
// certificates (certificate.ts), and where keys are kept.
import {
  bitString,
  type Der,
  explicit,
  implicit,
  integer,
  NULL,
  objectIdentifier,
  octetString,
  printableString,
  sequence,
  setOf,
  TRUE,
  time,
  utf8String,
} from './der.ts';
import { importPrivateKey, importPublicKey, type Jwk, signBytes } from './key-pair.ts';

const attributes = {
  countryName: '2.5.4.6',
  stateOrProvinceName: '2.5.4.8',
  localityName: '2.5.4.7',
  organizationName: '2.5.4.10',
  organizationalUnitName: '2.5.4.11',
  commonName: '2.5.4.3',
} as const;

/** Who a certificate is about, in this order. */
export type Subject = { [Name in keyof typeof attributes]?: string | undefined };

const RSA_SHA256 = sequence(objectIdentifier('1.2.840.113549.1.1.11'), NULL);
const BASIC_CONSTRAINTS = objectIdentifier('2.5.29.19');
const SUBJECT_ALT_NAME = objectIdentifier('2.5.29.17');
const EXTENSION_REQUEST = objectIdentifier('1.2.840.113549.1.9.14');
const VERSION_1 = integer(Buffer.from([0]));
const VERSION_3 = integer(Buffer.from([2]));

type CertificateParts = {
  publicJwk: Jwk;
  subject: Subject;
  issuer: Subject;
  issuerPrivateJwk: Jwk;
  /** Chance that no other certificate of the issuer has: 16 bytes. */
  serial: Uint8Array;
  notBefore: number;
  notAfter: number;
};

/** A certificate that is no authority's. */
export function makeCertificate(parts: CertificateParts): Promise<Der> {
  const contents = sequence(
    explicit(0, VERSION_3),
    integer(parts.serial),
    RSA_SHA256,
    nameOf(parts.issuer),
    sequence(time(parts.notBefore), time(parts.notAfter)),
    nameOf(parts.subject),
    publicKeyInfo(parts.publicJwk),
    explicit(3, sequence(sequence(BASIC_CONSTRAINTS, TRUE, octetString(sequence())))),
  );
  return signed(contents, parts.issuerPrivateJwk);
}

/** A request for a certificate about this key's owner. `dnsNames`: ASCII. */
export function makeCertificateRequest(
  keys: { publicJwk: Jwk; privateJwk: Jwk },
  subject: Subject,
  dnsNames: readonly string[],
): Promise<Der> {
  const names = sequence(...dnsNames.map((name) => implicit(2, Buffer.from(name, 'latin1'))));
  const extensions = sequence(sequence(SUBJECT_ALT_NAME, octetString(names)));
  const wanted = dnsNames.length > 0 ? [sequence(EXTENSION_REQUEST, setOf(extensions))] : [];
  const contents = sequence(VERSION_1, nameOf(subject), publicKeyInfo(keys.publicJwk), explicit(0, ...wanted));
  return signed(contents, keys.privateJwk);
}

async function signed(contents: Der, privateJwk: Jwk): Promise<Der> {
  return sequence(contents, RSA_SHA256, bitString(await signBytes('RS256', importPrivateKey(privateJwk), contents)));
}

function publicKeyInfo(jwk: Jwk): Buffer {
  return importPublicKey(jwk).export({ type: 'spki', format: 'der' });
}

function nameOf(subject: Subject): Der {
  const parts = Object.entries(attributes).flatMap(([name, id]) => {
    const value = subject[name as keyof Subject];
    if (!value) return [];
    const text = name === 'countryName' ? printableString(value) : utf8String(value);
    return [setOf(sequence(objectIdentifier(id), text))];
  });
  return sequence(...parts);
}
