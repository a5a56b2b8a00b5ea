// Owns what a brand says in e-mails in its own words, template by template and language by language, and who gets them. They are kept:
// this server sends no e-mail. Of each template that was customized, one language is the default. Not here: brands (brands.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { isUniqueViolation } from '../storage/database.ts';
import type { Row } from '../storage/tables.ts';
import { getBrand } from './brands.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { record } from './system-log.ts';

export type EmailCustomization = Row<'email_customizations'>;

export const emailTemplates = [
  'UserActivation',
  'ForgotPassword',
  'ForgotPasswordDenied',
  'PasswordResetByAdmin',
  'ADUserActivation',
  'ADForgotPassword',
  'ADForgotPasswordDenied',
  'LDAPUserActivation',
  'LDAPForgotPassword',
  'LDAPForgotPasswordDenied',
  'SelfServiceUnlock',
  'ADSelfServiceUnlock',
  'LDAPSelfServiceUnlock',
  'SelfServiceUnlockOnUnlockedAccount',
  'AccountLockout',
  'EmailChallenge',
  'EmailFactorVerification',
  'OktaVerifyActivation',
  'NewSignOnNotification',
  'RegistrationActivation',
  'RegistrationEmailVerification',
  'ChangeEmailConfirmation',
  'PendingEmailChange',
  'EmailChangeConfirmation',
  'MyAccountChangeConfirmation',
  'AuthenticatorEnrolled',
  'AuthenticatorReset',
  'PasswordChanged',
  'IGAReviewerEndNotification',
  'IGAReviewerNotification',
  'IGAReviewerOverdueNotification',
  'IGAReviewerPendingNotification',
  'IGAReviewerReassigned',
] as const;

export const recipients = ['ALL_USERS', 'ADMINS_ONLY', 'NO_USERS'] as const;
export type Recipients = (typeof recipients)[number];

/** Which template of which brand. */
export type EmailPlace = { brandId: string; template: string };
export type EmailText = { language: string; isDefault: boolean; subject: string; body: string };

/** Throws E0000007 for the brand or the template. */
export async function checkEmailPlace(env: Env, { brandId, template }: EmailPlace): Promise<void> {
  await getBrand(env, brandId);
  if (!emailTemplates.some((one) => one === template)) throw notFound(template, 'EmailTemplate');
}

/** In the order of their making, one more than the limit when there are more. Throws E0000007. */
export async function listEmailCustomizations(
  env: Env,
  place: EmailPlace,
  { after, limit }: { after: string | null; limit: number },
): Promise<EmailCustomization[]> {
  await checkEmailPlace(env, place);
  return at(env, place)
    .where('id', '>', after ?? '')
    .orderBy('id')
    .limit(limit + 1)
    .execute();
}

/** Throws E0000007. */
export async function getEmailCustomization(env: Env, place: EmailPlace, id: string): Promise<EmailCustomization> {
  await checkEmailPlace(env, place);
  const row = await at(env, place).where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'EmailCustomization');
  return row;
}

/** The first one of a template is its default. Throws E0000007, E0000001, E0000182, E0000183. */
export async function createEmailCustomization(
  env: Env,
  place: EmailPlace,
  text: EmailText,
): Promise<EmailCustomization> {
  refuseScripts(text.body);
  return refusingTakenLanguage(
    transact(env, async (env) => {
      await lockPlace(env, place);
      const known = await at(env, place).where('is_default', '=', 1).executeTakeFirst();
      if (known && text.isDefault) throw new Refusal('E0000183');
      const now = env.now();
      const { language, subject, body } = text;
      const row: EmailCustomization = {
        ...{ id: newId(env, idPrefixes.emailCustomization), brand_id: place.brandId, template: place.template },
        ...{ language, is_default: known ? 0 : 1, subject, body, created: now, last_updated: now },
      };
      await env.db.insertInto('email_customizations').values(row).execute();
      await recordChange(env, place, 'create');
      return row;
    }),
  );
}

