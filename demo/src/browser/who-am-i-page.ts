// Owns: showing who is signed in: claims by name, times, and how the tokens came. Does not own: renewing (signIn).
import { type SignIn, SignInError } from 'gatehouse-relying-party/browser';
import type { Caller, Client } from './client.ts';
import { el, time } from './element.ts';
import type { Page } from './layout.ts';
import { OBTAINED, type Renewal } from './renewals.ts';

const MEANINGS: Record<string, string> = {
  sub: 'subject',
  iss: 'issuer',
  aud: 'audience',
  iat: 'issued at',
  exp: 'expires at',
  auth_time: 'signed in at',
  amr: 'how the person proved who they are',
  idp: 'identity provider',
  jti: 'token ID',
  cid: 'client ID',
  uid: 'user ID',
  scp: 'scopes',
  ver: 'version',
  at_hash: 'hash of the access token',
  preferred_username: 'user name',
  email_verified: 'is the e-mail verified',
};
const TIMES: ReadonlySet<string> = new Set(['iat', 'exp', 'auth_time', 'updated_at', 'nbf']);

export async function whoAmIPage(signIn: SignIn, client: Client, renewals: () => readonly Renewal[]): Promise<Page> {
  const user = signIn.user();
  const session = el('section', { class: 'card', 'aria-labelledby': 'session' });
  const idClaims = el('div');
  const apiClaims = el('div');
  const outcome = el('p', { class: 'outcome', role: 'status' });
  const remaining = el('dd');

  const showRemaining = () => {
    const expiresAt = signIn.session()?.expiresAt;
    remaining.textContent = expiresAt === undefined ? 'no' : duration(expiresAt - Date.now());
  };
  const showSession = () => {
    session.replaceChildren(...sessionOf(signIn, renewals(), remaining));
    idClaims.replaceChildren(claimsTable(signIn.user()?.claims ?? {}));
    showRemaining();
  };
  const showCaller = (caller: Caller) => apiClaims.replaceChildren(claimsTable(caller.claims));

  showSession();
  showCaller(await client.whoAmI());
  const unsubscribe = signIn.on('changed', () => {
    if (signIn.user() === undefined) return;
    showSession();
    void client.whoAmI().then(showCaller, () => {});
  });
  const ticking = setInterval(showRemaining, 1000);

  const renewBy = (renew: () => Promise<void>) => async () => {
    outcome.textContent = 'Renewing…';
    try {
      await renew();
      outcome.textContent = 'Renewed.';
    } catch (error) {
      outcome.textContent = error instanceof SignInError ? `${error.message} ${error.advice}` : 'The renewal failed.';
    }
  };
  const button = (text: string, renew: () => Promise<void>) =>
    el('button', { type: 'button', click: () => void renewBy(renew)() }, text);

  return {
    title: 'Who am I',
    leave: () => {
      unsubscribe();
      clearInterval(ticking);
    },
    content: [
      el('h1', {}, user?.name ?? user?.username ?? 'Who am I'),
      el('p', { class: 'lead' }, user?.email ?? user?.username ?? ''),
      session,
      el(
        'div',
        { class: 'actions' },
        button('Renew by refresh token', signIn.renew),
        button('Renew through a hidden frame', signIn.renewSilently),
        outcome,
      ),
      el('h2', {}, 'What the ID token says'),
      idClaims,
      el('h2', {}, 'What the API read from the access token'),
      apiClaims,
    ],
  };
}

function sessionOf(signIn: SignIn, renewals: readonly Renewal[], remaining: HTMLElement) {
  const session = signIn.session();
  if (session === undefined) return [];
  return [
    el('h2', { id: 'session' }, 'Session'),
    el(
      'dl',
      {},
      el('dt', {}, 'Tokens came'),
      el('dd', { 'data-obtained-by': session.obtainedBy }, OBTAINED[session.obtainedBy]),
      el('dt', {}, 'At'),
      el('dd', {}, time(session.obtainedAt)),
      el('dt', {}, 'Good until'),
      el('dd', {}, time(session.expiresAt)),
      el('dt', {}, 'Time left'),
      remaining,
      el('dt', {}, 'Scopes'),
      el('dd', {}, session.scopes.join(' ')),
      el('dt', {}, 'Refresh token'),
      el('dd', {}, session.hasRefreshToken ? 'held in memory' : 'none'),
    ),
    el('h3', {}, 'How this page came by its tokens'),
    el(
      'ol',
      { class: 'renewals' },
      ...renewals.map((renewal) => el('li', {}, time(renewal.at), ` ${OBTAINED[renewal.by]}`)),
    ),
  ];
}

function claimsTable(claims: Readonly<Record<string, unknown>>) {
  const rows = Object.entries(claims).map(([name, value]) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('code', {}, name), el('small', {}, MEANINGS[name] ?? '')),
      el('td', {}, TIMES.has(name) && typeof value === 'number' ? time(value * 1000) : textOf(value)),
    ),
  );
  return el('table', { class: 'claims' }, el('tbody', {}, ...rows));
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
