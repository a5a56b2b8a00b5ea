// Owns which applications there are beside OAuth clients: every sign-on mode with its templates, the fields of `settings.app` of
// each, and whether names and passwords are kept for its people. Not here: SAML's settings (saml-settings.ts), rows (applications.ts).
import {
  completeSettings,
  flag,
  type JsonObject,
  needed,
  neededAddress,
  oneOf,
  optional,
  optionalAddress,
  type SettingField,
} from './setting-fields.ts';

export const otherSignOnModes = [
  'BOOKMARK',
  'AUTO_LOGIN',
  'BASIC_AUTH',
  'BROWSER_PLUGIN',
  'SECURE_PASSWORD_STORE',
  'SAML_2_0',
  'SAML_1_1',
  'WS_FEDERATION',
] as const;
export type OtherSignOnMode = (typeof otherSignOnModes)[number];

type Template = {
  name: string;
  signOnMode: OtherSignOnMode;
  /** The last part of the address under which the home page links to it. */
  link: string;
  app: Readonly<Record<string, SettingField>>;
};

const optionalPair = (number: number) => ({
  [`optionalField${number}`]: optional,
  [`optionalField${number}Value`]: optional,
});

/** In each mode, the first is meant when no name is given. */
const templates: readonly Template[] = [
  {
    name: 'bookmark',
    signOnMode: 'BOOKMARK',
    link: '2557',
    app: { requestIntegration: flag(false), url: neededAddress },
  },
  {
    name: 'template_basic_auth',
    signOnMode: 'BASIC_AUTH',
    link: '2438',
    app: { url: neededAddress, authURL: neededAddress },
  },
  {
    name: 'template_swa',
    signOnMode: 'BROWSER_PLUGIN',
    link: '2357',
    app: {
      loginUrlRegex: optional,
      usernameField: needed,
      redirectUrl: optionalAddress,
      buttonField: needed,
      checkbox: optional,
      passwordField: needed,
      url: neededAddress,
    },
  },
  {
    name: 'template_swa3field',
    signOnMode: 'BROWSER_PLUGIN',
    link: '2358',
    app: {
      userNameSelector: needed,
      passwordSelector: needed,
      buttonSelector: needed,
      targetURL: neededAddress,
      extraFieldSelector: needed,
      extraFieldValue: needed,
      loginUrlRegex: optional,
    },
  },
  {
    name: 'template_sps',
    signOnMode: 'SECURE_PASSWORD_STORE',
    link: '2359',
    app: {
      url: neededAddress,
      usernameField: needed,
      passwordField: needed,
      ...optionalPair(1),
      ...optionalPair(2),
      ...optionalPair(3),
    },
  },
  {
    name: 'template_wsfed',
    signOnMode: 'WS_FEDERATION',
    link: '2360',
    app: {
      audienceRestriction: needed,
      authnContextClassRef: needed,
      attributeStatements: optional,
      groupFilter: optional,
      groupName: optional,
      groupValueFormat: oneOf(['windowsDomainQualifiedName', 'samAccountName', 'dn'], 'windowsDomainQualifiedName'),
      nameIDFormat: needed,
      realm: optional,
      siteURL: neededAddress,
      usernameAttribute: oneOf(['username', 'upn', 'upnAndUsername', 'none'], 'username'),
      wReplyOverride: flag(false),
      wReplyURL: neededAddress,
    },
  },
];

/** Modes in which an application may be made without a template: it gets a name of its own. */
const customModes: readonly OtherSignOnMode[] = ['AUTO_LOGIN', 'SAML_2_0'];

/** Modes in which the application asks for a name and a password. */
const passwordModes: readonly OtherSignOnMode[] = [
  'AUTO_LOGIN',
  'BASIC_AUTH',
  'BROWSER_PLUGIN',
  'SECURE_PASSWORD_STORE',
];

export function keepsPasswords(mode: OtherSignOnMode): boolean {
  return passwordModes.includes(mode);
}

/** The template's name when none was said; null: the application gets a name of its own, or must be given one. */
export function defaultName(mode: OtherSignOnMode): string | null {
  return templates.find(({ signOnMode }) => signOnMode === mode)?.name ?? null;
}

export function mayBeCustom(mode: OtherSignOnMode): boolean {
  return customModes.includes(mode);
}

/** Null when an application of this mode may have this name. Names that are no template's are those of a foreign catalogue. */
export function objectionToName(mode: OtherSignOnMode, name: string): string | null {
  const template = templates.find((one) => one.name === name);
  if (name === 'oidc_client' || (template && template.signOnMode !== mode))
    return `'${name}' is not a template of the sign-on mode ${mode}`;
  if (!template && mode === 'BOOKMARK') return "An application of the sign-on mode BOOKMARK has the name 'bookmark'";
  return /^[\w.-]{1,100}$/.test(name)
    ? null
    : 'The name must have 1 to 100 letters, digits, underscores, dots and hyphens';
}

/** `settings.app`: of a template, its fields; of another application, as it was said, since its fields are not known here. */
export function completeAppSettings(name: string, said: JsonObject): JsonObject {
  const template = templates.find((one) => one.name === name);
  return template ? completeSettings(template.app, said, 'settings.app') : said;
}

export function linkOf(name: string, id: string): string {
  return templates.find((one) => one.name === name)?.link ?? `aln${id.slice(3)}`;
}

/** The name of the link to it: of a template, `login`; of an application with a name of its own, that name. */
export function appLinkOf(name: string): string {
  return templates.some((one) => one.name === name) ? 'login' : `${name}_link`;
}
