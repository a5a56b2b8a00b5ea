// Owns taking in the proof by a further factor, in the middle of a sign-in, and the way back into one for a session that proved too
// little for what an application asks. Not here: asking (ask-for-factor.ts), judging (core/verify-factor.ts), and what comes after.
import { hashToken, newOpaqueToken } from '../base/opaque-token.ts';
import { DAY, MINUTE } from '../base/time.ts';
import { findAuthorizationRequest } from '../core/authorization-requests.ts';
import type { Env } from '../core/env.ts';
import { kindOf } from '../core/factor-kinds.ts';
import { type Factor, usableFactors } from '../core/factors.ts';
import type { Step } from '../core/next-step.ts';
import { endPendingSignIn, findPendingSignIn, type PendingSignIn } from '../core/pending-sign-ins.ts';
import { sessionTerms } from '../core/policies/session-policy.ts';
import { canBeRemembered, rememberDevice } from '../core/remembered-devices.ts';
import { findSession, proofOf } from '../core/sessions.ts';
import { stepOf, withFactor } from '../core/sign-in-step.ts';
import { type FactorOutcome, verifyFactor } from '../core/verify-factor.ts';
import { readCookie, setCookie } from '../http/cookies.ts';
import { type Browser, browserOf } from '../http/csrf.ts';
import { errorPage } from '../http/error-page.ts';
import { type Route, route } from '../http/route.ts';
import { FACTORS, giveAttemptBack, secondsToWait, takeAttempt } from '../http/sign-in-throttle.ts';
import { type AskingForFactor, askForFactor, factorPurpose } from './ask-for-factor.ts';
import { circumstancesOf, continueSignIn, type Destination, destinationOf, leadsTo } from './continue-sign-in.ts';
import { foreignFormPage, readOwnForm, single } from './own-form.ts';
import { seeOther } from './see-other.ts';

const tags = ['Sign-in'];
const REMEMBERED_SECONDS = (365 * DAY) / 1000;
/** A session whose proof is older does not set up a factor: whoever sits at a browser left open must not add one of their own. */
const FRESH_ENOUGH_TO_ENROLL = 15 * MINUTE;

export const verifyFactorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/signin/factor',
    operationId: 'stepUp',
    summary: 'Prove further than the session did, for a waiting authorization request (`request`)',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    async handle({ env, request }) {
      const browser = browserOf(env, request);
      const handle = single(new URL(request.url).searchParams, 'request') ?? '';
      const again = `/signin?${new URLSearchParams({ request: handle })}`;
      const known = await findSession(env, readCookie(request, 'idx'));
      const waiting = browser.cookie === null ? await findAuthorizationRequest(env, handle, browser.id) : null;
      if (!known || !waiting) return seeOther(again);
      const { session, user: person } = known;
      const proof = proofOf(session);
      const destination: Destination = { handle, fromURI: null };
      const step = await stepOf(env, person, proof, await circumstancesOf(env, request, browser, destination));
      const isStale = env.now() - proof.authenticatedAt > FRESH_ENOUGH_TO_ENROLL;
      if (step !== 'verify-factor' && (step !== 'enroll-factor' || isStale)) return seeOther(again);
      return (await continueSignIn(env, request, browser, { person, proof, destination })) ?? tooLatePage(env);
    },
  }),
  route({
    method: 'POST',
    path: '/signin/factor',
    operationId: 'verifyFactorOnPage',
    summary: 'Prove by a further factor and go on signing in',
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const waiting = await readWaiting(env, request, 'verify-factor');
      if (waiting instanceof Response) return waiting;
      const { browser, form, token, pending, destination } = waiting;
      const { person, proof } = pending;
      const factor = await chosen(env, pending, single(form, 'factor'));
      if (!factor) return tooLatePage(env);
      const { identityProviderId } = proof;
      const formAction = await leadsTo(env, browser, destination);
      const asking = { token, person, identityProviderId, factorId: factor.id, formAction };
      if (!takeAttempt(env, FACTORS)) return askForFactor(env, browser, { ...asking, ...tooMany(env) });
      const given = {
        passCode: (single(form, 'passCode') ?? '').replaceAll(/\s/g, ''),
        answer: single(form, 'answer'),
      };
      const outcome = await verifyFactor(env, person, factor, given);
      if (outcome === 'locked') return lockedPage(env);
      if (outcome !== 'proven') return askForFactor(env, browser, { ...asking, ...refusal(outcome, factor) });
      giveAttemptBack(env, FACTORS);
      if (!(await endPendingSignIn(env, 'pages', token))) return tooLatePage(env);
      const proven = { person, proof: withFactor(env, proof, kindOf(factor)), destination };
      const answer = (await continueSignIn(env, request, browser, proven)) ?? tooLatePage(env);
      const cookie = single(form, 'remember') === 'yes' ? await remember(env, request, pending) : null;
      if (cookie !== null) answer.headers.append('set-cookie', cookie);
      return answer;
    },
  }),
  route({
    method: 'POST',
    path: '/signin/factor/choose',
    operationId: 'chooseFactorOnPage',
    summary: 'Choose another factor to prove by',
    tags,
    access: 'public',
    responses: { 200: null },
    async handle({ env, request }) {
      const waiting = await readWaiting(env, request, 'verify-factor');
      if (waiting instanceof Response) return waiting;
      const { browser, form, token, pending, destination } = waiting;
      const formAction = await leadsTo(env, browser, destination);
      const { person, proof } = pending;
      const factorId = single(form, 'other') ?? undefined;
      const asking = { token, person, identityProviderId: proof.identityProviderId, factorId, formAction };
      return askForFactor(env, browser, asking);
    },
  }),
];

