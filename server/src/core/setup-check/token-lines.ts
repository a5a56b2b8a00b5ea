// Owns the lines of Check setup that are about what comes out: refresh tokens, what tokens say of the person and their groups, and
// whether clocks agree about them. What tokens say is read off the engine's preview. Not here: minting (issue-tokens.ts).
import { MINUTE, SECOND } from '../../base/time.ts';
import { listClaims } from '../claims.ts';
import type { Env } from '../env.ts';
import type { ToldClaim } from '../explain-tokens.ts';
import { termsOf } from '../grant-terms.ts';
import { type Finding, failure, pass, type SetupFacts, type SetupLine, warning } from './setup-line.ts';

export const tokenLines: readonly SetupLine[] = [
  { id: 'refreshToken', title: 'Refresh token', step: 3, place: 'application-general', judge: refreshTokenLine },
  { id: 'claims', title: 'Claims', step: null, place: 'server-claims', judge: claimsLine },
  { id: 'groups', title: 'Groups claim', step: null, place: 'server-claims', judge: groupsLine },
  { id: 'clock', title: 'Clock', step: null, place: 'server-policies', judge: clockLine },
];

const CLAIM_PROBLEMS = ['user_claim_evaluation_failure', 'system_claim_evaluation_failure', 'too_many_groups'];

function refreshTokenLine(_: Env, { application, grantType, scopes, parts, user }: SetupFacts): Finding | null {
  if (!user || grantType === 'implicit') return null;
  const { grant_types, refresh_token, application_type } = application.settings.oauthClient;
  const isTicked = grant_types.includes('refresh_token');
  const isAsked = scopes?.includes('offline_access') ?? false;
  if (isAsked && !isTicked)
    return warning(
      'The application asks for offline_access, but the grant Refresh Token is not ticked: it gets none, and people are signed out when their access token ends.',
      'Tick Refresh Token.',
    );
  if (!isTicked)
    return application_type === 'browser'
      ? warning(
          'There is none: the application renews in a hidden frame, which browsers without third-party cookies (Safari, Firefox) refuse.',
          'Tick Refresh Token, and let the application ask for offline_access.',
        )
      : pass('The application gets none.');
  if (!isAsked)
    return warning(
      'The grant is ticked, but the application does not ask for offline_access: it gets no refresh token.',
      'Let the application ask for the scope offline_access.',
    );
  const isPublic = application.credentials.oauthClient.token_endpoint_auth_method === 'none';
  if (refresh_token?.rotation_type === 'STATIC' && isPublic)
    return warning(
      'It stays the same after use: whoever takes it from the browser can use it unnoticed.',
      'Choose “Rotate token after every use”.',
    );
  if (refresh_token?.rotation_type === 'ROTATE' && (refresh_token.leeway ?? 0) === 0)
    return warning(
      'It rotates without a grace period: two tabs, or a lost answer, end the session.',
      'Set the grace period to 30 seconds.',
    );
  const rotation =
    refresh_token?.rotation_type === 'ROTATE' ? `rotates, with ${refresh_token.leeway} seconds of grace` : 'stays';
  if (!parts.access.allowed) return pass(`It ${rotation}.`);
  const { refreshTokenWindowMinutes: window, refreshTokenMinutes: life } = parts.access.lifetimes;
  const altogether = life === 0 ? '' : `, or ${lasting(life)} altogether`;
  return pass(`It ${rotation}; it ends after ${lasting(window)} without use${altogether}.`);
}

