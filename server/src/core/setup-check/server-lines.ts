// Owns the lines of Check setup that are about the authorization server: that it is on, its issuer and audience, its scopes, its
// policies and rules, its keys. Not here: the decision itself (judgement.ts, policies/access-policy.ts).
import { DAY } from '../../base/time.ts';
import { deniedFacts } from '../denial.ts';
import type { Env } from '../env.ts';
import { ROTATION_PERIOD } from '../key-rotation.ts';
import { accessPoliciesOf, type JudgedPolicy, policySteps } from '../policies/access-policy.ts';
import { ALL_CLIENTS } from '../policies/policies.ts';
import { listScopes } from '../scopes.ts';
import { DEFAULT_ALGORITHM, listPublishedKeys } from '../signing-keys.ts';
import { idTokenIssuer } from '../single-logout.ts';
import { type Finding, failure, pass, type SetupFacts, type SetupLine, warning } from './setup-line.ts';

export const serverLines: readonly SetupLine[] = [
  { id: 'server', title: 'Authorization server', step: 4, place: 'server-settings', judge: serverLine },
  { id: 'issuer', title: 'Issuer URL', step: 5, place: 'server-settings', judge: issuerLine },
  { id: 'audience', title: 'Audience', step: 4, place: 'server-settings', judge: audienceLine },
  { id: 'defaultScope', title: 'Default scope', step: 6, place: 'server-scopes', judge: defaultScopeLine },
  { id: 'scopes', title: 'Scopes', step: 6, place: 'server-scopes', judge: scopesLine },
  { id: 'policy', title: 'Access policy', step: 7, place: 'server-policies', judge: policyLine },
  { id: 'rule', title: 'Rule', step: 7, place: 'server-policies', judge: ruleLine },
  { id: 'keys', title: 'Signing keys', step: null, place: 'server-keys', judge: keysLine },
];

function serverLine(_: Env, { server }: SetupFacts): Finding {
  if (server.status !== 'ACTIVE')
    return failure(
      `“${server.name}” is not active: its addresses answer that there is no such server.`,
      'Activate the authorization server, under Actions on its page.',
    );
  if (server.kind === 'org')
    return warning(
      'This is the organization’s own issuer: it has no scopes, claims or policies of yours, and its access tokens are for this server alone.',
      'Give the application the Issuer URL of a custom authorization server.',
      'application-sign-on',
    );
  if (server.isDefault)
    return warning(
      'This is the default server: tokens that other applications get from it look the same to whoever checks the issuer alone.',
      'Create an authorization server for this application.',
    );
  return pass(`“${server.name}” is active.`);
}

function issuerLine(env: Env, facts: SetupFacts): Finding {
  const { server, application, issuer: given } = facts;
  const issuer = idTokenIssuer(env, facts);
  const place = server.kind === 'org' ? 'application-sign-on' : 'server-settings';
  if (given !== null && given !== issuer)
    return failure(
      `The application was given ${given}, and tokens say ${issuer}. The two must be the same, letter for letter.`,
      `Give the application ${issuer}, or change the Issuer so that tokens say what it expects.`,
      place,
    );
  const mode = server.kind === 'org' ? application.settings.oauthClient.issuer_mode : server.issuerMode;
  if (mode === 'DYNAMIC')
    return warning(
      `It is Dynamic: tokens name whichever address of this server was used. By the one in use now that is ${issuer}; by another it is another, and refused.`,
      'Choose the Okta URL, which stays the same.',
      place,
    );
  if (mode === 'ORG_URL' && env.request.origin !== env.config.url)
    return warning(
      `Tokens say ${issuer}, though this server is in use as ${env.request.origin}.`,
      `Give the application ${issuer}, or choose the custom URL as Issuer.`,
      place,
    );
  return pass(issuer);
}

function audienceLine(_: Env, { server, application: { client_id } }: SetupFacts): Finding | null {
  if (server.kind === 'org') return null;
  if (server.audience === client_id) return pass(`${server.audience}, which is the Client ID.`);
  return warning(
    `Access tokens are for ${server.audience}, not for the Client ID ${client_id}: an application that checks the audience of access tokens against its own Client ID refuses them.`,
    `Set the Audience to ${client_id}, unless an API of its own checks for ${server.audience}.`,
  );
}

async function defaultScopeLine(env: Env, { server, scopes }: SetupFacts): Promise<Finding | null> {
  if (server.kind === 'org') return null;
  const defaults = (await listScopes(env, server)).filter((scope) => scope.default).map(({ name }) => name);
  if (defaults.length > 0) return pass(defaults.join(', '));
  const fix = 'Create a scope and tick “Set as a default scope”.';
  return scopes === null
    ? failure(
        'The application names no scope, and the server has no default one: it is refused with invalid_scope.',
        fix,
      )
    : warning('There is none: a request that names no scope is refused with invalid_scope.', fix);
}

