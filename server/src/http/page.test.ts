import { html } from 'hono/html';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Env } from '../core/env.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { assetPath, assetRoutes } from './assets.ts';
import { errorPage, notFoundPage } from './error-page.ts';
import { autoSubmitPage, postMessagePage } from './hand-over-pages.ts';
import { page } from './page.ts';

let world: TestEnv;
let env: Env;
beforeAll(async () => {
  world = await createTestEnv();
  env = world.env;
});
afterAll(() => world.close());

const plain = () => page(env, { title: 'T', body: html`<h1>T</h1>` });
const policyOf = (response: Response) => response.headers.get('content-security-policy');

describe('every page', () => {
  it('may be framed by nobody and kept by no cache', () => {
    const { headers } = plain();
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(policyOf(plain())).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('loads nothing but the style and images of this server, and submits only to it', () => {
    expect(policyOf(plain())).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
  });

  it('holds no inline script and no inline style', async () => {
    const pages = [
      plain(),
      notFoundPage(env),
      errorPage(env, { status: 400, title: 'x', what: 'y', check: 'z', code: 'c' }),
      autoSubmitPage(env, { action: 'https://app.example/cb', fields: { code: 'c' } }),
      postMessagePage(env, { targetOrigin: 'https://app.example', message: { code: 'c' } }),
    ];
    for (const response of pages) {
      const text = await response.text();
      expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
      expect(text.match(/<script[^>]*>[^<]/g)).toBeNull();
      expect(text).toContain('<html lang="en">');
      expect(text.match(/<h1>/g)).toHaveLength(1);
    }
  });

  it('escapes what it is given', async () => {
    const evil = '"><img src=x onerror=alert(1)>';
    const response = errorPage(env, { status: 400, title: evil, what: evil, check: evil, code: evil });
    expect(await response.text()).not.toContain('<img src=x');
  });

  it('refuses to name a place that could end the policy', () => {
    const one = (uri: string) => () => page(env, { title: 'T', body: html``, frameAncestors: [uri] });
    expect(one("https://a.example; script-src 'unsafe-inline'")).toThrow();
    expect(one('*')).toThrow();
    expect(one('data:text/html,x')).toThrow();
    expect(() => page(env, { title: 'T', body: html``, formAction: ['/relative'] })).toThrow();
  });
});

describe('the error page', () => {
  it('says what happened, where to look, and the request id', async () => {
    const response = errorPage(env, {
      status: 400,
      title: 'The application is not known',
      what: 'No application has this client ID.',
      check: 'Applications > Client ID',
      code: 'invalid_client',
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    for (const part of ['No application has', 'Applications &gt; Client ID', 'invalid_client', 'request-1'])
      expect(text).toContain(part);
  });
});

describe('the page that submits itself', () => {
  const response = () =>
    autoSubmitPage(env, { action: 'https://app.example/cb?x=1', fields: { code: 'c"d', state: 's' } });

  it('posts the fields and has a button for a browser without script', async () => {
    const text = await response().text();
    expect(text).toContain('<form method="post" action="https://app.example/cb?x=1">');
    expect(text).toContain('<input type="hidden" name="code" value="c&quot;d">');
    expect(text).toContain('<button type="submit">');
  });

  it('may run its script and leave this server by https', () => {
    expect(policyOf(response())).toContain("script-src 'self'");
    expect(policyOf(response())).toContain("form-action 'self' https:;");
  });

  it('may open an application by its own scheme', () => {
    const own = autoSubmitPage(env, { action: 'com.example.app:/callback', fields: {} });
    expect(policyOf(own)).toContain("form-action 'self' com.example.app:;");
  });
});

describe('the page that posts a message', () => {
  it('may be framed by the target origin alone', () => {
    const response = postMessagePage(env, { targetOrigin: 'https://app.example:8443', message: {} });
    expect(response.headers.get('x-frame-options')).toBeNull();
    expect(policyOf(response)).toContain('frame-ancestors https://app.example:8443;');
  });

  it('carries the message as data', async () => {
    const message = { code: 'c', state: '"><script>alert(1)</script>' };
    const text = await postMessagePage(env, { targetOrigin: 'https://app.example', message }).text();
    expect(text).not.toContain('<script>alert');
    const attribute = /data-message="([^"]*)"/.exec(text)?.[1] ?? '';
    const unescaped = attribute
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
    expect(JSON.parse(unescaped)).toEqual(message);
  });
});

describe('assets', () => {
  const get = (path: string, headers: Record<string, string> = {}) => {
    const request = new Request(`https://sso.example.com${path}`, { headers });
    const name = new URL(request.url).pathname.slice('/assets/'.length);
    const [route] = assetRoutes;
    if (!route) throw new Error('no route');
    return route.handle({ env, params: { name }, query: undefined, body: undefined, request } as never);
  };

  it.each(['page.css', 'mark.svg', 'post-message.js', 'auto-submit.js'] as const)(
    '%s may be kept for ever under its own digest',
    async (name) => {
      const response = await get(assetPath(env, name));
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect((await response.text()).length).toBeGreaterThan(50);
    },
  );

  it('a file without its digest is checked each time', async () => {
    const response = await get('/assets/page.css');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const etag = response.headers.get('etag') ?? '';
    expect((await get('/assets/page.css', { 'if-none-match': etag })).status).toBe(304);
  });

  it.each(['/assets/../page.ts', '/assets/constructor', '/assets/__proto__', '/assets/x.css'])(
    '%s is not there',
    async (path) => {
      const name = path.slice('/assets/'.length);
      const [route] = assetRoutes;
      const request = new Request('https://sso.example.com/assets/x');
      const response = await route?.handle({
        env,
        params: { name },
        query: undefined,
        body: undefined,
        request,
      } as never);
      expect(response?.status).toBe(404);
    },
  );
});
