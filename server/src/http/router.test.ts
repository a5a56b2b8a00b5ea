import { expect, test } from 'vitest';
import { createTestEnv } from '../core/test-env.ts';
import { json } from './reply.ts';
import { createRouter } from './router.ts';

/** What a request to each of these routes, written `METHOD path`, is answered: the route, and what stands in its place. */
async function answers(routes: readonly string[], requests: readonly string[]): Promise<unknown[]> {
  const { env, close } = await createTestEnv();
  const router = createRouter(
    async () => json('nowhere'),
    async (_env, _request, path, methods) => json([path, ...methods]),
  );
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ');
    router.add(method, path, async (_env, _request, params) => json({ [route]: params }));
  }
  const answered: unknown[] = [];
  for (const one of requests) {
    const [method = '', path = ''] = one.split(' ');
    const response = await router.fetch(new Request(`https://sso.example.com${path}`, { method }), env);
    answered.push(await response.json());
  }
  await close();
  return answered;
}

test('a segment as it is written goes before one that stands for anything, whatever the method allows', async () => {
  const routes = ['GET /users/{id}', 'PUT /users/{userId}', 'GET /users/me', 'GET /users/{id}/groups', 'GET /'];
  const requests = [
    'GET /users/me?id=1',
    'GET /users/you',
    'PUT /users/me',
    'GET /users/me/groups',
    'GET /',
    'HEAD /users/you',
  ];
  expect(await answers(routes, requests)).toEqual([
    { 'GET /users/me': {} },
    { 'GET /users/{id}': { id: 'you' } },
    { 'PUT /users/{userId}': { userId: 'me' } },
    { 'GET /users/{id}/groups': { id: 'me' } },
    { 'GET /': {} },
    { 'GET /users/{id}': { id: 'you' } },
  ]);
});

test('of two routes for the same requests the first counts', async () => {
  expect(await answers(['GET /a/{b}', 'GET /a/{c}'], ['GET /a/x'])).toEqual([{ 'GET /a/{b}': { b: 'x' } }]);
});

test('another method of a known path, and a path that nobody knows', async () => {
  const routes = ['GET /a/{b}', 'POST /a/{b}'];
  expect(await answers(routes, ['DELETE /a/x', 'GET /a', 'GET /a/', 'GET /a/x/', 'GET /a//'])).toEqual([
    ['/a/{b}', 'GET', 'POST'],
    'nowhere',
    'nowhere',
    'nowhere',
    'nowhere',
  ]);
});

test('the end of a path may be any', async () => {
  const routes = ['GET /admin/*', 'GET /admin/x'];
  expect(
    await answers(routes, ['GET /admin', 'GET /admin/', 'GET /admin/a/b', 'GET /admin/x', 'GET /administrator']),
  ).toEqual([
    { 'GET /admin/*': {} },
    { 'GET /admin/*': {} },
    { 'GET /admin/*': {} },
    { 'GET /admin/x': {} },
    'nowhere',
  ]);
});

test('a segment is decoded once, and one that is encoded badly is left as it is', async () => {
  const requests = ['GET /a/x%2Fy', 'GET /a/%2525', 'GET /a/%41%zz%C3%A9.%ff', 'GET /%61/1'];
  expect(await answers(['GET /a/{b}'], requests)).toEqual([
    { 'GET /a/{b}': { b: 'x/y' } },
    { 'GET /a/{b}': { b: '%25' } },
    { 'GET /a/{b}': { b: 'A%zzé.%ff' } },
    { 'GET /a/{b}': { b: '1' } },
  ]);
});
