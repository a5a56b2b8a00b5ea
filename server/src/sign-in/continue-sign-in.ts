// Owns what follows a proof of identity, whichever page took it: the step that next-step.ts names, and in the end the session and
// the way back to where the person was going. Steps never lead to each other; each comes back here.

import { findClient } from '../core/applications.ts';
import { knownLevels } from '../core/assurance-levels.ts';
import { isKeptOut } from '../core/authenticate.ts';
import { findAuthorizationRequest } from '../core/authorization-requests.ts';
import type { Env } from '../core/env.ts';
import { keepPendingSignIn } from '../core/pending-sign-ins.ts';
import { deviceHash } from '../core/remembered-devices.ts';
import type { IdentityProof } from '../core/sessions.ts';
import { type Circumstances, stepOf } from '../core/sign-in-step.ts';
import type { User } from '../core/users.ts';
import { readCookie } from '../http/cookies.ts';
import type { Browser } from '../http/csrf.ts';
import { establishSession } from '../http/establish-session.ts';
import { askForFactor } from './ask-for-factor.ts';
import { askToEnroll } from './ask-to-enroll.ts';
import { askForNewPassword } from './expired-password.ts';
import { safeTarget } from './safe-target.ts';
import { seeOther } from './see-other.ts';

/** Where the person was going: to a waiting authorization request, to a place on request, or nowhere in particular. */
export type Destination = { handle: string | null; fromURI: string | null };

export type ProvenSignIn = { person: User; proof: IdentityProof; destination: Destination };

/** The next page; null when this account may not be signed in to, which the caller words. */
export async function continueSignIn(
  env: Env,
  request: Request,
  browser: Browser,
  { person, proof, destination }: ProvenSignIn,
): Promise<Response | null> {
  const within = await circumstancesOf(env, request, browser, destination);
  const asked = await stepOf(env, person, proof, within);
  // What an application asks for and this person cannot give is the application's to hear, not a reason to stay outside.
  const step =
    asked === 'refuse' ? await stepOf(env, person, proof, { ...within, asked: [], application: null }) : asked;
  if (step === 'refuse') return null;
  if (step === 'begin-session') {
    // Links that set a password and other identity providers prove who somebody is without having asked the policies.
    if (await isKeptOut(env, person, proof.identityProviderId)) return null;
    const { cookie } = await establishSession(env, request, person.id, proof);
    return seeOther(await landingOf(env, destination), [cookie]);
  }
  const { token } = await keepPendingSignIn(env, 'pages', { person, proof, kept: keptOf(destination) });
  const { identityProviderId } = proof;
  const asking = { token, person, identityProviderId, formAction: await leadsTo(env, browser, destination) };
  switch (step) {
    case 'change-password':
      return askForNewPassword(env, browser, asking);
    case 'verify-factor':
      return askForFactor(env, browser, asking);
    case 'enroll-factor':
      return askToEnroll(env, browser, asking);
  }
}

/** What of the request bears on the next step. */
export async function circumstancesOf(
  env: Env,
  request: Request,
  browser: Browser,
  { handle }: Destination,
): Promise<Circumstances> {
  const waiting = handle === null ? null : await findAuthorizationRequest(env, handle, browser.id);
  const list = waiting?.parameters.acr_values;
  const asked = typeof list === 'string' ? knownLevels(list) : [];
  const application = waiting === null ? null : await findClient(env, waiting.client_id);
  return { asked, application, device: deviceHash(readCookie(request, 'DT')) };
}

/** URIs beyond this server to which finishing may lead, for the page's policy. */
export async function leadsTo(env: Env, browser: Browser, destination: Destination): Promise<string[]> {
  if (destination.handle !== null) {
    const waiting = await findAuthorizationRequest(env, destination.handle, browser.id);
    const uri = waiting?.parameters.redirect_uri;
    return typeof uri === 'string' && URL.canParse(uri) ? [uri] : [];
  }
  const target = await safeTarget(env, destination.fromURI);
  return target === null || target.startsWith('/') ? [] : [target];
}

export function destinationOf(kept: Record<string, string>): Destination {
  return { handle: kept.handle ?? null, fromURI: kept.fromURI ?? null };
}

export function keptOf({ handle, fromURI }: Destination): Record<string, string> {
  return { ...(handle === null ? {} : { handle }), ...(fromURI === null ? {} : { fromURI }) };
}

async function landingOf(env: Env, { handle, fromURI }: Destination): Promise<string> {
  if (handle !== null) return `/oauth2/resume?${new URLSearchParams({ request: handle })}`;
  return (await safeTarget(env, fromURI)) ?? '/';
}
