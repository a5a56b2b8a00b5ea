// The organization, who it is to anybody, and the health of the server: contract 1.1 and 4.16.
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);

type Org = { id: string; companyName: string; lastUpdated: string; city: string | null; website: string | null };

test('the organization is shown with every member that it may have', async () => {
  const org = await api.get<Org>('/api/v1/org');
  expect(Object.keys(org)).toEqual([
    ...['id', 'subdomain', 'companyName', 'status', 'expiresAt', 'created', 'lastUpdated', 'website', 'phoneNumber'],
    ...[
      'endUserSupportHelpURL',
      'supportPhoneNumber',
      'address1',
      'address2',
      'city',
      'state',
      'country',
      'postalCode',
    ],
    '_links',
  ]);
  expect(org.id).toMatch(/^00o/);
});

describe('changes', () => {
  test('POST keeps what it does not name, PUT empties it', async () => {
    await api.put('/api/v1/org', { companyName: 'Acme', city: 'Graz', website: 'https://acme.example' });
    expect(await api.post<Org>('/api/v1/org', { city: 'Linz' })).toMatchObject({
      companyName: 'Acme',
      city: 'Linz',
      website: 'https://acme.example',
    });
    expect(await api.put<Org>('/api/v1/org', { companyName: 'Acme' })).toMatchObject({
      companyName: 'Acme',
      city: null,
      website: null,
    });
    expect(await api.get<Org>('/api/v1/org')).toMatchObject({ companyName: 'Acme', city: null });
  });

  test('a name is needed', async () => {
    for (const [method, body] of [
      ['PUT', {}],
      ['POST', { companyName: ' ' }],
    ] as const) {
      const answer = await api.request(method, '/api/v1/org', body);
      expect([answer.status, answer.body.errorCode]).toEqual([400, 'E0000001']);
      expect(answer.body.errorCauses[0]?.errorSummary).toBe('companyName: The field cannot be left blank');
    }
  });
});

test('anybody may ask which organization this is', async () => {
  const { id } = await api.get<Org>('/api/v1/org');
  const { status, body } = await managementApi(server, null).request<Record<string, unknown>>(
    'GET',
    '/.well-known/okta-organization',
  );
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual(['id', 'cell', '_links', 'pipeline', 'settings']);
  expect(body).toMatchObject({ id, pipeline: 'idx', _links: { organization: { href: server.url } } });
});

test('the server says that it is well', async () => {
  const { status, body } = await managementApi(server, null).request('GET', '/health');
  expect([status, body]).toEqual([200, { status: 'ok' }]);
});

test('every answer carries a request id of its own, the rate limit headers and no cacheable secret', async () => {
  const answers = await Promise.all([api.request('GET', '/api/v1/org'), api.request('GET', '/api/v1/nowhere')]);
  const ids = answers.map(({ headers }) => headers.get('x-okta-request-id'));
  expect(new Set(ids).size).toBe(2);
  for (const { headers } of answers) {
    for (const name of ['x-rate-limit-limit', 'x-rate-limit-remaining', 'x-rate-limit-reset'])
      expect(headers.get(name)).toMatch(/^\d+$/);
    expect(Number(headers.get('x-rate-limit-reset'))).toBeGreaterThan(1_700_000_000);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
    expect(headers.get('accept-ch')).toBe('Sec-CH-UA-Platform-Version');
  }
});

test('the organization names people to turn to', async () => {
  const login = `${unique('contact').replace(' ', '-').toLowerCase()}@example.com`;
  const profile = { login, email: login, firstName: 'Con', lastName: 'Tact' };
  const user = await api.post<{ id: string }>('/api/v1/users', { profile });
  const contact = '/api/v1/org/contacts/technical';
  expect((await api.request('GET', contact)).status).toBe(404);
  expect(await api.put(contact, { userId: user.id })).toMatchObject({ userId: user.id });
  expect(await api.get(contact)).toMatchObject({ userId: user.id });
  expect((await api.request('PUT', contact, { userId: 'nobody' })).status).toBe(404);
  expect((await api.request('PUT', '/api/v1/org/contacts/other', { userId: user.id })).status).toBe(404);
  expect(await api.get('/api/v1/org/contacts')).toMatchObject([
    { contactType: 'BILLING' },
    { contactType: 'TECHNICAL' },
  ]);
});

test('no vendor writes to its people or enters, and nobody is told otherwise', async () => {
  const privacy = '/api/v1/org/privacy';
  expect(await api.get(`${privacy}/oktaCommunication`)).toMatchObject({ optOutEmailUsers: true });
  expect(await api.post(`${privacy}/oktaCommunication/optOut`)).toMatchObject({ optOutEmailUsers: true });
  expect((await api.request('POST', `${privacy}/oktaCommunication/optIn`)).status).toBe(501);
  expect(await api.get(`${privacy}/oktaSupport`)).toMatchObject({ support: 'DISABLED' });
  expect((await api.request('POST', `${privacy}/oktaSupport/grant`)).status).toBe(501);
});
