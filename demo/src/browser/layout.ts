// Owns: what every page has around it: skip link, header, navigation, who is signed in, notices.
// Does not own: the pages' contents, navigation between them (app.ts).
import type { User } from 'gatehouse-relying-party/browser';
import { type Child, el } from './element.ts';

export type Page = {
  title: string;
  content: Child[];
  /** Ends what the page keeps running. */
  leave?: () => void;
};

export type Layout = {
  /** `moved`: the person asked for this page, so the focus goes to it and a screen reader tells it. */
  show: (page: Page, user: User | undefined, moved: boolean) => void;
  notice: (...content: Child[]) => void;
};

export function createLayout(signOut: () => void): Layout {
  const navigation = el('nav', { 'aria-label': 'Catalogue' });
  const account = el('div', { class: 'account' });
  const notices = el('div', { class: 'notices', role: 'status' });
  const main = el('main', { id: 'main', tabindex: '-1' });
  document.body.replaceChildren(
    el('a', { href: '#main', class: 'skip' }, 'Skip to the content'),
    el(
      'header',
      { class: 'top' },
      el(
        'a',
        { href: '/', class: 'brand' },
        el('img', { src: '/icon.svg', alt: '', width: '28', height: '28' }),
        'Catalogue',
      ),
      navigation,
      account,
    ),
    notices,
    main,
    el('footer', {}, 'A demo of sign-in through Gatehouse. Edits live in memory and are gone after a restart.'),
  );

  let shown: Page | undefined;
  return {
    show: (page, user, moved) => {
      shown?.leave?.();
      shown = page;
      document.title = `${page.title} · Catalogue`;
      navigation.replaceChildren(...(user === undefined ? [] : [link('/', 'Tables'), link('/me', 'Who am I')]));
      account.replaceChildren(...accountOf(user, signOut));
      main.replaceChildren(...page.content.filter((child) => child !== undefined && child !== false));
      if (!moved) return;
      main.focus({ preventScroll: true });
      scrollTo(0, 0);
    },
    notice: (...content) => {
      const present = content.filter((child) => child !== undefined && child !== false);
      notices.replaceChildren(...(present.length === 0 ? [] : [el('div', { class: 'notice' }, ...present)]));
    },
  };
}

function link(href: string, text: string) {
  const current = location.pathname === href || (href === '/' && location.pathname.startsWith('/tables/'));
  return el('a', { href, 'aria-current': current ? 'page' : undefined }, text);
}

function accountOf(user: User | undefined, signOut: () => void) {
  if (user === undefined) return [];
  return [
    el('span', { class: 'person', title: user.email }, user.name ?? user.username ?? user.subject),
    el('button', { type: 'button', click: signOut }, 'Sign out'),
  ];
}
