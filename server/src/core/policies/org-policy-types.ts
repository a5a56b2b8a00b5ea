// Owns the table of the org's policy types: what ids and rules each has, what a new policy and a new rule of it say where their
// maker says nothing, and the policy that the system itself has of it. Not here: storing them (org-policies.ts).
import type { IdPrefix } from '../../base/id.ts';
import { idPrefixes } from '../../base/id.ts';
import { ABSENT, completed, isObject, type Json } from './policy-defaults.ts';
import { appSignOn, enrollmentSettings, idpSelection, passwordSettings } from './policy-type-parts.ts';

export const orgPolicyTypes = [
  'ACCESS_POLICY',
  'OKTA_SIGN_ON',
  'PASSWORD',
  'MFA_ENROLL',
  'IDP_DISCOVERY',
  'PROFILE_ENROLLMENT',
  'POST_AUTH_SESSION',
  'ENTITY_RISK',
  'DEVICE_SIGNAL_COLLECTION',
  'SESSION_VIOLATION_DETECTION',
] as const;

export type OrgPolicyType = (typeof orgPolicyTypes)[number];

export type PolicyKind = {
  policyPrefix: IdPrefix;
  rulePrefix: IdPrefix;
  ruleType: string;
  /** `only-system`: the org has one, and nobody makes another. `one-rule`: and its policies have the catch-all rule alone. */
  making: 'policies-and-rules' | 'policies' | 'rules';
  /** For whom a policy is; false: it is assigned instead, and its conditions are null. */
  forGroups: boolean;
  /** `dense`: 1, 2, 3 …, the system's last. `given`: as their makers said, from 0, the catch-all rule at 99. */
  ruleOrder: 'dense' | 'given';
  conditions(everyoneId: string, given: unknown): Json | null;
  settings(given: unknown): Json | null;
  ruleConditions(given: unknown): Json;
  ruleActions(given: unknown): Json;
  system: SystemPolicy;
  /** Others of the system's, of which the org may have no use. */
  further?: readonly SystemPolicy[];
  /** The actions of the rule that a new policy starts with; null: it starts with none. */
  catchAll: Json | null;
};

export type SystemPolicy = {
  name: string;
  description: string;
  conditions?: Json;
  settings?: Json;
  rule: { name: string; conditions: Json | null; actions: Json };
};

export const CATCH_ALL = 'Catch-all Rule';
export const CATCH_ALL_PRIORITY = 99;

const ANYWHERE = { connection: 'ANYWHERE' };
const NOBODY_EXCLUDED = { users: { exclude: [] } };
const DEFAULT = 'The default policy applies in all situations if no other policy applies.';
const SESSION = { usePersistentCookie: false, maxSessionIdleMinutes: 120, maxSessionLifetimeMinutes: 0 };

const PASSWORD_RULE = {
  name: 'Default Rule',
  conditions: { network: ANYWHERE },
  actions: {
    passwordChange: { access: 'ALLOW' },
    selfServicePasswordReset: { access: 'ALLOW' },
    selfServiceUnlock: { access: 'DENY' },
  },
};

const byPriority = {
  policyPrefix: idPrefixes.policy,
  rulePrefix: idPrefixes.rule,
  making: 'policies-and-rules',
  forGroups: true,
  ruleOrder: 'dense',
  conditions: (everyoneId: string, given: unknown) =>
    completed({ people: { groups: { include: [everyoneId] } } }, given),
  settings: () => null,
  catchAll: null,
} as const;

const byAssignment = {
  policyPrefix: idPrefixes.accessPolicy,
  rulePrefix: idPrefixes.accessPolicyRule,
  forGroups: false,
  ruleOrder: 'given',
  conditions: () => null,
  settings: () => null,
} as const;

const ofSystemOnly = { ...byAssignment, making: 'rules', catchAll: null } as const;