/** One that becomes the default takes the place of that which was. Throws E0000007, E0000001, E0000182, E0000184. */
export async function replaceEmailCustomization(
  env: Env,
  place: EmailPlace,
  id: string,
  text: EmailText,
): Promise<EmailCustomization> {
  refuseScripts(text.body);
  return refusingTakenLanguage(
    transact(env, async (env) => {
      await lockPlace(env, place);
      const before = await getEmailCustomization(env, place, id);
      if (before.is_default && !text.isDefault) throw new Refusal('E0000184');
      if (text.isDefault)
        await env.db
          .updateTable('email_customizations')
          .set({ is_default: 0 })
          .where('brand_id', '=', place.brandId)
          .where('template', '=', place.template)
          .execute();
      const { language, subject, body } = text;
      const change = { language, subject, body, is_default: text.isDefault ? 1 : 0, last_updated: env.now() };
      await env.db.updateTable('email_customizations').set(change).where('id', '=', id).execute();
      await recordChange(env, place, 'update');
      return { ...before, ...change };
    }),
  );
}

/** Throws E0000007, E0000185 for the default while there are others. */
export async function deleteEmailCustomization(env: Env, place: EmailPlace, id: string): Promise<void> {
  await transact(env, async (env) => {
    await lockPlace(env, place);
    const row = await getEmailCustomization(env, place, id);
    const other = await at(env, place).where('id', '!=', id).executeTakeFirst();
    if (row.is_default && other) throw new Refusal('E0000185');
    await env.db.deleteFrom('email_customizations').where('id', '=', id).execute();
    await recordChange(env, place, 'delete');
  });
}

/** Throws E0000007. */
export async function deleteEmailCustomizations(env: Env, place: EmailPlace): Promise<void> {
  await transact(env, async (env) => {
    await lockPlace(env, place);
    await env.db
      .deleteFrom('email_customizations')
      .where('brand_id', '=', place.brandId)
      .where('template', '=', place.template)
      .execute();
    await recordChange(env, place, 'delete');
  });
}

/** Everybody, where nothing else was said. Throws E0000007. */
export async function getEmailRecipients(env: Env, place: EmailPlace): Promise<string> {
  await checkEmailPlace(env, place);
  const row = await env.db
    .selectFrom('email_template_settings')
    .select('recipients')
    .where('brand_id', '=', place.brandId)
    .where('template', '=', place.template)
    .executeTakeFirst();
  return row?.recipients ?? 'ALL_USERS';
}

/** Throws E0000007. */
export async function setEmailRecipients(env: Env, place: EmailPlace, recipients: Recipients): Promise<void> {
  await transact(env, async (env) => {
    await lockPlace(env, place);
    await env.db
      .insertInto('email_template_settings')
      .values({ brand_id: place.brandId, template: place.template, recipients })
      .onConflict((conflict) => conflict.columns(['brand_id', 'template']).doUpdateSet({ recipients }))
      .execute();
    await recordChange(env, place, 'settings.update');
  });
}

function at(env: Env, { brandId, template }: EmailPlace) {
  return env.db
    .selectFrom('email_customizations')
    .selectAll()
    .where('brand_id', '=', brandId)
    .where('template', '=', template);
}

/** Two changes of one brand's e-mails take turns, so that a template never has two defaults, or none. */
async function lockPlace(env: Env, place: EmailPlace): Promise<void> {
  const ref = env.db.updateTable('brands').set((eb) => ({ created: eb.ref('created') }));
  await ref.where('id', '=', place.brandId).execute();
  await checkEmailPlace(env, place);
}

// Programs that read mail run no scripts, but what is kept here may also be looked at in a browser.
function refuseScripts(body: string): void {
  if (/<\s*(script|iframe|object|embed|form|meta|base)\b|<[^>]*\son\w+\s*=|javascript:/i.test(body))
    throw invalid('body', 'body: An e-mail must hold no scripts, frames or forms');
}

async function refusingTakenLanguage<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error, 'language')) throw new Refusal('E0000182');
    throw error;
  }
}

async function recordChange(env: Env, { brandId, template }: EmailPlace, change: string): Promise<void> {
  await record(env, {
    eventType: `system.email.template.${change}`,
    displayMessage: `E-mail template ${template}: ${change}`,
    target: [{ id: brandId, type: 'EmailTemplate', alternateId: template, displayName: template }],
  });
}
