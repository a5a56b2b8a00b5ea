// Owns the files that pages load (assets/): which there are, their addresses and their caching. An address holds a digest of the
// content, so a browser may keep the file for ever. Not here: pages, and the console's files.
import { readFileSync } from 'node:fs';
import { sha256Base64url } from '../base/opaque-token.ts';
import type { Env } from '../core/env.ts';
import { type Route, route } from './route.ts';

const TYPES = {
  'page.css': 'text/css; charset=utf-8',
  'reference.css': 'text/css; charset=utf-8',
  'mark.svg': 'image/svg+xml',
  'post-message.js': 'text/javascript; charset=utf-8',
  'auto-submit.js': 'text/javascript; charset=utf-8',
  'group-medium.png': 'image/png',
  'group-large.png': 'image/png',
} as const;

export type AssetName = keyof typeof TYPES;

/** A file as it is served. */
export type Asset = { content: Uint8Array<ArrayBuffer>; digest: string };

/** Where a page finds the file. */
export function assetPath(env: Env, name: AssetName): string {
  return `/assets/${name}?v=${assetOf(env, name).digest}`;
}

export const assetRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/assets/{name}',
    operationId: 'getAsset',
    summary: 'A file that a page loads',
    tags: ['Pages'],
    access: 'public',
    responses: { 200: null },
    async handle({ env, params, request }) {
      const { name } = params;
      if (!isAsset(name)) return new Response(null, { status: 404 });
      const { content, digest } = assetOf(env, name);
      const etag = `"${digest}"`;
      const headers = {
        etag,
        'cache-control':
          new URL(request.url).searchParams.get('v') === digest ? 'public, max-age=31536000, immutable' : 'no-cache',
      };
      if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
      return new Response(content, {
        headers: { ...headers, 'content-type': TYPES[name], 'x-content-type-options': 'nosniff' },
      });
    },
  }),
];

function isAsset(name: string): name is AssetName {
  return Object.hasOwn(TYPES, name);
}

export function assetOf(env: Env, name: AssetName): Asset {
  return env.memory.of(`asset:${name}`, () => {
    const content = new Uint8Array(readFileSync(new URL(`./assets/${name}`, import.meta.url)));
    return { content, digest: sha256Base64url(Buffer.from(content).toString('latin1')).slice(0, 16) };
  });
}