export const policyKinds: Readonly<Record<OrgPolicyType, PolicyKind>> = {
  ACCESS_POLICY: {
    ...byAssignment,
    making: 'policies-and-rules',
    ruleType: 'ACCESS_POLICY',
    ruleConditions: (given) =>
      ruleConditions(
        {
          people: NOBODY_EXCLUDED,
          network: ANYWHERE,
          platform: ABSENT,
          riskScore: { level: 'ANY' },
          userType: { include: [], exclude: [] },
        },
        given,
      ),
    ruleActions: appSignOn,
    // What everybody can do from the first day: a stricter one is chosen by who runs the org.
    system: {
      name: 'Default Policy',
      description: DEFAULT,
      rule: {
        name: CATCH_ALL,
        conditions: null,
        actions: appSignOn({ appSignOn: { verificationMethod: { factorMode: '1FA' } } }),
      },
    },
    catchAll: appSignOn({
      appSignOn: {
        verificationMethod: {
          factorMode: '2FA',
          constraints: [{ possession: { required: true, deviceBound: 'REQUIRED' } }],
        },
      },
    }),
  },
  OKTA_SIGN_ON: {
    ...byPriority,
    ruleType: 'SIGN_ON',
    ruleConditions: (given) =>
      ruleConditions(
        {
          people: NOBODY_EXCLUDED,
          network: ANYWHERE,
          authContext: { authType: 'ANY' },
          identityProvider: ABSENT,
        },
        given,
      ),
    ruleActions: (given) =>
      completed(
        {
          signon: {
            access: 'ALLOW',
            requireFactor: false,
            primaryFactor: 'PASSWORD_IDP_ANY_FACTOR',
            factorPromptMode: ABSENT,
            factorLifetime: ABSENT,
            rememberDeviceByDefault: false,
            session: SESSION,
          },
        },
        given,
      ),
    system: {
      name: 'Default Policy',
      description: DEFAULT,
      rule: {
        name: 'Default Rule',
        conditions: { network: ANYWHERE, authContext: { authType: 'ANY' } },
        actions: {
          signon: {
            access: 'ALLOW',
            requireFactor: false,
            primaryFactor: 'PASSWORD_IDP',
            rememberDeviceByDefault: false,
            // A day at most, however much it is used.
            session: { ...SESSION, maxSessionLifetimeMinutes: 1440 },
          },
        },
      },
    },
  },
  PASSWORD: {
    ...byPriority,
    ruleType: 'PASSWORD',
    conditions: (everyoneId, given) =>
      completed({ people: { groups: { include: [everyoneId] } }, authProvider: { provider: 'OKTA' } }, given),
    settings: passwordSettings,
    ruleConditions: (given) => ruleConditions({ people: NOBODY_EXCLUDED, network: ANYWHERE }, given),
    ruleActions: (given) =>
      completed(
        {
          passwordChange: { access: 'ALLOW' },
          selfServicePasswordReset: {
            access: 'ALLOW',
            requirement: ABSENT,
          },
          selfServiceUnlock: { access: 'DENY' },
        },
        given,
      ),
    system: {
      name: 'Default Policy',
      description: DEFAULT,
      rule: PASSWORD_RULE,
    },
    further: [
      {
        name: 'Active Directory Policy',
        description: 'The policy for people whose passwords an Active Directory keeps and judges.',
        conditions: { authProvider: { provider: 'ACTIVE_DIRECTORY' } },
        settings: {
          password: { lockout: { maxAttempts: 0 }, breachedProtection: { expireAfterDays: 0 } },
          recovery: { factors: { okta_email: { status: 'INACTIVE' } } },
        },
        rule: PASSWORD_RULE,
      },
    ],
  },
  MFA_ENROLL: {
    ...byPriority,
    ruleType: 'MFA_ENROLL',
    settings: enrollmentSettings,
    ruleConditions: (given) => ruleConditions({ people: NOBODY_EXCLUDED, network: ANYWHERE }, given),
    ruleActions: (given) => completed({ enroll: { self: 'CHALLENGE' } }, given),
    system: {
      name: 'Default Policy',
      description: DEFAULT,
      rule: {
        name: 'Default Rule',
        conditions: { network: ANYWHERE },
        actions: { enroll: { self: 'CHALLENGE' } },
      },
    },
  },
  IDP_DISCOVERY: {
    ...byPriority,
    making: 'rules',
    forGroups: false,
    conditions: () => null,
    ruleType: 'IDP_DISCOVERY',
    ruleConditions: (given) =>
      ruleConditions(
        {
          network: ANYWHERE,
          platform: ABSENT,
          userIdentifier: { patterns: [] },
          app: { include: [], exclude: [] },
        },
        given,
      ),
    ruleActions: idpSelection,
    system: {
      name: 'Idp Discovery Policy',
      description: 'The default IdP Discovery Policy',
      rule: {
        name: 'Default Rule',
        conditions: null,
        actions: { idp: { providers: [{ type: 'OKTA' }], idpSelectionType: 'SPECIFIC' } },
      },
    },
  },
  PROFILE_ENROLLMENT: {
    ...byAssignment,
    making: 'policies',
    ruleType: 'PROFILE_ENROLLMENT',
    ruleConditions: (given) => completed({}, given),
    ruleActions: profileEnrollment,
    system: {
      name: 'Default Policy',
      description: 'Default policy that is used for all applications that no other policy is assigned to.',
      rule: {
        name: CATCH_ALL,
        conditions: null,
        actions: profileEnrollment({ profileEnrollment: { unknownUserAction: 'DENY' } }),
      },
    },
    catchAll: profileEnrollment({ profileEnrollment: { unknownUserAction: 'DENY' } }),
  },
  POST_AUTH_SESSION: {
    ...ofSystemOnly,
    ruleType: 'POST_AUTH_SESSION',
    ruleConditions: (given) => ruleConditions({ people: NOBODY_EXCLUDED }, given),
    ruleActions: (given) => {
      const { postAuthSession } = completed({ postAuthSession: {} }, given);
      const actions = isObject(postAuthSession) ? postAuthSession.failureActions : undefined;
      if (!Array.isArray(actions)) return { postAuthSession };
      return { postAuthSession: { failureActions: actions.map((one) => ({ slo: null, ...(one as Json) })) } };
    },
    system: {
      name: 'Post Auth Policy',
      description: 'Enables post auth policy evaluation for the org.',
      rule: { name: CATCH_ALL, conditions: null, actions: { postAuthSession: { failureActions: [] } } },
    },
  },
  ENTITY_RISK: {
    ...ofSystemOnly,
    ruleType: 'ENTITY_RISK',
    ruleConditions: (given) =>
      ruleConditions({ people: NOBODY_EXCLUDED, riskDetectionTypes: ABSENT, entityRisk: { level: 'ANY' } }, given),
    ruleActions: (given) => completed({ entityRisk: { actions: [] } }, given),
    system: {
      name: 'Entity Risk Policy',
      description: 'Decides what happens when the risk of a user changes.',
      rule: { name: CATCH_ALL, conditions: null, actions: { entityRisk: { actions: [] } } },
    },
  },
  DEVICE_SIGNAL_COLLECTION: {
    ...ofSystemOnly,
    ruleType: 'DEVICE_SIGNAL_COLLECTION',
    ruleConditions: (given) => ruleConditions({ people: NOBODY_EXCLUDED, network: ANYWHERE }, given),
    ruleActions: (given) => completed({ deviceSignalCollection: { deviceSignalCollectionProviders: [] } }, given),
    system: {
      name: 'Device Signal Collection Policy',
      description: 'Decides which signals of a device are asked for.',
      rule: {
        name: CATCH_ALL,
        conditions: null,
        actions: { deviceSignalCollection: { deviceSignalCollectionProviders: [] } },
      },
    },
  },
  SESSION_VIOLATION_DETECTION: {
    ...ofSystemOnly,
    ruleType: 'SESSION_VIOLATION_DETECTION',
    ruleConditions: (given) => ruleConditions({ network: ANYWHERE, riskScore: { minRiskLevel: 'LOW' } }, given),
    ruleActions: (given) => completed({ sessionViolationDetection: { policyEvaluation: { enabled: false } } }, given),
    system: {
      name: 'Session Violation Detection Policy',
      description: 'Enables session violation detection policy evaluation for the org.',
      rule: {
        name: CATCH_ALL,
        conditions: null,
        actions: { sessionViolationDetection: { policyEvaluation: { enabled: false } } },
      },
    },
  },
};

