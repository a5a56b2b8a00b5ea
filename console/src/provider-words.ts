// Owns what the kinds of identity providers are called, and where each registers an application.

export type ProviderWords = { type: string; label: string; register: string };

export const PROVIDER_WORDS: readonly ProviderWords[] = [
  { type: 'OIDC', label: 'OpenID Connect', register: 'at the provider, as a web application' },
  { type: 'GOOGLE', label: 'Google', register: 'in the Google Cloud console, under APIs & Services > Credentials' },
  {
    type: 'MICROSOFT',
    label: 'Microsoft',
    register: 'in the Microsoft Entra admin center, under App registrations, with the platform Web',
  },
  { type: 'GITHUB', label: 'GitHub', register: 'on GitHub, under Settings > Developer settings > OAuth Apps' },
  { type: 'GITLAB', label: 'GitLab', register: 'on GitLab, under Preferences > Applications' },
  { type: 'APPLE', label: 'Apple', register: 'at Apple Developer, as a Services ID with Sign in with Apple' },
  { type: 'LINKEDIN', label: 'LinkedIn', register: 'on LinkedIn, under Developers > My apps' },
  { type: 'FACEBOOK', label: 'Facebook', register: 'at Meta for Developers, under My Apps' },
  { type: 'AMAZON', label: 'Amazon', register: 'at Amazon Developer, under Login with Amazon' },
  { type: 'DISCORD', label: 'Discord', register: 'in the Discord developer portal, under Applications > OAuth2' },
  { type: 'PAYPAL', label: 'PayPal', register: 'at PayPal Developer, under Apps & Credentials' },
  { type: 'SALESFORCE', label: 'Salesforce', register: 'in Salesforce, as a connected app' },
  { type: 'SPOTIFY', label: 'Spotify', register: 'in the Spotify developer dashboard' },
  { type: 'XERO', label: 'Xero', register: 'at Xero Developer, under My Apps' },
  { type: 'YAHOO', label: 'Yahoo', register: 'at Yahoo Developer Network, under Apps' },
  { type: 'YAHOOJP', label: 'Yahoo! Japan', register: 'at Yahoo! Japan Developer Network' },
];

export function providerWords(type: string): ProviderWords {
  return PROVIDER_WORDS.find((one) => one.type === type) ?? { type, label: type, register: 'at the provider' };
}
