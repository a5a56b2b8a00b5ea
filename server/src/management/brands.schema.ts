// Owns the shapes of brands and themes, as sent and as shown. Not here: what may be said together (core/brands.ts, core/themes.ts).
import { z } from 'zod';
import type { BrandSettings } from '../core/brands.ts';
import { dashboardVariants, emailVariants, loadingVariants, pageVariants } from '../core/themes.ts';

const links = z.record(z.string(), z.unknown());
const text = z.string().trim().max(255).nullish();
const address = z.string().trim().max(1024).nullish();

const name = z.string().trim().min(1, 'The field cannot be left blank').max(100);

const defaultApp = z.object({
  appInstanceId: z.string().nullable(),
  appLinkName: z.string().nullable(),
  classicApplicationUri: z.string().nullable(),
});

export const brand = z.object({
  id: z.string(),
  name: z.string(),
  removePoweredByOkta: z.boolean(),
  customPrivacyPolicyUrl: z.string().nullable(),
  agreeToCustomPrivacyPolicy: z.boolean(),
  isDefault: z.boolean(),
  locale: z.string().optional(),
  emailDomainId: z.string().optional(),
  defaultApp,
  _links: links,
});

export const brandCreation = z.object({ name });

export const brandBody = z.object({
  name,
  removePoweredByOkta: z.boolean().nullish(),
  customPrivacyPolicyUrl: address,
  agreeToCustomPrivacyPolicy: z.boolean().nullish(),
  locale: text,
  emailDomainId: text,
  defaultApp: z.object({ appInstanceId: text, appLinkName: text, classicApplicationUri: address }).nullish(),
});

/** The body in the words of core/. */
export function toBrandSettings(body: z.output<typeof brandBody>): BrandSettings {
  return {
    removePoweredByOkta: body.removePoweredByOkta ?? false,
    customPrivacyPolicyUrl: body.customPrivacyPolicyUrl || null,
    agreeToCustomPrivacyPolicy: body.agreeToCustomPrivacyPolicy ?? false,
    locale: body.locale || undefined,
    emailDomainId: body.emailDomainId || undefined,
    defaultApp: {
      appInstanceId: body.defaultApp?.appInstanceId || null,
      appLinkName: body.defaultApp?.appLinkName || null,
      classicApplicationUri: body.defaultApp?.classicApplicationUri || null,
    },
  };
}

const colour = z.string().trim().toLowerCase();

export const themeBody = z.object({
  primaryColorHex: colour,
  primaryColorContrastHex: colour.optional(),
  secondaryColorHex: colour,
  secondaryColorContrastHex: colour.optional(),
  signInPageTouchPointVariant: z.enum(pageVariants),
  endUserDashboardTouchPointVariant: z.enum(dashboardVariants),
  errorPageTouchPointVariant: z.enum(pageVariants),
  emailTemplateTouchPointVariant: z.enum(emailVariants),
  loadingPageTouchPointVariant: z.enum(loadingVariants).optional(),
});

export const theme = z.object({
  id: z.string(),
  logo: z.string(),
  favicon: z.string(),
  backgroundImage: z.string().nullable(),
  primaryColorHex: z.string(),
  primaryColorContrastHex: z.string(),
  secondaryColorHex: z.string(),
  secondaryColorContrastHex: z.string(),
  signInPageTouchPointVariant: z.string(),
  endUserDashboardTouchPointVariant: z.string(),
  errorPageTouchPointVariant: z.string(),
  emailTemplateTouchPointVariant: z.string(),
  loadingPageTouchPointVariant: z.string(),
  _links: links,
});

export const upload = z.object({ url: z.string() });
