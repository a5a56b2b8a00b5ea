// Owns asking somebody to set up a further factor in the middle of a sign-in: which one, and then its secret or its question.
// Not here: taking the answers in (enroll-factor.ts).

import type { Env } from '../core/env.ts';
import { kindOf } from '../core/factor-kinds.ts';
import type { Factor } from '../core/factors.ts';
import { qrToken, secretOf } from '../core/factors.ts';
import { enrollable } from '../core/sign-in-step.ts';
import type { User } from '../core/users.ts';
import { type Browser, formToken } from '../http/csrf.ts';
import { factorPurpose } from './ask-for-factor.ts';
import { appPage, choicePage, questionPage } from './pages/enroll-pages.ts';

export type AskingToEnroll = {
  /** Of the sign-in that waits. */
  token: string;
  person: User;
  formAction: readonly string[];
  errors?: { passCode?: string; question?: string; answer?: string };
  status?: number;
};

/** Which factor. A required one comes first. */
export async function askToEnroll(env: Env, browser: Browser, asking: AskingToEnroll): Promise<Response> {
  const offered = await enrollable(env, asking.person);
  const required = offered.filter(({ enrollment }) => enrollment === 'REQUIRED');
  const shown = required.length > 0 ? required : offered;
  return choicePage(env, {
    ...common(env, browser, asking),
    choices: shown.map(({ kind }) => ({
      name: kind.orgFactor,
      label: kind.label,
      isApp: kind.factorType !== 'question',
    })),
  });
}

/** The secret of a code app, and its first code. */
export function askForFirstCode(env: Env, browser: Browser, asking: AskingToEnroll, factor: Factor): Response {
  const parts = common(env, browser, asking);
  return appPage(env, {
    ...parts,
    hidden: { ...parts.hidden, factor: factor.id },
    app: kindOf(factor).label,
    secret: secretOf(env, factor),
    picture: `/api/v1/users/${factor.user_id}/factors/${factor.id}/qr/${qrToken(env, factor)}`,
  });
}

export function askForQuestion(env: Env, browser: Browser, asking: AskingToEnroll): Response {
  return questionPage(env, common(env, browser, asking));
}

function common(env: Env, browser: Browser, { token, person, formAction, errors, status }: AskingToEnroll) {
  return {
    login: person.login,
    hidden: { csrf: formToken(env, browser, factorPurpose(token)), pending: token },
    formAction,
    cookies: browser.cookie ? [browser.cookie] : [],
    errors: errors ?? {},
    status: status ?? 200,
  };
}
