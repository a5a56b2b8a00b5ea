import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeReturnTo } from './return-to.ts';

const ORIGIN = 'https://catalogue.example';

describe('where a sign-in may return to', () => {
  it('a path of this application is kept, with its query and fragment', () => {
    for (const path of [
      '/',
      '/tables',
      '/tables/orders?x=1&y=%2F#top',
      '/a//b',
      '/%2F%2Fevil.example',
      '/@evil.example',
    ])
      expect(safeReturnTo(path)).toBe(path);
  });

  it('whatever names another place becomes the fallback', () => {
    const hostile = [
      'https://evil.example',
      '//evil.example',
      '///evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
      '\t//evil.example',
      ' /tables',
      '/./\\evil.example',
      '/.//evil.example',
      '/..//evil.example',
      '/x/..//evil.example',
      '/%2e//evil.example',
      'javascript:alert(1)',
      'data:text/html,x',
      'tables',
      '',
      undefined,
      null,
      7,
      ['/tables'],
      { toString: () => '/tables' },
    ];
    for (const value of hostile) expect([value, safeReturnTo(value)]).toEqual([value, '/']);
  });

  it('a path that would only come back to a callback becomes the fallback', () => {
    for (const path of ['/callback', '/callback?code=1', '/x/../callback', '/silent-callback#x'])
      expect(safeReturnTo(path, ['/callback', '/silent-callback'], '/home')).toBe('/home');
    expect(safeReturnTo('/callbacks', ['/callback'])).toBe('/callbacks');
  });

  it('no text leads a browser off this origin', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '//',
      ':',
      '@',
      '?',
      '#',
      '\t',
      '\n',
      '%2f',
      '%5c',
      'evil.example',
      'https:',
      'a',
      '\u3002',
      '\uff0f',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const path = safeReturnTo(text);
          expect(path.startsWith('/')).toBe(true);
          expect(new URL(path, ORIGIN).origin).toBe(ORIGIN);
          expect(safeReturnTo(path)).toBe(path);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
