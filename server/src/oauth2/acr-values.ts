// Owns `acr_values` of an authorization request (OIDC Core 3.1.2.1): what it asks for, and whether a session meets it, can be brought to,
// or never will. The first level that is met goes into the tokens as `acr`. Not here: which levels there are
// (core/assurance-levels.ts), and how a person proves who they are (sign-in/).
import type { Application } from '../core/applications.ts';
import { isReachable, knownLevels, metLevel } from '../core/assurance-levels.ts';
import type { Env } from '../core/env.ts';
import { usableFactors } from '../core/factors.ts';
import { proofOf, type SignedIn } from '../core/sessions.ts';
import { canStepUp } from '../core/sign-in-step.ts';
import { oauthError } from './oauth-error.ts';
import type { Parameters } from './parameters.ts';

/** The levels asked for, in the order of preference; those that nobody knows are passed over. Throws when none can be reached. */
export function acrValuesOf(parameters: Parameters): string[] {
  const asked = knownLevels(parameters.get('acr_values') ?? '');
  if (asked.length > 0 && !isReachable(asked)) throw oauthError('unmet_acr_values');
  return asked;
}

/** `needsFactor`: the application's own policy wants a further factor, whatever the request asks. */
export type Wanted = { acrValues: readonly string[]; application: Application; needsFactor: boolean };

/** `met`: with the level, where one was asked for. `step-up`: a further factor would meet it. */
export type Assurance = { is: 'met'; acr: string | undefined } | { is: 'step-up' } | { is: 'unmet' };

export async function assuranceOf(
  env: Env,
  { acrValues: asked, application, needsFactor }: Wanted,
  { session, user }: SignedIn,
): Promise<Assurance> {
  const lacksFactor = needsFactor && !session.amr.includes('mfa');
  if (asked.length === 0 && !lacksFactor) return { is: 'met', acr: undefined };
  const hasFactor = (await usableFactors(env, user.id)).length > 0;
  const acr = metLevel(asked, { amr: session.amr, hasFactor });
  if ((asked.length === 0 || acr !== undefined) && !lacksFactor) return { is: 'met', acr };
  const within = { asked, application, device: null };
  return { is: (await canStepUp(env, user, proofOf(session), within)) ? 'step-up' : 'unmet' };
}
