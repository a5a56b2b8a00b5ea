// Owns the larger parts of policies and rules that are completed when they are written: the settings for passwords and enrolment, how an
// application is signed on to, and which identity provider is chosen. Not here: the table of types (org-policy-types.ts).
import { authenticatorKeys } from '../authenticator-kinds.ts';
import { ABSENT, completed, isObject, type Json } from './policy-defaults.ts';

const INACTIVE = { status: 'INACTIVE' };

export function passwordSettings(given: unknown): Json {
  return completed(
    {
      password: {
        complexity: {
          minLength: 8,
          minLowerCase: 1,
          minUpperCase: 1,
          minNumber: 1,
          minSymbol: 0,
          excludeUsername: true,
          dictionary: { common: { exclude: false } },
          excludeAttributes: [],
        },
        age: { maxAgeDays: 0, expireWarnDays: 0, minAgeMinutes: 0, historyCount: 4 },
        lockout: {
          maxAttempts: 10,
          autoUnlockMinutes: 0,
          userLockoutNotificationChannels: [],
          showLockoutFailures: false,
        },
        breachedProtection: { expireAfterDays: null, logoutEnabled: false, delegatedWorkflowId: null },
      },
      recovery: {
        factors: {
          recovery_question: { ...INACTIVE, properties: { complexity: { minLength: 4 } } },
          okta_email: { status: 'ACTIVE', properties: { recoveryToken: { tokenLifetimeMinutes: 60 } } },
          okta_sms: INACTIVE,
          okta_call: INACTIVE,
        },
      },
      delegation: { options: { skipUnlock: false } },
    },
    given,
  );
}

/** What people may enrol, said of every authenticator: of one that is not named, that they may not; passwords they must have. */
export function enrollmentSettings(given: unknown): Json {
  if (isObject(given) && given.type !== undefined && given.type !== 'AUTHENTICATORS') return given;
  const { authenticators, ...others } = isObject(given) ? given : {};
  const named = (Array.isArray(authenticators) ? authenticators : []).filter(isObject);
  const enroll = (key: string) => ({ self: key === 'okta_password' ? 'REQUIRED' : given ? 'NOT_ALLOWED' : 'OPTIONAL' });
  const own = authenticatorKeys.map((key) => named.find((one) => one.key === key) ?? { key, enroll: enroll(key) });
  const further = named.filter((one) => !(authenticatorKeys as readonly unknown[]).includes(one.key));
  return { type: 'AUTHENTICATORS', ...others, authenticators: [...own, ...further] };
}

/** A chain of methods says itself how many factors it takes; an assurance says it by its mode. */
export function appSignOn(given: unknown): Json {
  const method = isObject(given) && isObject(given.appSignOn) ? given.appSignOn.verificationMethod : undefined;
  const { factorMode: _mode, inactivityPeriod: _period, ...chain } = isObject(method) ? method : {};
  const isChain = chain.type === 'AUTH_METHOD_CHAIN';
  const verificationMethod = isChain
    ? completed({ type: ABSENT, chains: [], reauthenticateIn: ABSENT }, chain)
    : completed(
        {
          factorMode: '2FA',
          type: 'ASSURANCE',
          reauthenticateIn: 'PT12H',
          inactivityPeriod: ABSENT,
          constraints: ABSENT,
        },
        method,
      );
  const said = isObject(given) && isObject(given.appSignOn) ? given.appSignOn : {};
  const { verificationMethod: _, ...others } = said;
  const { access, ...rest } = completed({ access: 'ALLOW', keepMeSignedIn: { postAuth: 'NOT_ALLOWED' } }, others);
  return { appSignOn: { access, verificationMethod, ...rest } };
}

export function idpSelection(given: unknown): Json {
  const { idp } = completed({ idp: {} }, given);
  const { providers, matchCriteria, idpSelectionType } = idp as Json;
  return {
    idp: {
      providers: Array.isArray(providers) ? providers : [],
      ...(Array.isArray(matchCriteria)
        ? {
            matchCriteria: matchCriteria.map((one) =>
              completed({ providerExpression: ABSENT, propertyName: 'name' }, one),
            ),
          }
        : {}),
      idpSelectionType: idpSelectionType ?? 'SPECIFIC',
    },
  };
}
