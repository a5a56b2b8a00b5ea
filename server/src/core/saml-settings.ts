// Owns `settings.signOn` of SAML applications: its fields, their defaults and what may not be said. Such an application is a record:
// nobody is signed in by SAML. Not here: `settings.app` (application-templates.ts) and certificates for signing.
import { readCertificate } from '../base/certificate.ts';
import { invalid } from './refusal.ts';
import {
  completeSettings,
  flag,
  isWebAddress,
  type JsonObject,
  needed,
  neededAddress,
  oneOf,
  optional,
  optionalAddress,
  type SettingField,
} from './setting-fields.ts';

const nameIdFormats = [
  'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:x509SubjectName',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
];
const ATTRIBUTE_FORMAT = 'urn:oasis:names:tc:SAML:2.0:attrname-format';
const attributeNamespaces = ['unspecified', 'uri', 'basic'].map((name) => `${ATTRIBUTE_FORMAT}:${name}`);
const PASSWORD_CONTEXT = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are those of SAML templates.
const USER_NAME = '${user.userName}';

/** Of an application that is described here, not by a foreign catalogue. */
const customFields: Readonly<Record<string, SettingField>> = {
  defaultRelayState: optional,
  ssoAcsUrl: neededAddress,
  idpIssuer: optional,
  audience: needed,
  recipient: optionalAddress,
  destination: optionalAddress,
  subjectNameIdTemplate: { ...optional, fallback: USER_NAME },
  subjectNameIdFormat: oneOf(nameIdFormats, 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'),
  responseSigned: flag(true),
  assertionSigned: flag(true),
  signatureAlgorithm: oneOf(['RSA_SHA256', 'RSA_SHA1'], 'RSA_SHA256'),
  digestAlgorithm: oneOf(['SHA256', 'SHA1'], 'SHA256'),
  honorForceAuthn: flag(true),
  authnContextClassRef: { ...optional, fallback: PASSWORD_CONTEXT },
  spIssuer: optional,
  requestCompressed: flag(false),
  allowMultipleAcsEndpoints: flag(false),
  samlSignedRequestEnabled: flag(false),
};

const overrides: Readonly<Record<string, SettingField>> = {
  ssoAcsUrlOverride: optionalAddress,
  audienceOverride: optional,
  recipientOverride: optionalAddress,
  destinationOverride: optionalAddress,
};

const lifetime: Readonly<Record<string, SettingField>> = {
  samlAssertionLifetimeSeconds: { kind: 'number', required: false, fallback: null },
};

/** Of an application that a foreign catalogue describes. Throws E0000001. */
export function completeCatalogueSaml(said: JsonObject): JsonObject {
  return completeSettings({ defaultRelayState: optional, ...overrides }, said, 'settings.signOn');
}

/** Of an application that is described here. `orgUrl`: where this server is. Throws E0000001. */
export function completeCustomSaml(said: JsonObject, orgUrl: string): JsonObject {
  const { recipient, destination, spIssuer, idpIssuer, ...simple } = completeSettings(
    customFields,
    said,
    'settings.signOn',
  );
  const overriding = completeSettings({ ...overrides, ...lifetime }, said, 'settings.signOn');
  const slo = sloOf(said.slo);
  const spCertificate = certificateOf(said.spCertificate);
  return {
    ...simple,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are those of SAML templates.
    idpIssuer: idpIssuer ?? `${orgUrl}/${'${org.externalKey}'}`,
    recipient: recipient ?? simple.ssoAcsUrl,
    destination: destination ?? simple.ssoAcsUrl,
    spIssuer: spIssuer ?? slo.issuer ?? null,
    attributeStatements: listOf(said.attributeStatements, 'attributeStatements').map(attributeStatementOf),
    inlineHooks: listOf(said.inlineHooks, 'inlineHooks'),
    ...(spCertificate === null ? {} : { spCertificate }),
    assertionEncryption: { enabled: false, ...objectOf(said.assertionEncryption, 'assertionEncryption') },
    acsEndpoints: listOf(said.acsEndpoints, 'acsEndpoints').map(endpointOf),
    slo,
    ...Object.fromEntries(Object.entries(overriding).filter(([, value]) => value !== null && value !== '')),
  };
}

function sloOf(value: unknown): JsonObject {
  const said = objectOf(value, 'slo');
  if (said.enabled !== true) return { enabled: false };
  const path = 'settings.signOn.slo';
  return { enabled: true, ...completeSettings({ issuer: needed, logoutUrl: neededAddress }, said, path) };
}

function certificateOf(value: unknown): JsonObject | null {
  if (value === undefined || value === null) return null;
  const chain = objectOf(value, 'spCertificate').x5c;
  const texts = Array.isArray(chain) ? chain : [];
  const valid = texts.length > 0 && texts.every((text) => typeof text === 'string' && readCertificate(text) !== null);
  if (!valid) throw wrong('spCertificate', 'The value must have x5c with X.509 certificates, DER in base64');
  return { x5c: texts };
}

function attributeStatementOf(said: JsonObject): JsonObject {
  const name = 'settings.signOn.attributeStatements';
  const namespace = oneOf(attributeNamespaces, `${ATTRIBUTE_FORMAT}:unspecified`);
  if (said.type === 'GROUP') {
    const filterType = oneOf(['STARTS_WITH', 'EQUALS', 'CONTAINS', 'REGEX'], 'STARTS_WITH');
    return {
      type: 'GROUP',
      ...completeSettings({ name: needed, namespace, filterType, filterValue: needed }, said, name),
    };
  }
  const values = said.values ?? [];
  if ((said.type ?? 'EXPRESSION') !== 'EXPRESSION')
    throw wrong('attributeStatements', 'The type must be one of EXPRESSION, GROUP');
  if (!Array.isArray(values) || values.some((one) => typeof one !== 'string'))
    throw wrong('attributeStatements', 'The values must be a list of texts');
  return { type: 'EXPRESSION', ...completeSettings({ name: needed, namespace }, said, name), values };
}

function endpointOf({ url, index }: JsonObject, position: number): JsonObject {
  if (typeof url !== 'string' || !isWebAddress(url))
    throw wrong('acsEndpoints', 'Each must have a url that begins with http or https');
  return { url, index: Number.isSafeInteger(index) ? index : position };
}

function listOf(value: unknown, name: string): JsonObject[] {
  const list = value ?? [];
  if (!Array.isArray(list) || list.length > 100) throw wrong(name, 'The value must be a list of at most 100 objects');
  return list.map((one) => objectOf(one, name));
}

function objectOf(value: unknown, name: string): JsonObject {
  const object = value ?? {};
  if (typeof object !== 'object' || Array.isArray(object)) throw wrong(name, 'The value must be an object');
  return object as JsonObject;
}

function wrong(name: string, what: string) {
  return invalid(`settings.signOn.${name}`, `settings.signOn.${name}: ${what}`);
}
