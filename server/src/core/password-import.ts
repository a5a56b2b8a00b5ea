// Owns hashed passwords as an administrator brings them from another system: which may be kept. Not here: comparing
// (base/imported-password.ts), and our own hash in their place (upgrade-password.ts).
import { digestAlgorithms, type ImportedPassword, pbkdf2Digests } from '../base/imported-password.ts';
import { invalid } from './refusal.ts';

/** A hash as it is given: any member may be missing. */
export type GivenHash = {
  algorithm: string;
  salt?: string | null | undefined;
  saltOrder?: string | null | undefined;
  value?: string | null | undefined;
  workFactor?: number | null | undefined;
  iterationCount?: number | null | undefined;
  keySize?: number | null | undefined;
  digestAlgorithm?: string | null | undefined;
};

/** Whoever signs in waits for it: a hundred times our own hash is enough. */
const LIMITS = { workFactor: [4, 15], iterationCount: [4096, 2_000_000], keySize: [16, 128] } as const;

/** Who keeps the password of a person that was imported. */
export const importProvider = { type: 'IMPORT', name: 'IMPORT' };

/** The hash in the form that is kept. Throws E0000001 with what is wrong with it. */
export function readHash(given: GivenHash): ImportedPassword {
  const { algorithm } = given;
  if (algorithm === 'BCRYPT') return readBcrypt(given);
  if (algorithm === 'PBKDF2') {
    const digestAlgorithm = given.digestAlgorithm ?? '';
    if (!isKeyOf(pbkdf2Digests, digestAlgorithm))
      throw refusal('digestAlgorithm', `must be one of ${Object.keys(pbkdf2Digests).join(', ')}`);
    const keySize = within('keySize', given.keySize);
    const iterationCount = within('iterationCount', given.iterationCount);
    const salt = base64('salt', given.salt);
    return { algorithm, digestAlgorithm, iterationCount, keySize, salt, value: digest(given.value, keySize) };
  }
  if (!isKeyOf(digestAlgorithms, algorithm))
    throw refusal('algorithm', `must be one of BCRYPT, ${Object.keys(digestAlgorithms).join(', ')}, PBKDF2`);
  const salt = given.salt ? base64('salt', given.salt) : '';
  const saltOrder = given.saltOrder ?? 'PREFIX';
  if (saltOrder !== 'PREFIX' && saltOrder !== 'POSTFIX') throw refusal('saltOrder', 'must be PREFIX or POSTFIX');
  return { algorithm, salt, saltOrder, value: digest(given.value, DIGEST_BYTES[algorithm]) };
}

const DIGEST_BYTES = { MD5: 16, 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 } as const;

function readBcrypt(given: GivenHash): ImportedPassword {
  const workFactor = within('workFactor', given.workFactor);
  const { salt, value } = given;
  if (!/^[./A-Za-z0-9]{22}$/.test(salt ?? '')) throw refusal('salt', 'must be 22 characters of radix 64');
  if (!/^[./A-Za-z0-9]{31}$/.test(value ?? '')) throw refusal('value', 'must be 31 characters of radix 64');
  return { algorithm: 'BCRYPT', workFactor, salt: salt ?? '', value: value ?? '' };
}

function within(name: keyof typeof LIMITS, given: number | null | undefined): number {
  const [least, most] = LIMITS[name];
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most) return given;
  throw refusal(name, `must be a whole number from ${least} to ${most}`);
}

function digest(given: string | null | undefined, bytes: number): string {
  const text = base64('value', given);
  if (Buffer.from(text, 'base64').length !== bytes) throw refusal('value', `must be ${bytes} bytes in base64`);
  return text;
}

function base64(name: string, given: string | null | undefined): string {
  if (given && /^[A-Za-z0-9+/]+={0,2}$/.test(given)) return given;
  throw refusal(name, 'must be given in base64');
}

function refusal(member: string, problem: string): Error {
  return invalid('password', `password.hash.${member}: The field ${problem}`);
}

function isKeyOf<T extends object>(record: T, key: string): key is keyof T & string {
  return Object.hasOwn(record, key);
}