export type WaitingForm = {
  browser: Browser;
  form: URLSearchParams;
  token: string;
  pending: PendingSignIn;
  destination: Destination;
};

/** A form of this browser for a sign-in that waits for this step; or the page that says why not. */
export async function readWaiting(env: Env, request: Request, step: Step): Promise<WaitingForm | Response> {
  const browser = browserOf(env, request);
  const form = await readOwnForm(env, request, browser, (fields) => factorPurpose(single(fields, 'pending')));
  if (!form) return foreignFormPage(env);
  const token = single(form, 'pending') ?? '';
  const pending = await findPendingSignIn(env, 'pages', token);
  if (!pending) return tooLatePage(env);
  const destination = destinationOf(pending.kept);
  const within = await circumstancesOf(env, request, browser, destination);
  const next = await stepOf(env, pending.person, pending.proof, within);
  return next === step ? { browser, form, token, pending, destination } : tooLatePage(env);
}

async function chosen(env: Env, { person }: PendingSignIn, id: string | null): Promise<Factor | null> {
  return (await usableFactors(env, person.id)).find((factor) => factor.id === id) ?? null;
}

async function remember(env: Env, request: Request, { person, proof }: PendingSignIn): Promise<string | null> {
  const { rememberFor } = (await sessionTerms(env, person.id, proof.identityProviderId)).factor;
  if (rememberFor === 0) return null;
  const held = readCookie(request, 'DT');
  const secret = canBeRemembered(held) ? held : newOpaqueToken(env.random);
  await rememberDevice(env, person.id, hashToken(secret));
  return setCookie(env, 'DT', secret, REMEMBERED_SECONDS);
}

function refusal(outcome: Exclude<FactorOutcome, 'proven' | 'locked'>, { factor_type }: Factor) {
  const wrong =
    factor_type === 'question'
      ? 'This is not the answer. Try again.'
      : 'This code is not right. Enter the one that the app shows now.';
  return { status: 400, error: outcome === 'replayed' ? 'This code has been used. Wait for the next one.' : wrong };
}

function tooMany(env: Env): Pick<AskingForFactor, 'status' | 'headers' | 'error'> & { status: number; error: string } {
  const seconds = secondsToWait(env, FACTORS);
  return {
    status: 429,
    headers: { 'retry-after': String(seconds) },
    error: `Too many attempts came from your network. Try again in ${seconds} seconds.`,
  };
}

export function lockedPage(env: Env): Response {
  return errorPage(env, {
    status: 403,
    title: 'Too many attempts',
    what: 'This account takes no further attempts for now.',
    check: 'Ask your administrator, or try again later.',
  });
}

export function tooLatePage(env: Env): Response {
  return errorPage(env, {
    status: 400,
    title: 'This sign-in cannot go on',
    what: 'It waited too long, it has been finished already, or something about the account changed meanwhile.',
    check: 'Sign in again.',
  });
}
