// Owns setting up a further factor in the middle of a sign-in: the choice, the first code of an app, or a question and its answer.
// Not here: asking (ask-to-enroll.ts), storing (core/factors.ts), and what comes after (continue-sign-in.ts).
import type { Env } from '../core/env.ts';
import { factorKinds, kindOf } from '../core/factor-kinds.ts';
import { enrollFactor, type Factor, findFactor } from '../core/factors.ts';
import { endPendingSignIn } from '../core/pending-sign-ins.ts';
import { Refusal } from '../core/refusal.ts';
import { withFactor } from '../core/sign-in-step.ts';
import { activateFactor } from '../core/verify-factor.ts';
import { type Route, route } from '../http/route.ts';
import { FACTORS, giveAttemptBack, takeAttempt } from '../http/sign-in-throttle.ts';
import { askForFirstCode, askForQuestion, askToEnroll } from './ask-to-enroll.ts';
import { continueSignIn, leadsTo } from './continue-sign-in.ts';
import { single } from './own-form.ts';
import { lockedPage, readWaiting, tooLatePage, type WaitingForm } from './verify-factor.ts';

const tags = ['Sign-in'];

export const enrollFactorRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/signin/enroll',
    operationId: 'chooseFactorToEnroll',
    summary: 'Choose the factor to set up',
    tags,
    access: 'public',
    responses: { 200: null },
    async handle({ env, request }) {
      const waiting = await readWaiting(env, request, 'enroll-factor');
      if (waiting instanceof Response) return waiting;
      const { browser, form, pending } = waiting;
      const kind = factorKinds.find(({ orgFactor }) => orgFactor === single(form, 'kind'));
      const asking = await askingOf(env, waiting);
      if (!kind) return askToEnroll(env, browser, asking);
      if (kind.factorType === 'question') return askForQuestion(env, browser, asking);
      const factor = await allowed(() => enrollFactor(env, pending.person, { ...kind, profile: {} }));
      return factor ? askForFirstCode(env, browser, asking, factor) : tooLatePage(env);
    },
  }),
  route({
    method: 'POST',
    path: '/signin/enroll/activate',
    operationId: 'activateFactorOnPage',
    summary: 'Complete the set-up of a code app and go on signing in',
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const waiting = await readWaiting(env, request, 'enroll-factor');
      if (waiting instanceof Response) return waiting;
      const { browser, form, pending } = waiting;
      const factor = await findFactor(env, pending.person.id, single(form, 'factor') ?? '');
      if (factor?.status !== 'PENDING_ACTIVATION') return tooLatePage(env);
      if (!takeAttempt(env, FACTORS)) return lockedPage(env);
      const passCode = (single(form, 'passCode') ?? '').replaceAll(/\s/g, '');
      const outcome = await activateFactor(env, pending.person, factor, { passCode });
      if (outcome === 'locked') return lockedPage(env);
      if (outcome !== 'proven') {
        const errors = { passCode: 'This code is not right. Enter the one that the app shows now.' };
        return askForFirstCode(env, browser, { ...(await askingOf(env, waiting)), errors, status: 400 }, factor);
      }
      giveAttemptBack(env, FACTORS);
      return goOn(env, request, waiting, factor);
    },
  }),
  route({
    method: 'POST',
    path: '/signin/enroll/question',
    operationId: 'enrollQuestionOnPage',
    summary: 'Choose a security question, answer it, and go on signing in',
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const waiting = await readWaiting(env, request, 'enroll-factor');
      if (waiting instanceof Response) return waiting;
      const profile = { question: single(waiting.form, 'question'), answer: single(waiting.form, 'answer') };
      const input = { factorType: 'question', provider: 'OKTA', profile };
      const factor = await allowed(() => enrollFactor(env, waiting.pending.person, input));
      if (factor) return goOn(env, request, waiting, factor);
      const errors = { answer: 'The answer needs four characters or more, and must not be part of the question.' };
      return askForQuestion(env, waiting.browser, { ...(await askingOf(env, waiting)), errors, status: 400 });
    },
  }),
];

async function askingOf(env: Env, { browser, token, pending, destination }: WaitingForm) {
  return { token, person: pending.person, formAction: await leadsTo(env, browser, destination) };
}

/** What is set up, or null where the input or the policy refuses it. */
async function allowed(enroll: () => Promise<Factor>): Promise<Factor | null> {
  try {
    return await enroll();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

async function goOn(env: Env, request: Request, waiting: WaitingForm, factor: Factor): Promise<Response> {
  const { browser, token, pending, destination } = waiting;
  if (!(await endPendingSignIn(env, 'pages', token))) return tooLatePage(env);
  const proof = withFactor(env, pending.proof, kindOf(factor));
  const answer = await continueSignIn(env, request, browser, { person: pending.person, proof, destination });
  return answer ?? tooLatePage(env);
}
