// Owns what the branding page reads and writes: a brand, its theme, and the words of its sign-in page, as one set of values.

export type Brand = {
  id: string;
  name: string;
  isDefault: boolean;
  customPrivacyPolicyUrl: string | null;
  agreeToCustomPrivacyPolicy: boolean;
  [rest: string]: unknown;
};

export type Variant = 'OKTA_DEFAULT' | 'BACKGROUND_SECONDARY_COLOR' | 'BACKGROUND_IMAGE';

export type Theme = {
  id: string;
  logo: string;
  favicon: string;
  backgroundImage: string | null;
  primaryColorHex: string;
  secondaryColorHex: string;
  signInPageTouchPointVariant: Variant;
  errorPageTouchPointVariant: Variant;
  endUserDashboardTouchPointVariant: string;
  emailTemplateTouchPointVariant: string;
  loadingPageTouchPointVariant: string;
};

export type SignInPage = { widgetCustomizations?: Record<string, unknown>; [rest: string]: unknown };

/** The words that may be said in another way, with what the page says otherwise. */
export const WORDS = {
  signInLabel: 'Sign in',
  usernameLabel: 'Username',
  usernameInfoTip: '',
  passwordLabel: 'Password',
  passwordInfoTip: '',
} as const;

/** Links that stand below the form, where an address is given. */
export const LINKS = [
  { name: 'forgotPassword', label: 'Forgot password?' },
  { name: 'help', label: 'Help' },
  { name: 'customLink1', label: 'More' },
] as const;

export type Values = {
  name: string;
  customPrivacyPolicyUrl: string;
  variant: Variant;
  home: boolean;
  primaryColorHex: string;
  secondaryColorHex: string;
} & Record<keyof typeof WORDS, string> &
  Record<`${(typeof LINKS)[number]['name']}${'Label' | 'Url'}`, string>;

export function valuesOf(brand: Brand, theme: Theme, page: SignInPage): Values {
  const text = (name: string) => String(page.widgetCustomizations?.[name] ?? '');
  return {
    name: brand.name,
    customPrivacyPolicyUrl: brand.customPrivacyPolicyUrl ?? '',
    variant: theme.signInPageTouchPointVariant,
    home: theme.endUserDashboardTouchPointVariant !== 'OKTA_DEFAULT',
    primaryColorHex: theme.primaryColorHex,
    secondaryColorHex: theme.secondaryColorHex,
    signInLabel: text('signInLabel'),
    usernameLabel: text('usernameLabel'),
    usernameInfoTip: text('usernameInfoTip'),
    passwordLabel: text('passwordLabel'),
    passwordInfoTip: text('passwordInfoTip'),
    forgotPasswordLabel: text('forgotPasswordLabel'),
    forgotPasswordUrl: text('forgotPasswordUrl'),
    helpLabel: text('helpLabel'),
    helpUrl: text('helpUrl'),
    customLink1Label: text('customLink1Label'),
    customLink1Url: text('customLink1Url'),
  };
}

export function toBrand(brand: Brand, { name, customPrivacyPolicyUrl }: Values): object {
  const policy = customPrivacyPolicyUrl.trim() || null;
  return {
    ...brand,
    name: name.trim(),
    customPrivacyPolicyUrl: policy,
    agreeToCustomPrivacyPolicy: policy !== null || brand.agreeToCustomPrivacyPolicy,
  };
}

export function toTheme(theme: Theme, { variant, home, primaryColorHex, secondaryColorHex }: Values): object {
  const kept = theme.endUserDashboardTouchPointVariant;
  return {
    primaryColorHex,
    secondaryColorHex,
    signInPageTouchPointVariant: variant,
    errorPageTouchPointVariant: variant,
    endUserDashboardTouchPointVariant: !home ? 'OKTA_DEFAULT' : kept === 'OKTA_DEFAULT' ? 'FULL_THEME' : kept,
    emailTemplateTouchPointVariant: theme.emailTemplateTouchPointVariant,
    loadingPageTouchPointVariant: theme.loadingPageTouchPointVariant,
  };
}

export function toSignInPage(page: SignInPage, values: Values): object {
  const names = [...Object.keys(WORDS), ...LINKS.flatMap(({ name }) => [`${name}Label`, `${name}Url`])];
  const said = Object.fromEntries(names.map((name) => [name, values[name as keyof Values].toString().trim() || null]));
  return { ...page, widgetCustomizations: { ...page.widgetCustomizations, ...said } };
}

/** How well a text of one colour reads on the other: WCAG 2 asks for 4.5. */
export function contrast(one: string, other: string): number {
  const [light = 1, dark = 1] = [one, other].map((colour) => luminance(colour) + 0.05).sort((a, b) => b - a);
  return light / dark;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function isColour(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

/** The address of a picture as this page reaches it: a proxy may know this server by another name. */
export function pathOf(picture: string): string {
  return URL.parse(picture)?.pathname ?? picture;
}
