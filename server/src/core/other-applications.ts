// Owns what is particular to an application that is no OAuth client: the name of one that has no template, how people's names and
// passwords for it are kept, and `settings.signOn`. Not here: templates (application-templates.ts) and the row (change-applications.ts).
import {
  defaultName,
  keepsPasswords,
  mayBeCustom,
  type OtherSignOnMode,
  objectionToName,
} from './application-templates.ts';
import type { AnyApplication } from './applications.ts';
import type { ApplicationInput } from './change-applications.ts';
import type { Env } from './env.ts';
import { getOrg } from './org.ts';
import { invalid } from './refusal.ts';
import { completeCatalogueSaml, completeCustomSaml } from './saml-settings.ts';
import { completeSettings, type JsonObject, neededAddress, optionalAddress } from './setting-fields.ts';

/** Who says under which name and password a person is known to the application. */
export const credentialSchemes = [
  'EDIT_USERNAME_AND_PASSWORD',
  'EDIT_PASSWORD_ONLY',
  'ADMIN_SETS_CREDENTIALS',
  'EXTERNAL_PASSWORD_SYNC',
  'SHARED_USERNAME_AND_PASSWORD',
] as const;

export type PasswordCredentials = {
  scheme?: (typeof credentialSchemes)[number] | undefined;
  userName?: string | undefined;
  revealPassword?: boolean | undefined;
};

/** The name as given, or one of the application's own, made of the org, the label and a number. Throws E0000001. */
export async function nameOtherApplication(
  env: Env,
  mode: OtherSignOnMode,
  given: string | null,
  label: string,
): Promise<string> {
  const name = given ?? defaultName(mode);
  if (name === null && mayBeCustom(mode)) return ownName(env, label);
  if (name === null) throw invalid('name', 'name: The field cannot be left blank');
  const objection = objectionToName(mode, name);
  if (objection) throw invalid('name', `name: ${objection}`);
  return name;
}

async function ownName(env: Env, label: string): Promise<string> {
  const { subdomain } = await getOrg(env);
  const stem = `${subdomain}_${label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 60)}`;
  const { alike } = await env.db
    .selectFrom('applications')
    .select((eb) => eb.fn.countAll().as('alike'))
    .where('name', '>=', `${stem}_`)
    .where('name', '<', `${stem}\``)
    .executeTakeFirstOrThrow();
  return `${stem}_${Number(alike) + 1}`;
}

/** Empty for a mode in which nobody is asked for a password. Throws E0000001. */
export function passwordCredentialsOf({ signOnMode, passwordCredentials }: ApplicationInput): JsonObject {
  if (signOnMode === 'OPENID_CONNECT' || !keepsPasswords(signOnMode)) return {};
  const { scheme = 'EDIT_USERNAME_AND_PASSWORD', userName, revealPassword = false } = passwordCredentials ?? {};
  const shared = scheme === 'SHARED_USERNAME_AND_PASSWORD';
  if (shared && !userName)
    throw invalid('credentials.userName', 'credentials.userName: The field cannot be left blank');
  return { scheme, revealPassword, ...(shared ? { userName } : {}) };
}

/** `credentials.signing`: of an application that is there, the key that was chosen for it. */
export function signingOf({ signingKid }: ApplicationInput, before: AnyApplication | null): { signing?: unknown } {
  if (before && signingKid) return { signing: { kid: signingKid } };
  const { signing } = (before?.credentials ?? {}) as { signing?: unknown };
  return signing === undefined ? {} : { signing };
}

/** `settings.signOn`, where the mode has it. Throws E0000001. */
export function signOnOf(env: Env, input: ApplicationInput, before: AnyApplication | null): { signOn?: JsonObject } {
  const said = input.settings?.signOn ?? {};
  switch (input.signOnMode) {
    case 'SAML_2_0':
      return {
        signOn: isOwn('ssoAcsUrl', input, before)
          ? completeCustomSaml(said, env.config.url)
          : completeCatalogueSaml(said),
      };
    case 'SAML_1_1':
      return { signOn: completeCatalogueSaml(said) };
    case 'AUTO_LOGIN': {
      const fields = { loginUrl: neededAddress, redirectUrl: optionalAddress };
      return isOwn('loginUrl', input, before) ? { signOn: completeSettings(fields, said, 'settings.signOn') } : {};
    }
    default:
      return {};
  }
}

/** Whether the application is described here, by a field that no catalogue leaves to who installs an application from it. */
function isOwn(field: string, input: ApplicationInput, before: AnyApplication | null): boolean {
  if (field in (input.settings?.signOn ?? {})) return true;
  return before ? field in ((before.settings as { signOn?: object }).signOn ?? {}) : !input.name;
}
