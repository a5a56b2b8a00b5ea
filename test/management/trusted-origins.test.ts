// Trusted origins over HTTP: shapes in the recorded order, statuses, refusals, and what trust opens. Contract section 4.8.
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type ApiError, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const ORIGINS = '/api/v1/trustedOrigins';

type TrustedOrigin = { id: string; name: string; origin: string; status: string; _links: Record<string, unknown> };

const bodyOf = (changes: object = {}) => {
  const name = unique('origin').replace(' ', '-');
  return { name, origin: `https://${name}.example.com`, scopes: [{ type: 'CORS' }], ...changes };
};

test('a trusted origin answers 200 with its members in order, and links by status', async () => {
  const { status, body } = await api.request<TrustedOrigin>('POST', ORIGINS, bodyOf());
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual([
    'id',
    'name',
    'origin',
    'scopes',
    'status',
    'created',
    'createdBy',
    'lastUpdated',
    'lastUpdatedBy',
    '_links',
  ]);
  expect(Object.keys(body._links)).toEqual(['self', 'deactivate']);
  const off = await api.post<TrustedOrigin>(`${ORIGINS}/${body.id}/lifecycle/deactivate`);
  expect([off.status, Object.keys(off._links)]).toEqual(['INACTIVE', ['activate', 'self']]);
  expect((await api.request('DELETE', `${ORIGINS}/${body.id}`)).status).toBe(204);
  expect((await api.request('GET', `${ORIGINS}/${body.id}`)).status).toBe(404);
});

test.each([
  'https://a.example.com/path',
  'https://a.example.com/',
  'a.example.com',
  'https://*.example.com',
  'javascript:alert(1)',
  '',
])('the origin %j is refused', async (origin) => {
  const { status, body } = await api.request<ApiError>('POST', ORIGINS, bodyOf({ origin }));
  expect([status, body.errorCode]).toEqual([400, 'E0000001']);
  expect(body.errorCauses).toEqual([{ errorSummary: 'origin: Origin value is not valid' }]);
});

test('of ten entries for one origin at once, one is made', async () => {
  const { origin } = bodyOf();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => api.request<ApiError>('POST', ORIGINS, bodyOf({ origin }))),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const { body } of answers.filter(({ status }) => status !== 200)) expect(body.errorCode).toBe('E0000001');
});

test('a list is searched by a part of name or origin, and filtered', async () => {
  const { id, name, origin } = await api.post<TrustedOrigin>(ORIGINS, bodyOf());
  const find = async (query: string) => (await api.get<TrustedOrigin[]>(`${ORIGINS}?${query}`)).map((one) => one.id);
  expect(await find(`q=${name.slice(2)}`)).toEqual([id]);
  expect(await find(`filter=${encodeURIComponent(`origin eq "${origin}" and status eq "ACTIVE"`)}`)).toEqual([id]);
  expect(await find(`filter=${encodeURIComponent(`name eq "${name}" and status eq "INACTIVE"`)}`)).toEqual([]);
  expect((await api.request('GET', `${ORIGINS}?filter=nonsense`)).status).toBe(400);
});

describe('a page of another origin', () => {
  const allowed = async (origin: string) => {
    const response = await fetch(`${server.url}/api/v1/sessions/me`, { headers: { origin } });
    return response.headers.get('access-control-allow-origin');
  };

  test('reads answers only while its exact origin is trusted for CORS', async () => {
    const { id, origin } = await api.post<TrustedOrigin>(ORIGINS, bodyOf());
    expect(await allowed(origin)).toBe(origin);
    expect(await allowed(origin.replace('https', 'http'))).toBeNull();
    expect(await allowed(`${origin}.evil.example`)).toBeNull();
    await api.post(`${ORIGINS}/${id}/lifecycle/deactivate`);
    expect(await allowed(origin)).toBeNull();
    const other = await api.post<TrustedOrigin>(ORIGINS, bodyOf({ scopes: [{ type: 'REDIRECT' }] }));
    expect(await allowed(other.origin)).toBeNull();
  });
});
