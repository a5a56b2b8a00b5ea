// Owns what every page of a person's own account begins with: whose it is, by the session alone, and that a form was made for this
// browser, this session and this purpose. No page takes a person's id from a request. Not here: the pages.
import { userActor } from '../core/actors.ts';
import type { Env } from '../core/env.ts';
import { findSession, type Session } from '../core/sessions.ts';
import type { User } from '../core/users.ts';
import { readCookie } from '../http/cookies.ts';
import { type Browser, browserOf, formToken } from '../http/csrf.ts';
import { foreignFormPage, readOwnForm } from './own-form.ts';
import { seeOther } from './see-other.ts';

export type OwnAccount = {
  /** What is changed with it is the person's own doing. */
  env: Env;
  user: User;
  session: Session;
  browser: Browser;
  /** The value of `csrf` for a form of this purpose. */
  formToken(purpose: string): string;
};

/** For reading: shows the page, or the way to the sign-in page. */
export async function withOwnAccount(
  env: Env,
  request: Request,
  show: (account: OwnAccount) => Promise<Response>,
): Promise<Response> {
  const account = await ownAccount(env, request);
  return account ? show(account) : toSignIn(request);
}

/** For changing: acts when the form is the person's own. `purposeOf`: what submitting these fields would do. */
export async function withOwnForm(
  env: Env,
  request: Request,
  purposeOf: (fields: URLSearchParams) => string,
  act: (account: OwnAccount, form: URLSearchParams) => Promise<Response>,
): Promise<Response> {
  const account = await ownAccount(env, request);
  if (!account) return toSignIn(request);
  const { session, browser } = account;
  const form = await readOwnForm(env, request, browser, (fields) => boundTo(session, purposeOf(fields)));
  return form ? act(account, form) : foreignFormPage(env);
}

async function ownAccount(env: Env, request: Request): Promise<OwnAccount | null> {
  const found = await findSession(env, readCookie(request, 'idx'));
  if (!found) return null;
  const { user, session } = found;
  const browser = browserOf(env, request);
  return {
    env: { ...env, actor: userActor(user) },
    user,
    session,
    browser,
    formToken: (purpose) => formToken(env, browser, boundTo(session, purpose)),
  };
}

/** After a change: back to the page by GET, which says that it happened. Nobody else can make a link that says so. */
export function backTo(path: string, { formToken }: OwnAccount, cookies: readonly string[] = []): Response {
  return seeOther(`${path}?${new URLSearchParams({ done: formToken(`done:${path}`) })}`, cookies);
}

export function wasDone(path: string, { formToken }: OwnAccount, request: Request): boolean {
  return new URL(request.url).searchParams.get('done') === formToken(`done:${path}`);
}

function boundTo({ id }: Session, purpose: string): string {
  return `account:${id}:${purpose}`;
}

/** Whoever was not signed in comes back to the page; a form is not sent again. */
function toSignIn(request: Request): Response {
  return seeOther(`/signin?${new URLSearchParams({ fromURI: new URL(request.url).pathname })}`);
}
