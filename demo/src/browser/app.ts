// Owns: starting the page: the two callbacks, restoring a session, and which page an address shows.
// Does not own: the pages, the session.
import { createSignIn, SignInError } from 'gatehouse-relying-party/browser';
import { ApiError, createClient } from './client.ts';
import { el } from './element.ts';
import { failurePage, notFoundPage } from './failure-page.ts';
import { createLayout, type Page } from './layout.ts';
import { recordRenewals } from './renewals.ts';
import { tablePage } from './table-page.ts';
import { tablesPage } from './tables-page.ts';
import { welcomePage } from './welcome-page.ts';
import { whoAmIPage } from './who-am-i-page.ts';

const { issuer = '', clientId = '' } = document.documentElement.dataset;
const signIn = createSignIn({ issuer, clientId });

if (location.pathname === '/silent-callback') signIn.handleSilentCallback();
else void start();

async function start(): Promise<void> {
  const client = createClient(signIn);
  const renewals = recordRenewals(signIn);
  const begin = () => void signIn.signIn().catch(fail);
  const layout = createLayout(() => void leave());
  let turn = 0;
  let leaving = false;

  const atCallback = () => location.pathname === '/callback';
  const show = (page: Page, moved: boolean) => layout.show(page, signIn.user(), moved);

  async function leave(): Promise<void> {
    leaving = true;
    await signIn.signOut();
  }

  function fail(error: unknown): void {
    if (!(error instanceof SignInError) && !(error instanceof ApiError)) console.error(error);
    show(
      failurePage(error, () => (atCallback() ? begin() : void render(true))),
      true,
    );
  }

  async function pageOf(path: string): Promise<Page> {
    const table = /^\/tables\/([\w-]+)$/.exec(path)?.[1];
    const known = path === '/' || path === '/me' || table !== undefined;
    if (!known) return notFoundPage();
    if (signIn.user() === undefined) return welcomePage(begin);
    if (table !== undefined) return tablePage(client, table, () => layout.notice());
    return path === '/me' ? whoAmIPage(signIn, client, renewals) : tablesPage(client);
  }

  async function render(moved: boolean): Promise<void> {
    const mine = ++turn;
    try {
      const page = await pageOf(location.pathname);
      // A slower page that was left in the meantime must not come up over the newer one.
      if (mine === turn) show(page, moved);
      else page.leave?.();
    } catch (error) {
      if (mine === turn) fail(error);
    }
  }

  addEventListener('popstate', () => void render(true));
  // "Back" after signing out may bring this page up as it was left, half way out.
  addEventListener('pageshow', (event) => {
    if (event.persisted && leaving) location.reload();
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link === null || !plain || event.defaultPrevented || link.origin !== location.origin || link.hash !== '')
      return;
    event.preventDefault();
    layout.notice();
    history.pushState(null, '', link.href);
    void render(true);
  });

  signIn.on('expired', ({ reason }) => {
    layout.notice(el('strong', {}, 'You were signed out. '), `${reason.message} ${reason.advice}`);
  });
  signIn.on('error', ({ error }) => {
    layout.notice(el('strong', {}, 'In the background: '), `${error.message} ${error.advice}`);
  });

  show(
    { title: 'One moment', content: [el('p', { class: 'lead', role: 'status' }, 'Looking for your session…')] },
    false,
  );
  try {
    if (atCallback()) {
      const { returnTo } = await signIn.handleCallback();
      history.replaceState(null, '', returnTo);
    } else {
      await signIn.restore();
    }
  } catch (error) {
    fail(error);
    return;
  } finally {
    let person = signIn.user()?.subject;
    signIn.on('changed', ({ user }) => {
      if (user?.subject === person) return;
      person = user?.subject;
      if (leaving) show(busyPage('Signing out…'), true);
      else if (!atCallback()) void render(true);
    });
  }
  await render(false);
}

function busyPage(text: string): Page {
  return { title: 'One moment', content: [el('p', { class: 'lead', role: 'status' }, text)] };
}
