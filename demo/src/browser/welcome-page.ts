// Owns: what somebody sees who is not signed in. Does not own: signing in.
import { el } from './element.ts';
import type { Page } from './layout.ts';

export function welcomePage(signIn: () => void): Page {
  const wanted = location.pathname !== '/';
  return {
    title: 'Welcome',
    content: [
      el(
        'div',
        { class: 'welcome' },
        el('h1', {}, 'Know your data'),
        el(
          'p',
          { class: 'lead' },
          wanted
            ? 'Sign in to see this page. You come back right here.'
            : 'A small catalogue of tables: what is in them, what it means, and whom to ask. Sign in to look around.',
        ),
        el('button', { type: 'button', class: 'primary large', click: signIn }, 'Sign in with Gatehouse'),
      ),
    ],
  };
}
