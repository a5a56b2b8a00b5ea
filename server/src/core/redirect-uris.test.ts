import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Application } from './applications.ts';
import {
  isRedirectOriginOf,
  isRegisteredPostLogoutUri,
  isRegisteredRedirectUri,
  objectionTo,
  originOf,
  redirectOriginsOf,
} from './redirect-uris.ts';

function client(
  redirect_uris: string[],
  wildcard_redirect = 'DISABLED',
  post_logout_redirect_uris?: string[],
): Application {
  const oauthClient = { redirect_uris, wildcard_redirect, post_logout_redirect_uris };
  return { settings: { oauthClient } } as unknown as Application;
}

const path = fc
  .array(fc.stringMatching(/^[a-z0-9_-]{1,8}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`);
const host = fc.constantFrom('app.example.com', 'example.com', 'localhost', '127.0.0.1', 'a.b.c.example.co.uk');
const port = fc.constantFrom('', ':8080', ':8443');
const registered = fc.tuple(fc.constantFrom('https', 'http'), host, port, path, fc.constantFrom('', '?app=1'));

/** Ways in which attackers write a URI that is almost the registered one. */
const mutations: ((scheme: string, host: string, port: string, path: string, query: string) => string)[] = [
  (s, h, p, path, q) => `${s.toUpperCase()}://${h}${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h.toUpperCase() === h ? `${h}.` : h.toUpperCase()}${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path.toUpperCase()}X${q}`,
  (s, h, p, path, q) => `${s}://${h}.${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}.attacker.example${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://attacker-${h}${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}@attacker.example${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://user:pass@${h}${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}@attacker.example${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}:1${p === ':8080' ? '' : '8080'}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}1${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}/..;${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}/..;/x${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}/../x${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}/x/..${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}/.${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}/${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}/${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path.replace('/', '/%2f')}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}%2f${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}%252f..${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}%2f${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}%2eattacker.example${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}/%${path.charCodeAt(1).toString(16)}${path.slice(2)}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}${q}#fragment`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}${q}#`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}?${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}${q}${q ? '&' : '?'}extra=1`,
  (s, h, p, path, q) => `${s}:\\\\${h}${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}\\${path}${q}`,
  (s, h, p, path, q) => `${s}://attacker.example\\@${h}${p}${path}${q}`,
  (s, h, p, path, q) => ` ${s}://${h}${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}${q} `,
  (s, h, p, path, q) => `${s}://${h}${p}${path}${q}\t`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}${q}\n`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}${q}\r\nSet-Cookie: a=b`,
  (s, h, p, path, q) => `${s}\n://${h}${p}${path}${q}`,
  (s, h, p, path, q) => `${s}:/\t/${h}${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://${h}${p}${path}${q}\0`,
  (_s, h, p, path, q) => `//${h}${p}${path}${q}`,
  (_s, _h, _p, path, q) => `${path}${q}`,
  (s, h, p, path, q) => `${s === 'https' ? 'http' : 'https'}://${h}${p}${path}${q}`,
  (s, h, p, path, q) => `javascript://${h}${p}${path}${q}${s}`,
  (s, h, p, path, q) => `${s}://${h.replace('e', '\u0435').replace('1', '\u0661')}x${p}${path}${q}`,
  (s, h, p, path, q) => `${s}://*${p}${path}${q}${h}`,
  () => '',
];

