// Owns the org-wide policies that exist from the first start: one for passwords, one for sessions, both for Everyone. They are
// the system's own: administration may change their settings but not delete them. Not here: what reads them.
import { type IdPrefix, idPrefixes, newId } from '../../base/id.ts';
import { toJson } from '../../storage/schema.ts';
import type { Env } from '../env.ts';

type DefaultPolicy = {
  type: 'PASSWORD' | 'OKTA_SIGN_ON';
  description: string;
  conditions: object;
  settings: object | null;
  ruleType: 'PASSWORD' | 'SIGN_ON';
  actions: object;
};

const FACTOR_INACTIVE = { status: 'INACTIVE' };

const password: Omit<DefaultPolicy, 'conditions'> = {
  type: 'PASSWORD',
  description: 'The default policy applies in all situations if no other policy applies.',
  settings: {
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
    },
    recovery: {
      factors: {
        recovery_question: { ...FACTOR_INACTIVE, properties: { complexity: { minLength: 4 } } },
        okta_email: { status: 'ACTIVE', properties: { recoveryToken: { tokenLifetimeMinutes: 60 } } },
        okta_sms: FACTOR_INACTIVE,
        okta_call: FACTOR_INACTIVE,
      },
    },
    delegation: { options: { skipUnlock: false } },
  },
  ruleType: 'PASSWORD',
  actions: {
    passwordChange: { access: 'ALLOW' },
    selfServicePasswordReset: { access: 'ALLOW' },
    selfServiceUnlock: { access: 'DENY' },
  },
};

const signOn: Omit<DefaultPolicy, 'conditions'> = {
  type: 'OKTA_SIGN_ON',
  description: 'The default policy applies in all situations if no other policy applies.',
  settings: null,
  ruleType: 'SIGN_ON',
  actions: {
    signon: {
      access: 'ALLOW',
      requireFactor: false,
      primaryFactor: 'PASSWORD_IDP',
      rememberDeviceByDefault: false,
      session: { usePersistentCookie: false, maxSessionIdleMinutes: 120, maxSessionLifetimeMinutes: 0 },
    },
  },
};

/** Writes the default policies with their default rules. For the first start only: it does not look whether they exist. */
export async function createDefaultPolicies(env: Env, everyoneGroupId: string): Promise<void> {
  const people = { people: { groups: { include: [everyoneGroupId] } } };
  await createPolicy(env, { ...password, conditions: { ...people, authProvider: { provider: 'OKTA' } } });
  await createPolicy(env, { ...signOn, conditions: people });
}

async function createPolicy(env: Env, { type, description, conditions, settings, ruleType, actions }: DefaultPolicy) {
  const common = (prefix: IdPrefix) => ({
    id: newId(env, prefix),
    status: 'ACTIVE',
    priority: 1,
    system: 1,
    created: env.now(),
    last_updated: env.now(),
  });
  const policy = {
    ...common(idPrefixes.policy),
    authorization_server_id: null,
    type,
    name: 'Default Policy',
    description,
    conditions: toJson<unknown>(conditions),
    settings: settings === null ? null : toJson<unknown>(settings),
  };
  await env.db.insertInto('policies').values(policy).execute();
  const everywhere = {
    network: { connection: 'ANYWHERE' },
    ...(ruleType === 'SIGN_ON' ? { authContext: { authType: 'ANY' } } : {}),
  };
  await env.db
    .insertInto('policy_rules')
    .values({
      ...common(idPrefixes.rule),
      policy_id: policy.id,
      type: ruleType,
      name: 'Default Rule',
      conditions: toJson<unknown>(everywhere),
      actions: toJson<unknown>(actions),
    })
    .execute();
}
