// Owns a browser without JavaScript: a cookie jar that follows redirects inside Gatehouse and fills in its forms.
// Not here: a real browser (browser.ts).
import { formOf } from './html.ts';
import type { TestServer } from './server.ts';

export type Person = { login: string; password: string };

/** Where a visit ended: at a page of Gatehouse, or on the way to somewhere else, which is not followed. */
export type Visit = {
  status: number;
  url: URL;
  headers: Headers;
  html: string;
  /** The redirect that leaves Gatehouse; null at a page. */
  left: URL | null;
};

export type UserAgent = {
  /** Cookie name → value, all of Gatehouse's host. */
  cookies: Map<string, string>;
  /** One request with this agent's cookies; a redirect is returned, not followed. */
  send(url: string | URL, init?: RequestInit): Promise<Response>;
  open(url: string | URL, form?: URLSearchParams): Promise<Visit>;
  /** Submits the page's form with these fields filled in; fields that it does not have are left out. */
  submit(visit: Visit, fields: Record<string, string>): Promise<Visit>;
  /** Opens the URL and signs in where a sign-in form comes up. */
  signIn(url: string | URL, person: Person): Promise<Visit>;
};

const MOST_STEPS = 12;

export function newUserAgent(server: Pick<TestServer, 'url'>): UserAgent {
  const cookies = new Map<string, string>();

  const send = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(cookies, line);
    return response;
  };

  const open = async (start: string | URL, form?: URLSearchParams): Promise<Visit> => {
    let url = new URL(start, server.url);
    let response = await send(url, form ? { method: 'POST', body: form, headers: { origin: server.url } } : {});
    for (let step = 0; step < MOST_STEPS; step++) {
      const location = response.headers.get('location');
      const { status, headers } = response;
      const html = await response.text();
      if (location === null) return { status, url, headers, html, left: null };
      const next = new URL(location, url);
      if (next.origin !== server.url) return { status, url, headers, html, left: next };
      url = next;
      response = await send(url);
    }
    throw new Error(`Gatehouse redirects in a circle, last to ${url}`);
  };

  const submit = (visit: Visit, fields: Record<string, string>): Promise<Visit> => {
    const form = formOf(visit.html);
    if (!form) throw new Error(`There is no form at ${visit.url} (${visit.status}): ${visit.html.slice(0, 2000)}`);
    const values = new URLSearchParams(form.fields);
    for (const [name, value] of Object.entries(fields)) if (values.has(name)) values.set(name, value);
    return open(new URL(form.action || visit.url, visit.url), values);
  };

  const signIn = async (url: string | URL, person: Person): Promise<Visit> => {
    let visit = await open(url);
    const answers = { identifier: person.login, password: person.password };
    if (asksWhoYouAre(visit)) visit = await submit(visit, answers);
    // The password may be asked on a page of its own; the same form again is a refusal.
    if (asksWhoYouAre(visit) && !('identifier' in (formOf(visit.html)?.fields ?? {})))
      visit = await submit(visit, answers);
    return visit;
  };

  return { cookies, send, open, submit, signIn };
}

/** Whether the page is a sign-in form, be it for the first attempt or after a refused one. */
export function asksWhoYouAre(visit: Visit): boolean {
  const form = visit.left ? null : formOf(visit.html);
  return form !== null && ('identifier' in form.fields || 'password' in form.fields);
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  const isGone = value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute));
  if (isGone) cookies.delete(name);
  else cookies.set(name, value);
}
