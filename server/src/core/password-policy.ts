// Owns the rules for passwords as the password policies state them: what a password must contain, how old it may grow,
// after how many failures an account locks. Not here: the hash (base/password-hash.ts) and administration of policies.
import { DAY, MINUTE } from '../base/time.ts';
import { isCommonPassword } from './common-passwords.ts';
import type { Env } from './env.ts';
import { type PolicySubject, policiesFor } from './policies/org-policies.ts';

export type PasswordPolicy = {
  minLength: number;
  minLowerCase: number;
  minUpperCase: number;
  minNumber: number;
  minSymbol: number;
  excludeUsername: boolean;
  /** Profile attributes, such as `firstName`, whose values a password must not contain. */
  excludeAttributes: readonly string[];
  excludeCommon: boolean;
  /** Zero: passwords do not grow old. */
  maxAge: number;
  /** How long a person must wait before changing a password again. */
  minAge: number;
  /** How many former passwords may not come back; of these the current one is known. */
  historyCount: number;
  /** Failures before an account locks; zero: it never does. */
  maxAttempts: number;
  /** How long a lock lasts; zero: until an administrator unlocks. */
  lockFor: number;
  /** Whether a sign-in may tell that the account is locked. */
  showLock: boolean;
  /** How long before its end a password is said to grow old; zero: it is not said. */
  warnBefore: number;
  recoveryTokenLifetime: number;
};

/** Beyond it a password is not stronger, only dearer to hash. */
const MOST_CHARACTERS = 256;

/** Of nobody in particular: the system's policy judges. */
const ANYBODY: PolicySubject = { groupIds: [] };

/** The policy in force for somebody: the first that is for one of their groups, and Okta's defaults for whatever it leaves out. */
export async function passwordPolicy(env: Env, subject: PolicySubject = ANYBODY): Promise<PasswordPolicy> {
  const [policy] = await policiesFor(env, 'PASSWORD', subject);
  return readPolicy(policy?.settings);
}

function readPolicy(settings: unknown): PasswordPolicy {
  const complexity = at(settings, 'password', 'complexity');
  const age = at(settings, 'password', 'age');
  const lockout = at(settings, 'password', 'lockout');
  const recovery = at(settings, 'recovery', 'factors', 'okta_email', 'properties', 'recoveryToken');
  return {
    minLength: number(complexity, 'minLength', 8),
    minLowerCase: number(complexity, 'minLowerCase', 1),
    minUpperCase: number(complexity, 'minUpperCase', 1),
    minNumber: number(complexity, 'minNumber', 1),
    minSymbol: number(complexity, 'minSymbol', 0),
    excludeUsername: flag(complexity, 'excludeUsername', true),
    excludeAttributes: texts(at(complexity, 'excludeAttributes')),
    excludeCommon: flag(at(complexity, 'dictionary', 'common'), 'exclude', false),
    maxAge: number(age, 'maxAgeDays', 0) * DAY,
    minAge: number(age, 'minAgeMinutes', 0) * MINUTE,
    historyCount: number(age, 'historyCount', 4),
    maxAttempts: number(lockout, 'maxAttempts', 10),
    lockFor: number(lockout, 'autoUnlockMinutes', 0) * MINUTE,
    showLock: flag(lockout, 'showLockoutFailures', false),
    warnBefore: number(age, 'expireWarnDays', 0) * DAY,
    recoveryTokenLifetime: number(recovery, 'tokenLifetimeMinutes', 60) * MINUTE,
  };
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

function number(value: unknown, name: string, otherwise: number): number {
  const found = at(value, name);
  return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? found : otherwise;
}

function flag(value: unknown, name: string, otherwise: boolean): boolean {
  const found = at(value, name);
  return typeof found === 'boolean' ? found : otherwise;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Whose password it is: their names must not be in it. */
export type PasswordOwner = { login: string; profile: Record<string, unknown> };

/** One sentence that lists what the policy asks for, when the password does not meet it; null when it does. */
export function passwordProblem(policy: PasswordPolicy, password: string, owner: PasswordOwner): string | null {
  const characters = [...password];
  if (characters.length > MOST_CHARACTERS) return `The password must have at most ${MOST_CHARACTERS} characters`;
  const count = (kind: RegExp) => characters.filter((character) => kind.test(character)).length;
  const met =
    characters.length >= policy.minLength &&
    count(/\p{Ll}/u) >= policy.minLowerCase &&
    count(/\p{Lu}/u) >= policy.minUpperCase &&
    count(/\p{Nd}/u) >= policy.minNumber &&
    count(/[^\p{L}\p{N}\s]/u) >= policy.minSymbol &&
    !forbiddenParts(policy, owner).some((part) => password.toLowerCase().includes(part)) &&
    !(policy.excludeCommon && isCommonPassword(password));
  return met
    ? null
    : `Password requirements were not met. Password requirements: ${passwordRequirements(policy).join(', ')}.`;
}

/** What the policy asks for, a phrase each. */
export function passwordRequirements(policy: PasswordPolicy): string[] {
  const atLeast = (least: number, one: string, many: string) =>
    least === 0 ? [] : [least === 1 ? one : `${least} ${many}`];
  const excluded = policy.excludeAttributes.map((name) => `does not include your ${wordsOf(name)}`);
  return [
    `at least ${policy.minLength} characters`,
    ...atLeast(policy.minLowerCase, 'a lowercase letter', 'lowercase letters'),
    ...atLeast(policy.minUpperCase, 'an uppercase letter', 'uppercase letters'),
    ...atLeast(policy.minNumber, 'a number', 'numbers'),
    ...atLeast(policy.minSymbol, 'a symbol', 'symbols'),
    ...(policy.excludeUsername ? ['no parts of your username'] : []),
    ...excluded,
    ...(policy.excludeCommon ? ['not a commonly used password'] : []),
  ];
}

function wordsOf(attribute: string): string {
  return attribute.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Parts of a login shorter than this would forbid too much. */
const SHORTEST_PART = 4;

function forbiddenParts(policy: PasswordPolicy, { login, profile }: PasswordOwner): string[] {
  const ofLogin = policy.excludeUsername ? partsOfLogin(login.toLowerCase()) : [];
  const ofProfile = policy.excludeAttributes
    .map((name) => profile[name])
    .filter((value) => typeof value === 'string' && value.length >= 3)
    .map((value) => String(value).toLowerCase());
  return [...ofLogin, ...ofProfile];
}

/** The login cut at `, . _ # @ -`; the top-level domain at its end says nothing about the person. */
function partsOfLogin(login: string): string[] {
  const parts = login.split(/[,._#@-]/);
  const named = login.includes('@') && parts.length > 1 ? parts.slice(0, -1) : parts;
  return named.filter((part) => part.length >= SHORTEST_PART);
}
