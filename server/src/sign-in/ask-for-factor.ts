// Owns asking for a further factor in the middle of a sign-in. Not here: taking the answer in (verify-factor.ts).
import { DAY, HOUR, MINUTE } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { kindOf } from '../core/factor-kinds.ts';
import { type Factor, usableFactors } from '../core/factors.ts';
import { sessionTerms } from '../core/policies/session-policy.ts';
import type { User } from '../core/users.ts';
import { type Browser, formToken } from '../http/csrf.ts';
import { challengePage } from './pages/challenge-page.ts';

export type AskingForFactor = {
  /** Of the sign-in that waits. */
  token: string;
  person: User;
  /** Who vouched for them before; undefined: this server itself. */
  identityProviderId?: string | undefined;
  formAction: readonly string[];
  /** Which one; the first that proves possession, when it is not said. */
  factorId?: string | undefined;
  error?: string;
  status?: number;
  headers?: Record<string, string>;
};

export async function askForFactor(env: Env, browser: Browser, asking: AskingForFactor): Promise<Response> {
  const { token, person, identityProviderId, formAction, factorId, error, status, headers } = asking;
  const factors = await usableFactors(env, person.id);
  const factor = factors.find(({ id }) => id === factorId) ?? factors.find(isApp) ?? factors[0];
  if (!factor) throw new Error('A factor was asked for that nobody has');
  const { rememberFor, rememberByDefault } = (await sessionTerms(env, person.id, identityProviderId)).factor;
  return challengePage(env, {
    login: person.login,
    hidden: { csrf: formToken(env, browser, factorPurpose(token)), pending: token, factor: factor.id },
    question: isApp(factor) ? null : String(factor.profile.questionText),
    app: kindOf(factor).label,
    others: factors.filter((one) => one !== factor).map((one) => ({ id: one.id, label: kindOf(one).label })),
    remember: rememberFor > 0 ? { words: wordsOf(rememberFor), isProposed: rememberByDefault } : null,
    formAction,
    cookies: browser.cookie ? [browser.cookie] : [],
    ...(error === undefined ? {} : { error }),
    ...(status === undefined ? {} : { status }),
    ...(headers === undefined ? {} : { headers }),
  });
}

export function factorPurpose(token: string | null): string {
  return `factor:${token ?? ''}`;
}

function isApp({ factor_type }: Factor): boolean {
  return factor_type !== 'question';
}

/** Such as `30 days`. */
function wordsOf(milliseconds: number): string {
  const [size, name] = [
    [DAY, 'day'],
    [HOUR, 'hour'],
    [MINUTE, 'minute'],
  ].find(([unit]) => milliseconds >= 2 * Number(unit)) ?? [MINUTE, 'minute'];
  const count = Math.floor(milliseconds / Number(size));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
