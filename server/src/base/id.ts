// Owns identifiers of stored objects: 20 characters [0-9A-Za-z], a three-character type prefix, then time, then chance.
// Ids made later sort later in byte order, so `order by id` is the order of creation and a keyset cursor needs no extra column.
// Not here: secrets. An id is public and guessable in part; tokens come from opaque-token.ts.

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const TIME_LENGTH = 8;
const CHANCE_LENGTH = 9;

/** Type prefixes of object ids, as Okta's API spells them. */
export const idPrefixes = {
  org: '00o',
  user: '00u',
  group: '00g',
  userType: 'oty',
  realm: 'guo',
  userSchema: 'osc',
  linkedObjectDefinition: 'lod',
  profileMapping: 'prm',
  apiToken: '00T',
  application: '0oa',
  clientSecret: 'ocs',
  clientKey: 'pks',
  certificateRequest: 'csr',
  authorizationServer: 'aus',
  scope: 'scp',
  claim: 'ocl',
  policy: '00p',
  rule: '0pr',
  accessPolicy: 'rst',
  accessPolicyRule: 'rul',
  grant: 'oag',
  refreshToken: 'oar',
  trustedOrigin: 'tos',
  roleAssignment: 'ra1',
  groupRoleAssignment: 'gra',
  customRole: 'cr0',
  resourceSet: 'iam',
  resourceSetResource: 'ire',
  roleBindingMember: 'irb',
  inlineHook: 'cal',
  eventHook: 'who',
  eventDelivery: 'evd',
  networkZone: 'nzo',
  behavior: 'bhv',
  signIn: 'sgn',
  authenticator: 'aut',
  questionFactor: 'ufs',
  oktaTotpFactor: 'ost',
  googleTotpFactor: 'uft',
  session: '102',
  brand: 'bnd',
  domain: 'OcD',
  theme: 'the',
  emailCustomization: 'oel',
  image: 'fs0',
} as const;

export type IdPrefix = (typeof idPrefixes)[keyof typeof idPrefixes];

/**
 * A fresh id: prefix, eight base-62 digits of the epoch milliseconds, nine of chance. One that follows another within a millisecond
 * (or after the clock went back) is the next number instead, so that within a process the order of ids is that of their making.
 */
export function newId(world: { now: () => number; random: (bytes: number) => Uint8Array }, prefix: IdPrefix): string {
  const { now, random } = world;
  const time = base62(now(), TIME_LENGTH);
  const last = lastOf.get(random);
  const digits =
    last !== undefined && time <= last.slice(0, TIME_LENGTH)
      ? successor(last)
      : time + randomBase62(random, CHANCE_LENGTH);
  lastOf.set(random, digits);
  return prefix + digits;
}

/** The digits of each world's newest id. A world is known by its source of chance, which every copy of its env shares. */
const lastOf = new WeakMap<object, string>();

function successor(digits: string): string {
  const ending = /z*$/.exec(digits)?.[0].length ?? 0;
  const turning = digits.length - ending - 1;
  const next = ALPHABET.charAt(ALPHABET.indexOf(digits.charAt(turning)) + 1);
  return digits.slice(0, turning) + next + '0'.repeat(ending);
}

/** Whether the text has the form of an id of this type; says nothing about existence. */
export function isId(text: string, prefix: IdPrefix): boolean {
  return text.length === 20 && text.startsWith(prefix) && /^[0-9A-Za-z]+$/.test(text);
}

function base62(value: number, length: number): string {
  let rest = value;
  let digits = '';
  for (let i = 0; i < length; i++) {
    digits = ALPHABET.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

function randomBase62(random: (bytes: number) => Uint8Array, length: number): string {
  let digits = '';
  while (digits.length < length) {
    for (const byte of random(length * 2)) {
      // 248 = 4 × 62: bytes above it would favour the first digits.
      if (byte < 248 && digits.length < length) digits += ALPHABET.charAt(byte % 62);
    }
  }
  return digits;
}