function claimsLine(_: Env, facts: SetupFacts): Finding | null {
  const { explanation, server } = facts;
  const place = server.kind === 'org' ? 'application-sign-on' : 'server-claims';
  if (explanation.reason !== null && CLAIM_PROBLEMS.includes(explanation.reason)) {
    const says = explanation.trace.at(-1)?.explanation ?? 'A claim cannot be evaluated';
    return failure(`${says}: nothing is issued.`, 'Correct the claim, or disable it.', place);
  }
  const told = claimsOf(facts);
  if (told.length === 0 || !facts.scopes?.includes('openid')) return null;
  const names = ['email', 'preferred_username'];
  const present = names.filter((name) => told.some((claim) => claim.name === name && isTold(claim)));
  if (present.length === names.length) return pass(`${present.join(' and ')} tell who signed in.`);
  const missing = names.filter((name) => !present.includes(name));
  const whys = missing.map(
    (name) => `${name}: ${told.find((claim) => claim.name === name)?.why ?? 'there is no such claim'}`,
  );
  return warning(
    `Tokens do not say ${missing.join(' and ')}, by which applications know people (${whys.join('; ')}).`,
    'Let the application ask for profile and email, enable these claims, and fill in the person’s profile.',
  );
}

async function groupsLine(env: Env, facts: SetupFacts): Promise<Finding | null> {
  const { server, application, user, explanation } = facts;
  if (!user || termsOf(facts.grantType).actsFor === 'client') return null;
  const place = server.kind === 'org' ? 'application-sign-on' : 'server-claims';
  const known =
    server.kind === 'org'
      ? [application.settings.groupsClaim?.name ?? []].flat()
      : (await listClaims(env, server)).filter(isAboutGroups).map(({ name }) => name);
  if (known.length === 0)
    return warning(
      'No claim names the groups of a person: an application that gives roles by group finds none, and nobody is administrator there.',
      'Add a claim “groups” with the value type Groups, in the ID token, always.',
      place,
    );
  if (explanation.outcome === 'DENY')
    return pass(`${known.join(', ')} is configured; what it says shows once a sign-in passes.`);
  const told = claimsOf(facts).filter(({ name }) => known.includes(name));
  const included = told.find(isTold);
  if (included) return pass(`${included.name}: ${JSON.stringify(included.value ?? 'at userinfo')}`);
  return warning(
    `${known.join(', ')} is configured, but says nothing for ${user.login}: ${told[0]?.why ?? 'this request gets no token with it'}.`,
    'Check the filter of the claim, its scopes, and the groups of the person.',
    place,
  );
}

function clockLine(env: Env, { clock, parts }: SetupFacts): Finding {
  const skew = clock === null ? 0 : Math.round(Math.abs(clock - env.now()) / SECOND);
  const mine = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' }).format(
    env.now(),
  );
  const fix = 'Let both machines take their time from NTP.';
  if (skew * SECOND > 5 * MINUTE)
    return failure(
      `This server’s clock (${mine} UTC) and yours are ${skew} seconds apart. If the application’s is as far off, it refuses every token.`,
      fix,
    );
  if (skew > 30)
    return warning(
      `This server’s clock (${mine} UTC) and yours are ${skew} seconds apart; strict applications allow 30.`,
      fix,
    );
  const minutes = parts.access.allowed ? parts.access.lifetimes.accessTokenMinutes : null;
  if (minutes !== null && minutes <= 5)
    return warning(
      `Access tokens live ${minutes} minutes: an application whose clock is that far ahead refuses every one of them.`,
      'Raise the access token lifetime of the rule.',
    );
  return pass(
    `It is ${mine} UTC here${clock === null ? '' : ', as on your machine'}. The application’s clock must agree.`,
  );
}

function lasting(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? 'a day' : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'an hour' : `${minutes / 60} hours`;
  return `${minutes} minutes`;
}

/** What every token of this request says, the ID tokens first. */
function claimsOf({ explanation }: SetupFacts): ToldClaim[] {
  return explanation.tokens.flatMap(({ idToken, accessToken }) => [
    ...(idToken?.claims ?? []),
    ...(accessToken?.claims ?? []),
  ]);
}

function isTold({ included, value }: ToldClaim): boolean {
  return included && !(Array.isArray(value) && value.length === 0);
}

function isAboutGroups({ name, valueType, status }: { name: string; valueType: string; status: string }): boolean {
  return status === 'ACTIVE' && (valueType === 'GROUPS' || /^(groups?|roles?)$/i.test(name));
}
