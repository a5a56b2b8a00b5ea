// Owns what numbers the settings of policies may hold: beyond them they would shut everybody out, or let everybody in.
// Not here: what is in force (password-policy.ts, session-policy.ts).
import { invalid } from '../refusal.ts';
import { isObject, type Json } from './policy-defaults.ts';

type Limits = Readonly<Record<string, readonly [least: number, most: number]>>;

const YEAR_OF_MINUTES = 525_600;

const passwordLimits: Limits = {
  'password.complexity.minLength': [4, 72],
  'password.complexity.minLowerCase': [0, 10],
  'password.complexity.minUpperCase': [0, 10],
  'password.complexity.minNumber': [0, 10],
  'password.complexity.minSymbol': [0, 10],
  'password.age.maxAgeDays': [0, 999],
  'password.age.expireWarnDays': [0, 999],
  'password.age.minAgeMinutes': [0, YEAR_OF_MINUTES],
  'password.age.historyCount': [0, 30],
  'password.lockout.maxAttempts': [0, 100],
  'password.lockout.autoUnlockMinutes': [0, YEAR_OF_MINUTES],
  'recovery.factors.okta_email.properties.recoveryToken.tokenLifetimeMinutes': [1, 43_200],
  'recovery.factors.recovery_question.properties.complexity.minLength': [1, 100],
};

const sessionLimits: Limits = {
  'signon.session.maxSessionIdleMinutes': [1, YEAR_OF_MINUTES],
  'signon.session.maxSessionLifetimeMinutes': [0, YEAR_OF_MINUTES],
};

/** Throws E0000001. */
export function refusePasswordSettings(settings: Json | null): void {
  refuseOutside('settings', settings, passwordLimits);
}

/** Throws E0000001. */
export function refuseSignOnActions(actions: Json): void {
  refuseOutside('actions', actions, sessionLimits);
  const signon = isObject(actions.signon) ? actions.signon : {};
  if (signon.access !== 'ALLOW' && signon.access !== 'DENY')
    throw invalid('actions.signon.access', 'actions.signon.access: The access must be ALLOW or DENY');
}

function refuseOutside(where: string, value: Json | null, limits: Limits): void {
  for (const [path, [least, most]] of Object.entries(limits)) {
    const found = path.split('.').reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
    if (found === undefined) continue;
    if (typeof found !== 'number' || !Number.isInteger(found) || found < least || found > most)
      throw invalid(`${where}.${path}`, `${where}.${path}: The value must be a whole number from ${least} to ${most}`);
  }
}
