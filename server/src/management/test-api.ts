// Owns what unit tests of management routes share: a few routes, mounted in a test env and called as an administrator.
// Not here: who may call (access.ts has its own tests).
import { ensureEveryone } from '../core/groups.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { createUser, type User } from '../core/users.ts';
import { mount, type Route, type Surface } from '../http/route.ts';
import { createTestRouter } from '../http/test-router.ts';
import { managementSurface } from './access.ts';

export const ORG = 'https://sso.example.com';

/** Objects and lists are both read by member: the tests say which they expect. */
export type Answer = { status: number; headers: Headers; body: Record<string, unknown> & Record<string, unknown>[] };

export type TestApi = {
  world: TestEnv;
  /** Who calls. */
  admin: User;
  call(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
};

export async function createTestApi(routes: readonly Route[]): Promise<TestApi> {
  const world = await createTestEnv();
  await ensureEveryone(world.env);
  const admin = await createUser(world.env, { profile: { login: 'admin@example.com', email: 'admin@example.com' } });
  const actor = { id: admin.id, type: 'User', alternateId: admin.login, displayName: 'Admin' } as const;
  const surface: Surface = { ...managementSurface, admit: (env) => Promise.resolve({ ...env, actor }) };
  const app = createTestRouter();
  mount(app, routes, surface);
  return {
    world,
    admin,
    async call(method, path, body, type = 'application/json') {
      const request = new Request(`${ORG}/api/v1${path}`, {
        method,
        headers: { 'content-type': type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const response = await app.fetch(request, world.env);
      const text = await response.text();
      const isPicture = response.headers.get('content-type')?.startsWith('image/') === true;
      const read = text === '' || isPicture ? null : JSON.parse(text);
      return { status: response.status, headers: response.headers, body: read };
    },
  };
}

export const linkNames = (body: Record<string, unknown>): string[] => Object.keys(body._links as object);

export const refused = ({ status, body }: Answer): unknown[] => [
  status,
  body.errorCode,
  body.errorSummary,
  body.errorCauses,
];