async function scopesLine(env: Env, { scopes, user, parts }: SetupFacts): Promise<Finding> {
  const { refused } = parts.scopes;
  if (refused) {
    const { trace, whatWouldPass } = await deniedFacts(env, refused);
    const says = trace.findLast(({ passed }) => !passed)?.explanation ?? 'The request names no scope';
    return failure(`${says}: the application is refused.`, optionsOf(whatWouldPass));
  }
  if (scopes === null) return pass('The application names none and gets the default ones.');
  if (user && !scopes.includes('openid'))
    return warning(
      'The application does not ask for openid, so it gets no ID token and does not learn who signed in.',
      'Let the application ask for openid, profile and email.',
    );
  return pass(scopes.join(' '));
}

async function policyLine(env: Env, facts: SetupFacts): Promise<Finding | null> {
  const { server, application, parts } = facts;
  if (server.kind === 'org') return null;
  const { client_id: clientId, label } = application;
  const { policies } = await accessPoliciesOf(env, server, { withDefaults: false });
  const covering = policies.filter((policy) => covers(policy, clientId));
  const [first] = covering;
  if (!first) {
    const asleep = policies.find((policy) => failing(policy, clientId).every((condition) => condition === 'status'));
    if (asleep)
      return failure(
        `The policy “${asleep.name}” is for this application, but it is not active.`,
        'Activate the policy.',
      );
    return policies.length === 0
      ? failure('The server has no access policy, so it issues nothing to anybody.', 'Add an access policy and a rule.')
      : failure(
          `None of the policies is for this application: ${namesOf(policies)}.`,
          `Assign a policy to the client “${label}”.`,
        );
  }
  const decided = parts.access.allowed ? parts.access.rule?.policyId : undefined;
  const policy = covering.find(({ id }) => id === decided) ?? first;
  if (policy.clients.includes(ALL_CLIENTS))
    return warning(
      `The policy “${policy.name}” is for all clients: every other application gets tokens of this issuer too, and whoever does not check the audience accepts them.`,
      'Assign the policy to this client alone.',
    );
  return pass(`“${policy.name}” is for this application.`);
}

async function ruleLine(env: Env, { server, application, parts, user }: SetupFacts): Promise<Finding | null> {
  const { access } = parts;
  if (server.kind === 'org') return null;
  if (access.allowed) {
    const { accessTokenMinutes } = access.lifetimes;
    return pass(
      `“${access.rule?.ruleName}” gives ${access.scopes.join(' ') || 'no scope'}; access tokens live ${accessTokenMinutes} minutes.`,
    );
  }
  const { policies } = await accessPoliciesOf(env, server, { withDefaults: false });
  // That none covers the client, and that none is a default scope, have lines of their own.
  if (access.reason === 'no_default_scopes' || !policies.some((policy) => covers(policy, application.client_id)))
    return null;
  const { whatWouldPass } = await deniedFacts(env, access);
  const reasons = access.trace
    .filter(({ passed, policyId, condition }) => !passed && policyId !== null && condition !== 'clients')
    .map(({ ruleName, policyName, explanation }) => `“${ruleName ?? policyName}”: ${explanation}`);
  const says = `No rule lets ${user?.login ?? 'the application'} have this. ${reasons.join('. ')}.`;
  return failure(says, optionsOf(whatWouldPass));
}

async function keysLine(env: Env, { server }: SetupFacts): Promise<Finding> {
  const keys = await listPublishedKeys(env, server.id);
  const active = keys.find(({ status }) => status === 'ACTIVE');
  if (!active)
    return failure('There is no active signing key: no token can be signed.', 'Generate a new key on the Keys tab.');
  if (active.alg !== DEFAULT_ALGORITHM)
    return warning(
      `Tokens are signed with ${active.alg}. Applications that expect ${DEFAULT_ALGORITHM}, as most do, find no key for them.`,
      `Tell the application to accept ${active.alg}, or sign with ${DEFAULT_ALGORITHM}.`,
      'server-settings',
    );
  const days = Math.floor((env.now() - active.statusChanged) / DAY);
  if (server.rotationMode === 'MANUAL')
    return warning(
      `Keys change by hand alone; the present one signs since ${days} days, and ${ROTATION_PERIOD / DAY} is the usual end.`,
      'Let keys rotate automatically, or put the next rotation into a calendar.',
      'server-settings',
    );
  return pass(
    `${keys.length} published (${keys.map(({ kid }) => kid.slice(0, 8)).join(', ')}…), signed with ${active.alg}.`,
  );
}

function covers(policy: JudgedPolicy, clientId: string): boolean {
  return failing(policy, clientId).every((condition) => condition === 'rules');
}

function failing(policy: JudgedPolicy, clientId: string): string[] {
  return [...policySteps(policy, { clientId })].filter(({ passed }) => !passed).map(({ condition }) => condition);
}

function namesOf(policies: readonly JudgedPolicy[]): string {
  const names = policies.slice(0, 5).map(({ name }) => `“${name}”`);
  return policies.length > 5 ? `${names.join(', ')} and ${policies.length - 5} more` : names.join(', ');
}

/** The smallest changes that would let it through, as one sentence. */
function optionsOf(options: readonly (readonly { description: string }[])[]): string {
  const told = options.slice(0, 3).map((changes) => changes.map(({ description }) => description).join(', and '));
  return told.length === 0 ? 'Change the request.' : `${told.join('. Or: ')}.`;
}