/** People are shown when somebody is named, the excluded users always; a platform when one is. */
function ruleConditions(defaults: Json, given: unknown): Json {
  const { people, platform, ...others } = isObject(given) ? given : {};
  const said = {
    ...others,
    ...(isObject(people) ? { people: namedPeople(people) } : {}),
    ...(isObject(platform) && Object.keys(platform).length > 0 ? { platform: namedPlatforms(platform) } : {}),
  };
  return completed(defaults, said);
}

function namedPeople(people: Json): Json {
  const { users, groups, ...others } = people;
  const named = (lists: unknown): Json =>
    Object.fromEntries(
      Object.entries(isObject(lists) ? lists : {}).filter(([, ids]) => !Array.isArray(ids) || ids.length > 0),
    );
  const [namedUsers, namedGroups] = [named(users), named(groups)];
  return {
    users: completed({ include: ABSENT, exclude: [] }, namedUsers),
    ...(Object.keys(namedGroups).length > 0
      ? { groups: completed({ include: ABSENT, exclude: ABSENT }, namedGroups) }
      : {}),
    ...others,
  };
}

function namedPlatforms(platform: Json): Json {
  const include = Array.isArray(platform.include) ? platform.include : [];
  const shown = include.filter(isObject).map(({ type, os, ...others }) => ({
    type,
    ...(isObject(os) ? { os: completed({ type: ABSENT }, { ...os, expression: os.expression ?? undefined }) } : {}),
    ...others,
  }));
  return { include: shown, exclude: Array.isArray(platform.exclude) ? platform.exclude : [] };
}

function profileEnrollment(given: unknown): Json {
  return completed(
    {
      profileEnrollment: {
        access: 'ALLOW',
        preRegistrationInlineHooks: null,
        profileAttributes: [
          { name: 'firstName', label: 'First name', required: true },
          { name: 'lastName', label: 'Last name', required: true },
          { name: 'email', label: 'Primary email', required: true },
        ],
        targetGroupIds: null,
        unknownUserAction: 'REGISTER',
        activationRequirements: { emailVerification: true },
        uiSchemaId: ABSENT,
        progressiveProfilingAction: 'DISABLED',
        allowedIdentifiers: ['login'],
      },
    },
    given,
  );
}
