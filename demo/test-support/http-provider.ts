// Owns: the fake provider behind a real port, with a sign-in page and a session cookie, for tests with a real browser.
// Does not own: its tokens and refusals (the relying party's test support).
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { html } from 'hono/html';
import { createFakeProvider } from '../../relying-party/test-support/fake-provider.ts';

export type HttpProvider = Awaited<ReturnType<typeof startHttpProvider>>;

const PATH = '/oauth2/aus1';
const SESSION = 'sid';

/** `allowed` says which origins may read its answers, as trusted origins do. */
export async function startHttpProvider(allowed: { origin: string }) {
  const app = new Hono();
  const { server, port } = await listen(app);
  const issuer = `http://localhost:${port}${PATH}`;
  const provider = await createFakeProvider(issuer, Date.now);
  const seen = { logouts: [] as URLSearchParams[], framedPages: 0 };

  const answer = (c: Context) => {
    const redirectUri = new URL(c.req.query('redirect_uri') ?? issuer);
    redirectUri.search = provider.authorize(c.req.url).toString();
    return c.redirect(redirectUri.href);
  };

  app.get(`${PATH}/v1/authorize`, (c) => {
    provider.state.sessionOf = getCookie(c, SESSION);
    const shows = provider.state.sessionOf === undefined && c.req.query('prompt') !== 'none';
    if (!shows || provider.state.refuseAuthorize !== undefined) return answer(c);
    c.header('Content-Security-Policy', "frame-ancestors 'none'");
    return c.html(signInPage());
  });
  app.post(`${PATH}/v1/authorize`, async (c) => {
    const { identifier } = await c.req.parseBody();
    setCookie(c, SESSION, String(identifier), { httpOnly: true, sameSite: 'Lax', path: '/' });
    provider.state.sessionOf = String(identifier);
    return answer(c);
  });
  app.get(`${PATH}/v1/logout`, (c) => {
    seen.logouts.push(new URL(c.req.url).searchParams);
    deleteCookie(c, SESSION);
    provider.state.sessionOf = undefined;
    return c.redirect(c.req.query('post_logout_redirect_uri') ?? '/');
  });
  app.use(cors({ origin: () => allowed.origin }));
  app.all('*', async (c) => {
    const body = await c.req.text();
    // The cookie of a request across origins does not come along; the session that the code was issued for stays.
    return provider.fetch(`http://localhost:${port}${c.req.path}`, body === '' ? {} : { method: 'POST', body });
  });

  return {
    ...provider,
    issuer,
    seen,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

function listen(app: Hono): Promise<{ server: ReturnType<typeof serve>; port: number }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info: AddressInfo) =>
      resolve({ server, port: info.port }),
    );
  });
}

function signInPage() {
  return html`<!doctype html>
    <title>Sign in</title>
    <form method="post">
      <label>User <input name="identifier" /></label>
      <label>Password <input name="password" type="password" /></label>
      <button>Sign in</button>
    </form>`;
}
