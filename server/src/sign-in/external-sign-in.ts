// Owns the way by another identity provider: a browser is sent there, comes back with a code, and goes on like after any other proof
// of identity. What comes back is believed only from the browser that was sent, once, for the provider it was sent to.
// Not here: the conversation with the provider and the accounts (core/external-sign-in/), and what follows (continue-sign-in.ts).
import type { Env } from '../core/env.ts';
import { accountFor, recordExternalFailure } from '../core/external-sign-in/accounts.ts';
import { authorizationAddress, identityFor } from '../core/external-sign-in/ask-provider.ts';
import {
  beginExternalSignIn,
  findExternalSignIn,
  isBegunBy,
  type PendingExternalSignIn,
  secretsOfState,
  takeExternalSignIn,
} from '../core/external-sign-in/pending-external-sign-ins.ts';
import {
  activeTerms,
  CALLBACK_PATH,
  type ProviderTerms,
  redirectUriOf,
} from '../core/external-sign-in/provider-terms.ts';
import { findIdentityProvider, type IdentityProvider } from '../core/identity-providers.ts';
import type { User } from '../core/users.ts';
import { type Browser, browserOf } from '../http/csrf.ts';
import { errorPage } from '../http/error-page.ts';
import { readForm } from '../http/read-body.ts';
import { type Route, route } from '../http/route.ts';
import { EXTERNAL_SIGN_INS, giveAttemptBack, takeAttempt } from '../http/sign-in-throttle.ts';
import { type Asked, readAsked, requestGonePage } from './asked.ts';
import { continueSignIn, destinationOf, keptOf } from './continue-sign-in.ts';
import { single } from './own-form.ts';
import { seeOther } from './see-other.ts';

const tags = ['Sign-in'];

const LONGEST_HINT = 100;

export const externalSignInRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/sso/idps/{idpId}',
    operationId: 'beginExternalSignIn',
    summary: 'Sign in by another identity provider',
    tags,
    access: 'public',
    responses: { 303: null },
    async handle({ env, params, request }) {
      const browser = browserOf(env, request);
      const query = new URL(request.url).searchParams;
      const asked = await readAsked(env, browser, query);
      if (asked === null) return requestGonePage(env);
      const terms = await activeTerms(env, params.idpId);
      if (!terms) return providerGonePage(env);
      const typed = single(query, 'login_hint')?.slice(0, LONGEST_HINT);
      return begin(env, browser, terms, typed ? { ...asked, loginHint: typed } : asked);
    },
  }),
  route({
    method: 'GET',
    path: CALLBACK_PATH,
    operationId: 'finishExternalSignIn',
    summary: 'Back from another identity provider',
    tags,
    access: 'public',
    responses: { 303: null },
    handle: ({ env, request }) => finish(env, request, new URL(request.url).searchParams),
  }),
  route({
    method: 'POST',
    path: CALLBACK_PATH,
    operationId: 'finishExternalSignInWithPost',
    summary: 'As GET, with the parameters in a form',
    tags,
    access: 'public',
    responses: { 303: null },
    handle: async ({ env, request }) => finish(env, request, (await readForm(request)) ?? new URLSearchParams()),
  }),
];

async function begin(env: Env, browser: Browser, terms: ProviderTerms, asked: Asked): Promise<Response> {
  const redirectUri = redirectUriOf(env, terms.provider);
  const fresh = wantsFreshProof(asked);
  const challenge = await beginExternalSignIn(env, {
    providerId: terms.provider.id,
    origin: env.request.origin,
    redirectUri,
    browserId: browser.id,
    freshSince: fresh ? env.now() : null,
    kept: keptOf(asked),
  });
  const address = authorizationAddress(terms, challenge, { redirectUri, loginHint: asked.loginHint, fresh });
  return seeOther(address, browser.cookie ? [browser.cookie] : []);
}

/** An application that asks for a new proof gets one from the provider as well. */
function wantsFreshProof({ waiting }: Asked): boolean {
  const { prompt, max_age } = waiting?.parameters ?? {};
  return max_age !== undefined || (typeof prompt === 'string' && prompt.split(' ').includes('login'));
}

async function finish(env: Env, request: Request, answer: URLSearchParams): Promise<Response> {
  const state = single(answer, 'state') ?? '';
  const pending = await findExternalSignIn(env, state);
  if (!pending) return refused(env, null, { reason: 'STATE_UNKNOWN' });
  // The provider knows one of this org's hosts; the browser's cookie is on the one where it began.
  if (pending.origin !== env.request.origin && isOwnOrigin(env, pending.origin))
    return seeOther(`${pending.origin}${CALLBACK_PATH}?${answer}`);
  const browser = browserOf(env, request);
  const provider = await findIdentityProvider(env, pending.providerId);
  if (!isBegunBy(pending, browser.id)) return refused(env, provider, { reason: 'STATE_OF_ANOTHER_BROWSER' });
  if (!(await takeExternalSignIn(env, state))) return refused(env, provider, { reason: 'STATE_UNKNOWN' });
  const terms = await activeTerms(env, pending.providerId);
  if (!terms) return refused(env, provider, { reason: 'PROVIDER_NOT_ACTIVE' });
  return prove(env, request, browser, { terms, pending, answer, state });
}

