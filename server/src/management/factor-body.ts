// Owns how a factor is shown, by the management API and in the authentication API's states, and how the outcome of a proof by one
// becomes a refusal. Not here: the routes.
import type { z } from 'zod';
import { toIso } from '../base/time.ts';
import { DIGITS, TIME_STEP_SECONDS } from '../base/totp.ts';
import type { Env } from '../core/env.ts';
import { type Factor, type OfferedFactor, qrToken, secretOf } from '../core/factors.ts';
import { Refusal } from '../core/refusal.ts';
import type { FactorOutcome } from '../core/verify-factor.ts';
import { link } from './authorization-servers.ts';
import type { factor as factorShape, offeredFactor as offeredShape } from './factors.schema.ts';

/** The factor without its secret: only who enrols it is shown that (withActivation), since readers of the API are many. */
export function showFactor(env: Env, factor: Factor): z.input<typeof factorShape> {
  const user = `${env.request.origin}/api/v1/users/${factor.user_id}`;
  const self = `${user}/factors/${factor.id}`;
  const step = factor.status === 'ACTIVE' ? 'verify' : 'activate';
  return {
    ...nameFactor(factor),
    status: factor.status,
    created: toIso(factor.created),
    lastUpdated: toIso(factor.last_updated),
    profile: factor.profile,
    _links: {
      ...(factor.factor_type === 'question' ? { questions: link(`${user}/factors/questions`, 'GET') } : {}),
      [step]: link(`${self}/${step === 'verify' ? step : 'lifecycle/activate'}`, 'POST'),
      self: link(self, 'GET', 'DELETE'),
      user: link(user, 'GET'),
    },
  };
}

export function nameFactor({ id, factor_type, provider }: Factor) {
  return { id, factorType: factor_type, provider, vendorName: provider };
}

/** What the app that makes the codes has to know, while the factor waits for its first one. */
export function activationOf(env: Env, factor: Factor) {
  if (factor.status === 'ACTIVE') return {};
  return {
    _embedded: {
      activation: {
        timeStep: TIME_STEP_SECONDS,
        sharedSecret: secretOf(env, factor),
        encoding: 'base32',
        keyLength: DIGITS,
        _links: { qrcode: { href: `${env.request.origin}${qrPath(env, factor)}`, type: 'image/png' } },
      },
    },
  };
}

export function qrPath(env: Env, factor: Factor): string {
  return `/api/v1/users/${factor.user_id}/factors/${factor.id}/qr/${qrToken(env, factor)}`;
}

export function showOffered({ kind, enrollment, status }: OfferedFactor, links: Record<string, unknown>) {
  const { factorType, provider } = kind;
  // What policy does not allow is not offered.
  const shown = enrollment === 'REQUIRED' ? 'REQUIRED' : 'OPTIONAL';
  return { factorType, provider, vendorName: provider, status, enrollment: shown, _links: links } satisfies z.input<
    typeof offeredShape
  >;
}

/** Throws what clients know of a proof that failed. */
export function requireProven(outcome: FactorOutcome, factor: Pick<Factor, 'factor_type'> | null): void {
  if (outcome === 'proven') return;
  if (outcome === 'locked') throw new Refusal('E0000069');
  if (outcome === 'replayed') throw new Refusal('E0000082');
  const what = factor?.factor_type === 'question' ? 'answer' : 'passcode';
  throw new Refusal('E0000068', '', [`Your ${what} doesn't match our records. Please try again.`]);
}
