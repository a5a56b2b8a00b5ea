// Owns further factors in the middle of a sign-in by the authentication API: setting one up, and proving by one. Which of the two is
// open to a person follows from what they have proven, never from what they ask for. Not here: the states (authn-state.ts).
import type { Env } from '../core/env.ts';
import { kindOf } from '../core/factor-kinds.ts';
import { enrollFactor, getFactor, usableFactors } from '../core/factors.ts';
import { sessionTerms } from '../core/policies/session-policy.ts';
import { invalid, notFound, Refusal } from '../core/refusal.ts';
import { rememberDevice } from '../core/remembered-devices.ts';
import { withFactor } from '../core/sign-in-step.ts';
import { activateFactor, verifyFactor } from '../core/verify-factor.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { FACTORS, giveAttemptBack, takeAttempt } from '../http/sign-in-throttle.ts';
import { factorEnrollment, factorProof, rememberQuery, transaction } from './authn.schema.ts';
import { goOn, waitingFor, wrongState } from './authn-state.ts';
import { requireProven } from './factor-body.ts';

const tags = ['Authentication'];

export const authnFactorRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/authn/factors',
    operationId: 'enrollFactorByApi',
    summary: 'Set up a factor that the sign-in asks for',
    tags,
    access: 'public',
    body: factorEnrollment,
    responses: { 200: transaction },
    async handle({ env, body: { stateToken, ...input } }) {
      const { pending } = await waitingFor(env, stateToken, 'enroll-factor');
      const { person, proof, kept } = pending;
      const enrolled = await enrollFactor(env, person, input);
      if (enrolled.status !== 'ACTIVE')
        return json(await goOn(env, stateToken, { ...pending, kept: { ...kept, factorId: enrolled.id } }));
      return json(await goOn(env, stateToken, { person, kept, proof: withFactor(env, proof, kindOf(enrolled)) }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/factors/{factorId}/lifecycle/activate',
    operationId: 'activateFactorByApi',
    summary: 'Complete the set-up of a factor with its first code',
    tags,
    access: 'public',
    body: factorProof,
    responses: { 200: transaction },
    async handle({ env, params, body }) {
      const { pending } = await waitingFor(env, body.stateToken, 'enroll-factor');
      const { person, proof, kept } = pending;
      if (kept.factorId !== params.factorId) throw wrongState();
      const factor = await getFactor(env, person.id, params.factorId);
      if (factor.status !== 'PENDING_ACTIVATION') throw wrongState();
      limited(env);
      requireProven(await activateFactor(env, person, factor, body), factor);
      giveAttemptBack(env, FACTORS);
      const proven = { person, kept: without(kept), proof: withFactor(env, proof, kindOf(factor)) };
      return json(await goOn(env, body.stateToken, proven));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/factors/{factorId}/verify',
    operationId: 'verifyFactorByApi',
    summary: 'Prove by a factor; without a proof, choose it',
    tags,
    access: 'public',
    query: rememberQuery,
    body: factorProof,
    responses: { 200: transaction },
    async handle({ env, params, query, body }) {
      const { pending } = await waitingFor(env, body.stateToken, 'verify-factor');
      const { person, proof, kept } = pending;
      const factor = (await usableFactors(env, person.id)).find(({ id }) => id === params.factorId);
      if (!factor) throw notFound(params.factorId, 'UserFactor');
      if (!body.passCode && !body.answer) {
        if (kept.factorId === factor.id) throw invalid('passCode', 'passCode: The field cannot be left blank');
        return json(await goOn(env, body.stateToken, { ...pending, kept: { ...kept, factorId: factor.id } }));
      }
      limited(env);
      requireProven(await verifyFactor(env, person, factor, body), factor);
      giveAttemptBack(env, FACTORS);
      if (query.rememberDevice === 'true' || body.rememberDevice === true) await remember(env, person.id, kept.device);
      const proven = { person, kept: without(kept), proof: withFactor(env, proof, kindOf(factor)) };
      return json(await goOn(env, body.stateToken, proven));
    },
  }),
];

function without({ factorId: _, ...kept }: Record<string, string>): Record<string, string> {
  return kept;
}

async function remember(env: Env, userId: string, device: string | undefined): Promise<void> {
  const { rememberFor } = (await sessionTerms(env, userId)).factor;
  if (device !== undefined && rememberFor > 0) await rememberDevice(env, userId, device);
}

function limited(env: Env): void {
  if (!takeAttempt(env, FACTORS)) throw new Refusal('E0000047');
}
