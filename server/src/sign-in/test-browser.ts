// Owns what the tests of this room share: the sign-in surface mounted without a port, and a browser that keeps cookies and fills
// in forms. Not here: anything that the server itself uses.
import type { Env } from '../core/env.ts';
import { issueOneTimeToken } from '../core/one-time-tokens.ts';
import type { TestEnv } from '../core/test-env.ts';
import { createUser, type NewUser, type User } from '../core/users.ts';
import { requestFacts } from '../http/request-facts.ts';
import { mount } from '../http/route.ts';
import { createTestRouter } from '../http/test-router.ts';
import { signInRoutes } from './routes.ts';
import { signInSurface } from './surface.ts';

export const ORG = 'https://sso.example.com';
export const PASSWORD = 'Correct-Horse-7';

export type App = { fetch(request: Request): Promise<Response> };

export function appOf({ env }: TestEnv, ip = '203.0.113.7'): App {
  const app = createTestRouter();
  mount(app, signInRoutes, signInSurface);
  return {
    fetch: async (request) =>
      app.fetch(request, { ...env, request: requestFacts(env.config, request, ip, env.random) }),
  };
}

export type Page = {
  status: number;
  headers: Headers;
  location: string | null;
  text: string;
  fields: Record<string, string>;
};

export type TestBrowser = {
  cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Page>;
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Page>;
  /** Sends the page's form with what the person typed, to where the form says. */
  submit(page: Page, typed: Record<string, string>): Promise<Page>;
};

export function browserFor(app: App): TestBrowser {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Page> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie ? { cookie } : {}), ...init.headers };
    const response = await app.fetch(new Request(`${ORG}${path}`, { ...init, headers }));
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await response.text();
    const { status } = response;
    return {
      status,
      headers: response.headers,
      location: response.headers.get('location'),
      text,
      fields: fieldsOf(text),
    };
  };
  const browser: TestBrowser = {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields, headers = {}) => send(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
    submit: (page, typed) => browser.post(/action="([^"]*)"/.exec(page.text)?.[1] ?? '', { ...page.fields, ...typed }),
  };
  return browser;
}

function fieldsOf(text: string): Record<string, string> {
  const inputs = [...text.matchAll(/<input\b[^>]*>/g)].map(([input]) => input);
  const attribute = (input: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1];
  return Object.fromEntries(
    inputs.map((input) => [attribute(input, 'name') ?? '', (attribute(input, 'value') ?? '').replaceAll('&amp;', '&')]),
  );
}

export function makeUser(env: Env, login: string, further: Partial<NewUser> = {}): Promise<User> {
  const profile = { login, email: login, firstName: 'Ada', lastName: 'Lovelace' };
  return createUser(env, { profile, password: PASSWORD, ...further });
}

export function linkToken(
  env: Env,
  purpose: 'activation' | 'recovery' | 'set-up',
  userId: string | null,
): Promise<string> {
  return issueOneTimeToken(env, { purpose, userId, lifetime: 900_000 });
}
