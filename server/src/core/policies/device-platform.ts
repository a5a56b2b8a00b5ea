// Owns the guess of what device a browser runs on, in the words of policies. A browser says of itself what it likes, so nothing but
// convenience may follow from it.

export type Platform = {
  type: 'MOBILE' | 'DESKTOP' | 'OTHER';
  system: 'IOS' | 'ANDROID' | 'WINDOWS' | 'OSX' | 'CHROMEOS' | 'OTHER';
};

const systems: readonly (readonly [RegExp, Platform])[] = [
  [/\b(iPhone|iPad|iPod)\b/, { type: 'MOBILE', system: 'IOS' }],
  [/\bAndroid\b/, { type: 'MOBILE', system: 'ANDROID' }],
  [/\bWindows NT\b/, { type: 'DESKTOP', system: 'WINDOWS' }],
  [/\bMacintosh\b/, { type: 'DESKTOP', system: 'OSX' }],
  [/\bCrOS\b/, { type: 'DESKTOP', system: 'CHROMEOS' }],
  [/\bX11\b/, { type: 'DESKTOP', system: 'OTHER' }],
];

export function platformOf(userAgent: string): Platform {
  return systems.find(([mark]) => mark.test(userAgent))?.[1] ?? { type: 'OTHER', system: 'OTHER' };
}