describe('a redirect URI', () => {
  it('is accepted exactly as it was registered', () => {
    fc.assert(
      fc.property(registered, (parts) => {
        const [scheme, host, port, path, query] = parts;
        const uri = `${scheme}://${host}${port}${path}${query}`;
        expect(isRegisteredRedirectUri(client(['https://other.example/cb', uri]), uri)).toBe(true);
      }),
    );
  });

  it.each(mutations.map((mutate, index) => ({ index, mutate })))(
    'is refused when altered (mutation $index)',
    ({ mutate }) => {
      fc.assert(
        fc.property(registered, (parts) => {
          const uri = `${parts[0]}://${parts[1]}${parts[2]}${parts[3]}${parts[4]}`;
          const forged = mutate(...parts);
          fc.pre(forged !== uri);
          expect(isRegisteredRedirectUri(client([uri]), forged)).toBe(false);
          expect(isRegisteredPostLogoutUri(client([uri], 'DISABLED', [uri]), forged)).toBe(false);
        }),
      );
    },
  );

  it('is refused when a byte is inserted, deleted or exchanged anywhere', () => {
    fc.assert(
      fc.property(registered, fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2), (parts, at, inserted, cut) => {
        const uri = `${parts[0]}://${parts[1]}${parts[2]}${parts[3]}${parts[4]}`;
        const index = at % uri.length;
        const forged = uri.slice(0, index) + inserted + uri.slice(index + cut);
        fc.pre(forged !== uri);
        expect(isRegisteredRedirectUri(client([uri]), forged)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('has no wildcard unless the application allows one', () => {
    const application = client(['https://*.example.com/cb']);
    expect(isRegisteredRedirectUri(application, 'https://a.example.com/cb')).toBe(false);
    expect(isRegisteredRedirectUri(application, 'https://*.example.com/cb')).toBe(false);
  });

  it('is not one of the post-logout URIs, nor the other way round', () => {
    const application = client(['https://a.example/cb'], 'DISABLED', ['https://a.example/bye']);
    expect(isRegisteredRedirectUri(application, 'https://a.example/bye')).toBe(false);
    expect(isRegisteredPostLogoutUri(application, 'https://a.example/cb')).toBe(false);
    expect(isRegisteredPostLogoutUri(client(['https://a.example/cb']), 'https://a.example/cb')).toBe(false);
  });
});

describe('a wildcard in the lowest label', () => {
  const application = client(['https://*.example.com/cb', 'https://redirect-*-x.example.com:8443/cb?a=1'], 'SUBDOMAIN');

  it.each([
    'https://a.example.com/cb',
    'https://pull-request-12.example.com/cb',
    'https://redirect-7-x.example.com:8443/cb?a=1',
  ])('stands for the characters of a host name: %s', (uri) => {
    expect(isRegisteredRedirectUri(application, uri)).toBe(true);
  });

  it.each([
    'https://.example.com/cb',
    'https://example.com/cb',
    'https://*.example.com/cb',
    'https://a.b.example.com/cb',
    'https://a..example.com/cb',
    'https://A.example.com/cb',
    'https://-a.example.com/cb',
    'https://a-.example.com/cb',
    'https://a_b.example.com/cb',
    'https://a%2eb.example.com/cb',
    'https://user@a.example.com/cb',
    'https://evil.com/.example.com/cb',
    'https://evil.com?.example.com/cb',
    'https://evil.com#.example.com/cb',
    'https://evil.com\\.example.com/cb',
    'https://evil.com:443@a.example.com/cb',
    'https://a\n.example.com/cb',
    'https://a .example.com/cb',
    'https://\u0430.example.com/cb',
    'http://a.example.com/cb',
    'https://a.example.com/cb/',
    'https://a.example.com/CB',
    'https://a.example.com:443/cb',
    'https://a.example.com/cb#x',
    `https://${'a'.repeat(64)}.example.com/cb`,
    'https://redirect--x.example.com:8443/cb?a=1',
    'https://redirect-x.example.com:8443/cb?a=1',
    'https://redirect-7-x.example.com:8443/cb',
    'https://redirect-7-x.example.com/cb?a=1',
  ])('stands for nothing else: %s', (uri) => {
    expect(isRegisteredRedirectUri(application, uri)).toBe(false);
  });

  it('never lets a browser leave the registered domain', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        const uri = `https://${text}.example.com/cb`;
        if (!isRegisteredRedirectUri(application, uri)) return;
        expect(new URL(uri).hostname).toBe(`${text}.example.com`);
        expect(text).not.toContain('.');
      }),
      { numRuns: 1000 },
    );
  });

  it('covers the origins of the label alone', () => {
    expect(isRedirectOriginOf(application, 'https://a.example.com')).toBe(true);
    expect(isRedirectOriginOf(application, 'https://redirect-1-x.example.com:8443')).toBe(true);
    expect(isRedirectOriginOf(application, 'https://a.b.example.com')).toBe(false);
    expect(isRedirectOriginOf(application, 'https://a.example.com.evil.example')).toBe(false);
    expect(isRedirectOriginOf(application, 'https://*.example.com')).toBe(false);
    expect(redirectOriginsOf(application)).toEqual([]);
  });
});

describe('the origins of redirect URIs', () => {
  it('are those of web pages', () => {
    const uris = ['https://a.example/cb', 'https://a.example/other', 'http://localhost:8080/cb', 'com.example.app:/cb'];
    expect(redirectOriginsOf(client(uris))).toEqual(['https://a.example', 'http://localhost:8080']);
    expect(isRedirectOriginOf(client(uris), 'https://a.example')).toBe(true);
    expect(isRedirectOriginOf(client(uris), 'https://A.example')).toBe(false);
    expect(isRedirectOriginOf(client(uris), 'null')).toBe(false);
    expect(originOf('com.example.app:/cb')).toBe(null);
    expect(originOf('nonsense')).toBe(null);
  });
});

describe('registering a redirect URI', () => {
  const web = { schemes: false, wildcard: false };

  it.each([
    'http://d.com/',
    'http://test.com',
    'https://localhost:4200/callback',
    'https://a.example/cb?x=1&y=%20',
    'http://[::1]:8080/cb',
  ])('takes %s', (uri) => {
    expect(objectionTo(uri, web)).toBe(null);
  });

  it('takes a scheme of its own from a native application only', () => {
    for (const uri of ['com.oktapreview.oie-00:/callback', 'myapp://callback', 'com.example.app:/']) {
      expect(objectionTo(uri, { schemes: true, wildcard: false })).toBe(null);
      expect(objectionTo(uri, web)).toContain('http or https');
    }
  });

  it.each([
    'javascript:alert(1)',
    'JavaScript://a.example/%0aalert(1)',
    'data:text/html,hello',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://a.example/1',
    'view-source:https://a.example',
    'about:blank',
  ])('never takes a scheme that runs or shows what it carries: %s', (uri) => {
    expect(objectionTo(uri, { schemes: true, wildcard: true })).toContain('scheme');
  });

  it.each([
    '',
    '/callback',
    '//a.example/cb',
    'a.example/cb',
    'https:',
    'https://',
    'https:///cb',
    'https:a.example/cb',
    'https://user@a.example/cb',
    'https://user:pass@a.example/cb',
    'https://a.example/cb#x',
    'https://a.example/cb#',
    'https://a.example/c b',
    'https://a.example\\cb',
    'https://a.example/cb\n',
    'https://a.example/\u00fc',
    'https://a.example/<script>',
    'https://a.example:99999/cb',
    `https://a.example/${'a'.repeat(2000)}`,
  ])('refuses what is not an absolute URI with a host and without user or fragment: %s', (uri) => {
    expect(objectionTo(uri, web)).not.toBe(null);
  });

  it('takes one wildcard where the application allows it, and only in the lowest label under a domain', () => {
    const wildcard = { schemes: false, wildcard: true };
    for (const uri of [
      'https://*.example.com/cb',
      'https://redirect-*-x.example.com/cb',
      'https://*.a.example.com:8443',
    ])
      expect(objectionTo(uri, wildcard)).toBe(null);
    for (const uri of [
      'http://*.example.com/cb',
      'https://*/cb',
      'https://*.com/cb',
      'https://a.*.example.com/cb',
      'https://*.*.example.com/cb',
      'https://example.com/*',
      'https://*.example.com/*',
      'https://example.*/cb',
    ])
      expect(objectionTo(uri, wildcard)).not.toBe(null);
    expect(objectionTo('https://*.example.com/cb', web)).toContain('wildcard');
  });
});
