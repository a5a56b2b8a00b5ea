// Owns the answer to operations that Okta's API has and this server has not: 501, never a success that would not be true. It is
// asked only where no route fits. Not here: which those are (docs/compatibility.md says it).
import type { Env } from '../core/env.ts';
import { apiError } from '../http/api-error.ts';
import { managementSurface, requireAnyToken } from './access.ts';
import { findOperation } from './operations.ts';

/** E0000060 for an operation of Okta's; a caller of the API first shows a token. Null: Okta has no such operation either. */
export async function answerAbsentOperation(env: Env, request: Request): Promise<Response | null> {
  const { pathname } = new URL(request.url);
  const operation = findOperation(request.method, pathname);
  if (!operation) return null;
  try {
    if (/\/api\/v1\/|^\/oauth2\/v1\/clients\//.test(operation.path)) await requireAnyToken(env, request);
    return apiError(env, 'E0000060');
  } catch (error) {
    return managementSurface.refuse(env, error, request);
  }
}
