// Owns a person's own second factors: seeing them, setting one up, taking one away; each change with a fresh proof of who they are.
// Not here: which they may have (core/policies/enrollment-policy.ts), and setting one up in the middle of a sign-in (enroll-factor.ts).
import { type FactorKind, factorKinds, kindOf } from '../core/factor-kinds.ts';
import {
  enrollFactor,
  type Factor,
  findFactor,
  listFactors,
  qrToken,
  secretOf,
  unenrollFactor,
} from '../core/factors.ts';
import { Refusal } from '../core/refusal.ts';
import { enrollable } from '../core/sign-in-step.ts';
import { activateFactor } from '../core/verify-factor.ts';
import { ownPage } from '../http/own-page.ts';
import { type Route, route } from '../http/route.ts';
import { FACTORS, giveAttemptBack, secondsToWait, takeAttempt } from '../http/sign-in-throttle.ts';
import { backTo, type OwnAccount, wasDone, withOwnAccount, withOwnForm } from './own-account.ts';
import { single } from './own-form.ts';
import {
  activateBody,
  factorPaths,
  ownFactorsBody,
  type ProofFormParts,
  setUpBody,
  takeAwayBody,
} from './pages/own-factors-page.ts';
import { momentWords } from './pages/words.ts';
import { furtherProof, proveAgain } from './prove-again.ts';
import { seeOther } from './see-other.ts';

const tags = ['Account'];
const PATH = factorPaths.list;

export const accountFactorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'showOwnFactors',
    summary: 'A person’s own second factors',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnAccount(env, request, async (account) => {
        const { user } = account;
        const factors = (await listFactors(env, user.id)).filter(({ status }) => status === 'ACTIVE');
        return show(
          account,
          ownFactorsBody({
            factors: factors.map((factor) => ({
              id: factor.id,
              label: kindOf(factor).label,
              since: momentWords(factor.created, env.now()),
            })),
            offered: (await enrollable(env, user)).map(({ kind }) => ({
              name: kind.orgFactor,
              label: kind.label,
              isApp: !isQuestion(kind),
            })),
            hasPassword: user.password_hash !== null,
            changed: wasDone(PATH, account, request),
          }),
        );
      }),
  }),
  route({
    method: 'GET',
    path: factorPaths.setUp,
    operationId: 'askToSetUpOwnFactor',
    summary: 'The form that sets up a second factor (`kind`)',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnAccount(env, request, async (account) => {
        const kind = await offeredKind(account, single(new URL(request.url).searchParams, 'kind'));
        return kind ? showSetUp(account, kind, {}) : seeOther(PATH);
      }),
  }),
  route({
    method: 'POST',
    path: factorPaths.setUp,
    operationId: 'setUpOwnFactor',
    summary: 'Begin to set up a second factor',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnForm(
        env,
        request,
        (fields) => `set-up:${single(fields, 'kind')}`,
        async (account, form) => {
          const { env, user } = account;
          const kind = await offeredKind(account, single(form, 'kind'));
          if (!kind) return seeOther(PATH);
          const errors = await proveAgain(env, user, form);
          if (errors) return showSetUp(account, kind, errors);
          const profile = isQuestion(kind)
            ? { question: single(form, 'question'), answer: single(form, 'answer') }
            : {};
          try {
            const factor = await enrollFactor(env, user, { ...kind, profile });
            return isQuestion(kind) ? backTo(PATH, account) : showActivation(account, factor, undefined);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            const answer = 'The answer needs four characters or more, and must not be part of the question.';
            return isQuestion(kind) ? showSetUp(account, kind, { answer }) : seeOther(PATH);
          }
        },
      ),
  }),
  route({
    method: 'POST',
    path: factorPaths.activate,
    operationId: 'activateOwnFactor',
    summary: 'Complete the set-up of a code app by its first code',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnForm(
        env,
        request,
        (fields) => `activate:${single(fields, 'factor')}`,
        async (account, form) => {
          const { env, user } = account;
          const factor = await findFactor(env, user.id, single(form, 'factor') ?? '');
          if (factor?.status !== 'PENDING_ACTIVATION') return seeOther(PATH);
          if (!takeAttempt(env, FACTORS))
            return showActivation(
              account,
              factor,
              `Too many attempts. Try again in ${secondsToWait(env, FACTORS)} seconds.`,
            );
          const passCode = (single(form, 'passCode') ?? '').replaceAll(/\s/g, '');
          if ((await activateFactor(env, user, factor, { passCode })) !== 'proven')
            return showActivation(account, factor, 'This code is not right. Enter the one that the app shows now.');
          giveAttemptBack(env, FACTORS);
          return backTo(PATH, account);
        },
      ),
  }),
  route({
    method: 'GET',
    path: factorPaths.takeAway,
    operationId: 'askToTakeAwayOwnFactor',
    summary: 'The form that takes a second factor away (`factor`)',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnAccount(env, request, async (account) => {
        const factor = await findFactor(
          env,
          account.user.id,
          single(new URL(request.url).searchParams, 'factor') ?? '',
        );
        return factor ? showTakeAway(account, factor, {}) : seeOther(PATH);
      }),
  }),
  route({
    method: 'POST',
    path: factorPaths.takeAway,
    operationId: 'takeAwayOwnFactor',
    summary: 'Take a second factor away',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnForm(
        env,
        request,
        (fields) => `take-away:${single(fields, 'factor')}`,
        async (account, form) => {
          const { env, user } = account;
          const factor = await findFactor(env, user.id, single(form, 'factor') ?? '');
          if (!factor) return seeOther(PATH);
          const errors = await proveAgain(env, user, form);
          if (errors) return showTakeAway(account, factor, errors);
          await unenrollFactor(env, user, factor.id);
          return backTo(PATH, account);
        },
      ),
  }),
];

