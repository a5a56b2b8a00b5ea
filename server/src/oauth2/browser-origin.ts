// Owns keeping pages of foreign origins from the token endpoint. Not here: which may call it (core/browser-access.ts).
import type { Application } from '../core/applications.ts';
import { objectionToBrowser } from '../core/browser-access.ts';
import type { Env } from '../core/env.ts';
import { oauthError } from './oauth-error.ts';

/** Throws when the request comes from a page that may not make it. A request without Origin is no page's. */
export async function checkBrowserOrigin(env: Env, request: Request, application: Application): Promise<void> {
  const origin = request.headers.get('origin');
  if (origin === null || origin === env.request.origin) return;
  const objection = await objectionToBrowser(env, application, origin);
  if (objection) throw oauthError(objection);
}
