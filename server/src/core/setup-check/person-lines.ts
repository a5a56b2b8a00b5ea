// Owns the lines of Check setup that are about the person: that they can sign in, may use the application, and what they are asked.
// Not here: the rules (user-status.ts, policies/session-policy.ts, application-assignments.ts, consents.ts).
import { scopesToConsent } from '../consents.ts';
import type { Env } from '../env.ts';
import { objectionToConsent, termsOf } from '../grant-terms.ts';
import { applicationSignOn } from '../policies/application-sign-on.ts';
import { sessionTerms } from '../policies/session-policy.ts';
import { stepOf } from '../sign-in-step.ts';
import { termsChanges, termsSentence } from '../told-terms.ts';
import { statusesThatSignIn } from '../user-status.ts';
import { isUsable } from '../users.ts';
import { type Finding, failure, pass, type SetupFacts, type SetupLine, warning } from './setup-line.ts';

export const personLines: readonly SetupLine[] = [
  { id: 'person', title: 'Person', step: null, place: 'person', judge: personLine },
  { id: 'signOnPolicy', title: 'Sign-on policy', step: null, place: 'person', judge: signOnPolicyLine },
  { id: 'secondFactor', title: 'Second factor', step: null, place: 'person', judge: secondFactorLine },
  { id: 'assignment', title: 'Assignment', step: 3, place: 'application-assignments', judge: assignmentLine },
  { id: 'consent', title: 'User consent', step: 8, place: 'application-general', judge: consentLine },
];

function personLine(_: Env, { user }: SetupFacts): Finding | null {
  if (!user) return null;
  const status = user.status.toLowerCase().replaceAll('_', ' ');
  if (!isUsable(user) || !statusesThatSignIn.includes(user.status))
    return failure(
      `${user.login} is ${status} and cannot sign in.`,
      user.status === 'LOCKED_OUT' ? 'Unlock the account.' : 'Bring the account to the status Active.',
    );
  if (user.status !== 'ACTIVE')
    return warning(
      `${user.login} is ${status}: the next sign-in asks for a new password first.`,
      'Nothing, unless the person cannot do that.',
    );
  return pass(`${user.login} is active.`);
}

async function signOnPolicyLine(env: Env, { user, application }: SetupFacts): Promise<Finding | null> {
  if (!user) return null;
  const ofApplication = await applicationSignOn(env, application, user);
  if (ofApplication.access !== 'ALLOW')
    return failure(
      `The rule “${ofApplication.rule?.ruleName}” of the application’s sign-on policy “${ofApplication.rule?.policyName}” ` +
        (ofApplication.access === 'DENY' ? 'keeps this person out.' : 'wants a proof that this server cannot take.'),
      'Change the rule, or assign another sign-on policy to the application.',
    );
  const { access, rule } = await sessionTerms(env, user.id);
  const from = `judged from your address, ${env.request.ip}`;
  if (!rule) return pass(`No rule keeps this person out (${from}).`);
  const named = `The rule “${rule.name}” of the policy “${rule.policyName}”`;
  if (access === 'ALLOW') return pass(`${named} lets this person sign in (${from}).`);
  return failure(
    `${named} keeps this person out (${from}). The sign-in page says no more than that signing in failed.`,
    'Change the rule of the sign-on policy, or the groups of the person.',
  );
}

/** What a sign-in with a right password meets next. */
async function secondFactorLine(env: Env, { user, application, grantType }: SetupFacts): Promise<Finding | null> {
  if (!user || termsOf(grantType).scopes === 'without-sign-in') return null;
  const step = await stepOf(
    env,
    user,
    { amr: ['pwd'], authenticatedAt: env.now() },
    { asked: [], application, device: null },
  );
  // Whose account is shut, or whose password has expired, has a line of their own.
  if (user.status !== 'ACTIVE' || step === 'begin-session') return pass('None is asked for.');
  if (step === 'refuse')
    return failure(
      'The sign-on policy wants a second factor; this person has none, and no enrollment policy lets them set one up: the sign-in ends there.',
      'Let an enrollment policy allow a factor, or enrol one for the person.',
    );
  if (grantType === 'password')
    return failure(
      'The sign-on policy wants a second factor, which the grant password cannot ask for: the application is refused.',
      'Send the person to the sign-in page: use authorization_code.',
    );
  return step === 'verify-factor'
    ? pass('The sign-in asks for one, and this person has one.')
    : pass('The sign-in first leads this person through setting one up.');
}

function assignmentLine(_: Env, { user, application, parts }: SetupFacts): Finding | null {
  if (!user) return null;
  return parts.assignment.refused
    ? failure(
        `${user.login} is not assigned to “${application.label}”, neither by name nor through a group.`,
        'Assign the person, or a group of theirs.',
      )
    : pass(`${user.login} is assigned to “${application.label}”.`);
}

async function consentLine(env: Env, facts: SetupFacts): Promise<Finding | null> {
  const { server, application, user, grantType, parts } = facts;
  const scopes = parts.access.allowed ? parts.access.scopes : (facts.scopes ?? []);
  if (termsOf(grantType).consent !== 'page' || !user) {
    const objection = await objectionToConsent(env, facts, grantType, scopes);
    return objection
      ? failure(
          `${termsSentence(objection)}.`,
          `${termsChanges(objection)[0]?.[0]?.description ?? 'Change the scopes'}.`,
        )
      : pass('Nobody has to agree to anything first.');
  }
  const asked = await scopesToConsent(env, { server, application, user }, scopes, false);
  if (asked.length === 0) return pass('Nobody is asked to agree.');
  return warning(
    `${user.login} is first asked to agree to ${asked.join(', ')}. Until then, renewal in the background is refused with consent_required.`,
    'Untick “User consent” unless people have to be asked.',
  );
}
