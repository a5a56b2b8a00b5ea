// Owns: saying what went wrong in words that help: the provider's error, its description, what to check.
// Does not own: recognising failures (the relying party does).
import { SignInError } from 'gatehouse-relying-party/browser';
import { ApiError } from './client.ts';
import { el } from './element.ts';
import type { Page } from './layout.ts';

export function failurePage(error: unknown, tryAgain: () => void): Page {
  const title = error instanceof SignInError ? 'Signing in did not work' : 'This page could not be shown';
  return {
    title,
    content: [
      el('h1', {}, title),
      el('div', { class: 'card failure', role: 'alert' }, ...explain(error)),
      el(
        'div',
        { class: 'actions' },
        el('button', { type: 'button', class: 'primary', click: tryAgain }, 'Try again'),
        el('a', { href: '/' }, 'To the start page'),
      ),
    ],
  };
}

function explain(error: unknown) {
  if (error instanceof SignInError) {
    const facts = [
      fact('Error', error.error ?? error.code),
      fact('Description', error.description ?? (error.message === error.advice ? undefined : error.message)),
      fact('What to check', error.advice),
      fact('Step of the set-up guide', error.guideStep?.toString()),
    ];
    return [el('dl', {}, ...facts.flat())];
  }
  if (error instanceof ApiError) return [el('p', {}, error.message)];
  return [el('p', {}, 'Something broke in this page. The browser’s console tells more.')];
}

function fact(name: string, value: string | undefined) {
  return value === undefined ? [] : [el('dt', {}, name), el('dd', {}, value)];
}

export function notFoundPage(): Page {
  return {
    title: 'Nothing here',
    content: [
      el('h1', {}, 'Nothing here'),
      el('p', { class: 'lead' }, 'This address leads nowhere in the catalogue.'),
      el('p', {}, el('a', { href: '/' }, 'To the start page')),
    ],
  };
}
