// Owns the page that asks who you are and the judgement of its answer. Not here: what comes after the proof (continue-sign-in.ts).
import { authenticate } from '../core/authenticate.ts';
import { signInWords } from '../core/brand-pages.ts';
import type { Env } from '../core/env.ts';
import { findSession } from '../core/sessions.ts';
import { readCookie } from '../http/cookies.ts';
import { type Browser, browserOf, formToken } from '../http/csrf.ts';
import { type Route, route } from '../http/route.ts';
import { giveAttemptBack, secondsToWait, takeAttempt } from '../http/sign-in-throttle.ts';
import { type Asked, readAsked, requestGonePage } from './asked.ts';
import { continueSignIn, leadsTo } from './continue-sign-in.ts';
import { foreignFormPage, readOwnForm, single } from './own-form.ts';
import { signInPage } from './pages/sign-in-page.ts';
import { safeTarget } from './safe-target.ts';
import { seeOther } from './see-other.ts';
import { choicesOf, type Routed, routeOf, sendAway } from './where-to-sign-in.ts';

// One sentence for a wrong password, an unknown name and an account that is locked, suspended or not yet active: the page must
// not say which accounts exist.
const REFUSED = 'Unable to sign in. Check your username and password.';

const tags = ['Sign-in'];

export const signInPageRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/signin',
    operationId: 'showSignIn',
    summary: 'The sign-in page, for a waiting authorization request (`request`) or for this server itself',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    async handle({ env, request }) {
      const browser = browserOf(env, request);
      const query = new URL(request.url).searchParams;
      const asked = await readAsked(env, browser, query);
      if (asked === null) return requestGonePage(env);
      const known = await findSession(env, readCookie(request, 'idx'));
      // A waiting request came here because it wants a proof of identity, session or not.
      if (known && asked.waiting === null) return seeOther((await safeTarget(env, asked.fromURI)) ?? '/');
      const identifier = asked.loginHint ?? known?.user.login ?? '';
      return lead(env, browser, asked, { identifier, routed: await routeOf(env, asked, query, identifier) });
    },
  }),
  route({
    method: 'POST',
    path: '/signin',
    operationId: 'signIn',
    summary: 'Prove who you are with a username and a password',
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const browser = browserOf(env, request);
      const form = await readOwnForm(env, request, browser, (fields) => purposeOf(single(fields, 'request')));
      if (!form) return foreignFormPage(env);
      const asked = await readAsked(env, browser, form);
      if (asked === null) return requestGonePage(env);
      const identifier = (single(form, 'identifier') ?? '').trim();
      const routed = await routeOf(env, asked, form, identifier);
      // Whoever has only said who they are, or is to go elsewhere, is not judged by a password.
      if (!isJudgedHere(routed, form)) {
        const missing = identifier === '' ? { problem: 'Enter your username.', status: 400 } : {};
        return lead(env, browser, asked, { identifier, routed, ...missing });
      }
      return judge(env, request, browser, asked, { identifier, password: single(form, 'password') ?? '', routed });
    },
  }),
  route({
    method: 'GET',
    path: '/login/login.htm',
    operationId: 'showClassicSignIn',
    summary: 'The sign-in page at its older address',
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const target = await safeTarget(env, single(new URL(request.url).searchParams, 'fromURI'));
      return seeOther(target === null ? '/signin' : `/signin?${new URLSearchParams({ fromURI: target })}`);
    },
  }),
  route({
    method: 'GET',
    path: '/login/default',
    operationId: 'showOwnSignIn',
    summary: "The sign-in page with this server's own ways, whatever the routing rules say",
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const target = await safeTarget(env, single(new URL(request.url).searchParams, 'fromURI'));
      return seeOther(
        `/signin?${new URLSearchParams({ local: 'true', ...(target === null ? {} : { fromURI: target }) })}`,
      );
    },
  }),
];

async function judge(
  env: Env,
  request: Request,
  browser: Browser,
  asked: Asked,
  { identifier, password, routed }: { identifier: string; password: string; routed: Routed },
): Promise<Response> {
  if (identifier === '' || password === '')
    return showForm(env, browser, asked, {
      identifier,
      routed,
      problem: 'Enter your username and your password.',
      status: 400,
    });
  if (!takeAttempt(env)) return showForm(env, browser, asked, { identifier, routed, ...tooMany(env) });
  const result = await authenticate(env, { identifier, password });
  const person = result.ok || result.reason === 'password_expired' ? result.user : null;
  if (person === null) return showForm(env, browser, asked, { identifier, routed, problem: REFUSED, status: 400 });
  giveAttemptBack(env);
  const proof = { amr: ['pwd'], authenticatedAt: env.now() };
  const answer = await continueSignIn(env, request, browser, { person, proof, destination: asked });
  return answer ?? showForm(env, browser, asked, { identifier, routed, problem: REFUSED, status: 400 });
}

type Shown = {
  identifier: string;
  routed: Routed;
  problem?: string;
  status?: number;
  headers?: Record<string, string>;
};

function isJudgedHere({ route, ruled }: Routed, form: URLSearchParams): boolean {
  return !ruled || (route.kind === 'page' && route.password && form.has('password'));
}

/** To a provider, or to the page that asks what is still to be asked. */
function lead(env: Env, browser: Browser, asked: Asked, shown: Shown): Response | Promise<Response> {
  const { route } = shown.routed;
  return route.kind === 'away'
    ? sendAway(route.providerId, asked, shown.identifier)
    : showForm(env, browser, asked, shown);
}

async function showForm(env: Env, browser: Browser, asked: Asked, { routed, ...shown }: Shown): Promise<Response> {
  const { handle, application } = asked;
  const { route, local } = routed;
  const choices = await choicesOf(env, routed);
  return signInPage(env, {
    ...shown,
    asks: route.kind === 'ask' ? 'identifier' : route.kind === 'page' && route.password ? 'password' : 'nothing',
    local,
    csrf: formToken(env, browser, purposeOf(handle)),
    request: handle === null ? null : { handle, application: application?.label ?? null },
    fromURI: await safeTarget(env, asked.fromURI),
    words: await signInWords(env),
    cookies: browser.cookie ? [browser.cookie] : [],
    formAction: [...(await leadsTo(env, browser, asked)), ...choices.leadsTo],
    providers: choices.providers,
  });
}

function tooMany(env: Env): Omit<Shown, 'identifier' | 'routed'> {
  const seconds = secondsToWait(env);
  return {
    status: 429,
    headers: { 'retry-after': String(seconds) },
    problem: `Too many attempts to sign in came from your network. Try again in ${seconds} seconds.`,
  };
}

function purposeOf(handle: string | null): string {
  return handle === null ? 'sign-in' : `sign-in:${handle}`;
}
