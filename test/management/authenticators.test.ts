// Authenticators over HTTP: shapes in the recorded order, lifecycle, methods, refusals, events. Contract section 4.12.
import { expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type ApiError, type LogEvent, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const AUTHENTICATORS = '/api/v1/authenticators';

type Authenticator = {
  id: string;
  key: string;
  status: string;
  settings?: Record<string, unknown>;
  _links: Record<string, unknown>;
};

async function find(key: string): Promise<Authenticator> {
  const found = (await api.get<Authenticator[]>(AUTHENTICATORS)).find((one) => one.key === key);
  if (!found) throw new Error(`no ${key}`);
  return found;
}

test('the org has those that this server can ask for', async () => {
  const all = await api.get<Authenticator[]>(AUTHENTICATORS);
  expect(all.map(({ key }) => key)).toEqual([
    'okta_email',
    'google_otp',
    'okta_verify',
    'okta_password',
    'webauthn',
    'security_question',
  ]);
  const email = await find('okta_email');
  expect(Object.keys(email)).toEqual([
    'type',
    'id',
    'key',
    'status',
    'name',
    'created',
    'lastUpdated',
    'settings',
    '_links',
  ]);
  expect(Object.keys(email._links)).toEqual(['self', 'deactivate', 'methods']);
  expect(Object.keys((await find('okta_password'))._links)).toEqual(['self', 'methods']);
});

test('one is turned off and on, and its settings are replaced, as the log tells', async () => {
  const { id } = await find('okta_email');
  const off = await api.post<Authenticator>(`${AUTHENTICATORS}/${id}/lifecycle/deactivate`);
  expect([off.status, Object.keys(off._links)]).toEqual(['INACTIVE', ['self', 'activate', 'methods']]);
  expect((await api.post<Authenticator>(`${AUTHENTICATORS}/${id}/lifecycle/activate`)).status).toBe('ACTIVE');
  const body = { key: 'okta_email', settings: { allowedFor: 'recovery' } };
  const changed = await api.put<Authenticator>(`${AUTHENTICATORS}/${id}`, body);
  expect(changed.settings).toEqual({ allowedFor: 'recovery', tokenLifetimeInMinutes: 5 });
  const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${id}"`)}`);
  expect(events.map(({ eventType }) => eventType.split('.').at(-1)).sort()).toEqual([
    'activate',
    'deactivate',
    'update',
  ]);
});

test('its methods are read, replaced and turned off', async () => {
  const { id } = await find('webauthn');
  const path = `${AUTHENTICATORS}/${id}/methods`;
  expect(await api.get(path)).toMatchObject([{ type: 'webauthn', status: 'ACTIVE' }]);
  const settings = { userVerification: 'REQUIRED' };
  expect(await api.put(`${path}/webauthn`, { type: 'webauthn', settings })).toMatchObject({
    settings: { userVerification: 'REQUIRED', attachment: 'ANY' },
  });
  const off = await api.post<Authenticator>(`${path}/webauthn/lifecycle/deactivate`);
  expect(off.status).toBe('INACTIVE');
  expect((await api.request('GET', `${path}/push`)).status).toBe(404);
});

test('passwords stay, and so does what an enrolment policy requires', async () => {
  const password = await find('okta_password');
  const deactivate = ({ id }: Authenticator) =>
    api.request<ApiError>('POST', `${AUTHENTICATORS}/${id}/lifecycle/deactivate`);
  expect((await deactivate(password)).body.errorCode).toBe('E0000006');
  const policy = await api.post<{ id: string; name: string; settings: { authenticators: { key: string }[] } }>(
    '/api/v1/policies',
    {
      type: 'MFA_ENROLL',
      name: unique('enrolment'),
      settings: { type: 'AUTHENTICATORS', authenticators: [{ key: 'google_otp', enroll: { self: 'REQUIRED' } }] },
    },
  );
  expect(policy.settings.authenticators).toHaveLength(6);
  const refused = await deactivate(await find('google_otp'));
  expect([refused.status, refused.body.errorCode]).toEqual([403, 'E0000148']);
  expect(refused.body.errorCauses[0]?.errorSummary).toContain(policy.name);
  await api.delete(`/api/v1/policies/${policy.id}`);
  expect((await deactivate(await find('google_otp'))).status).toBe(200);
});