type Return = { terms: ProviderTerms; pending: PendingExternalSignIn; answer: URLSearchParams; state: string };

async function prove(
  env: Env,
  request: Request,
  browser: Browser,
  { terms, pending, answer, state }: Return,
): Promise<Response> {
  const { provider } = terms;
  const destination = destinationOf(pending.kept);
  const retry = destination.handle;
  const objection = objectionToAnswer(terms, answer);
  if (objection) return refused(env, provider, { ...objection, retry });
  if (!takeAttempt(env, EXTERNAL_SIGN_INS)) return refused(env, provider, { reason: 'TOO_MANY_ATTEMPTS', retry });
  const code = single(answer, 'code') ?? '';
  const { freshSince, redirectUri } = pending;
  const said = await identityFor(env, terms, { code, ...secretsOfState(env, state), redirectUri, freshSince });
  if ('problem' in said) return refused(env, provider, { reason: said.problem, retry });
  const account = await accountFor(env, provider, said.identity);
  if ('problem' in account) {
    const { problem: reason, user, causes } = account;
    return refused(env, provider, { reason, user, retry, ...(causes ? { detail: { causes } } : {}) });
  }
  giveAttemptBack(env, EXTERNAL_SIGN_INS);
  const proof = {
    amr: amrOf(provider, said.identity.claims),
    authenticatedAt: env.now(),
    identityProviderId: provider.id,
  };
  const next = await continueSignIn(env, request, browser, { person: account.user, proof, destination });
  return next ?? refusedPage(env, provider, retry);
}

/** RFC 6749 section 4.1.2, and RFC 9207: an answer that names another issuer was meant for somebody else's token endpoint. */
function objectionToAnswer({ trust }: ProviderTerms, answer: URLSearchParams): Omit<Refused, 'retry'> | null {
  const issuer = single(answer, 'iss');
  if (answer.has('iss') && trust && !trust.issuer.includes('{') && issuer !== trust.issuer)
    return { reason: 'ISSUER_MISMATCH' };
  if (answer.has('error')) return { reason: 'PROVIDER_REFUSED', detail: { error: plainWord(single(answer, 'error')) } };
  return single(answer, 'code') ? null : { reason: 'NO_CODE' };
}

/** What a provider says of its own methods counts when its policy is to trust that (`trustClaims`). */
function amrOf({ policy }: IdentityProvider, { amr }: Record<string, unknown>): string[] {
  const told = policy.trustClaims === true && Array.isArray(amr) ? amr : [];
  const methods = told.filter((method) => typeof method === 'string' && /^\w{1,20}$/.test(method)).slice(0, 10);
  return methods.length > 0 ? methods : ['fed'];
}

type Refused = {
  reason: string;
  user?: User | null;
  detail?: Record<string, unknown>;
  /** The waiting authorization request, with which the person may try another way. */
  retry?: string | null;
};

async function refused(env: Env, provider: IdentityProvider | null, { retry, ...failure }: Refused): Promise<Response> {
  await recordExternalFailure(env, provider, failure);
  return refusedPage(env, provider, retry ?? null);
}

/** One page for every reason: what exactly was wrong is for the log. */
function refusedPage(env: Env, provider: IdentityProvider | null, retry: string | null): Response {
  const name = provider?.name ?? 'the other service';
  return errorPage(env, {
    status: 400,
    title: 'You are not signed in',
    what: `Signing in with ${name} did not lead to an account here.`,
    check:
      'Whether you finished at the other service, in this browser and within a few minutes, and whether your administrator has ' +
      'given you an account. The system log tells the reason under the request ID below.',
    link: {
      // Around the routing rules, which would lead there again.
      href: `/signin?${new URLSearchParams({ ...(retry === null ? {} : { request: retry }), local: 'true' })}`,
      text: 'Sign in another way',
    },
  });
}

function providerGonePage(env: Env): Response {
  return errorPage(env, {
    status: 404,
    title: 'This way to sign in is not open',
    what: 'There is no such identity provider, it is not active, or this server cannot ask it.',
    check: 'Security > Identity Providers: whether it is active.',
    link: { href: '/signin?local=true', text: 'Sign in another way' },
  });
}

function isOwnOrigin({ config }: Env, origin: string): boolean {
  return origin === config.url || config.domains.includes(origin);
}

/** An error code of OAuth, for the log. */
function plainWord(text: string | null): string {
  return text !== null && /^[\w.-]{1,60}$/.test(text) ? text : 'unknown';
}