/** One that this person may set up, and can: who has no password here cannot prove it again. */
async function offeredKind({ env, user }: OwnAccount, name: string | null): Promise<FactorKind | null> {
  if (user.password_hash === null) return null;
  const kind = factorKinds.find(({ orgFactor }) => orgFactor === name);
  const offered = await enrollable(env, user);
  return kind && offered.some((one) => one.kind === kind) ? kind : null;
}

function isQuestion({ factorType }: FactorKind): boolean {
  return factorType === 'question';
}

function show({ env, user, browser }: OwnAccount, { title, body }: ReturnType<typeof setUpBody>): Response {
  return ownPage(env, browser, { here: PATH, title, body, login: user.login });
}

async function showSetUp(account: OwnAccount, kind: FactorKind, errors: ProofFormParts['errors']): Promise<Response> {
  const { env, user, formToken } = account;
  return show(
    account,
    setUpBody({
      csrf: formToken(`set-up:${kind.orgFactor}`),
      kind: kind.orgFactor,
      label: kind.label,
      isQuestion: isQuestion(kind),
      login: user.login,
      further: await furtherProof(env, user),
      errors,
    }),
  );
}

/** Its token is given to whoever has just proven who they are, and to nobody else. */
function showActivation(account: OwnAccount, factor: Factor, error: string | undefined): Response {
  return show(
    account,
    activateBody({
      csrf: account.formToken(`activate:${factor.id}`),
      factorId: factor.id,
      label: kindOf(factor).label,
      secret: secretOf(account.env, factor),
      picture: `/api/v1/users/${factor.user_id}/factors/${factor.id}/qr/${qrToken(account.env, factor)}`,
      error,
    }),
  );
}

async function showTakeAway(account: OwnAccount, factor: Factor, errors: ProofFormParts['errors']): Promise<Response> {
  const { env, user, formToken } = account;
  return show(
    account,
    takeAwayBody({
      csrf: formToken(`take-away:${factor.id}`),
      factorId: factor.id,
      label: kindOf(factor).label,
      login: user.login,
      further: await furtherProof(env, user),
      errors,
    }),
  );
}
