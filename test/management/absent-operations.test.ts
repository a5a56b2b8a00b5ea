// Operations of Okta's API that this server does not have: docs/compatibility.md names them.
import { expect, test } from 'vitest';
import { managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);

const absent = [
  ['GET', '/api/v1/agentPools'],
  ['POST', '/api/v1/agentPools/some-id/updates'],
  ['PUT', '/device-access/api/v1/desktop-mfa/recovery-pin-settings'],
] as const;

test.each(absent)('%s %s is 501 to who has a token, and 401 to who has none or a wrong one', async (method, path) => {
  const send = (headers: Record<string, string>) => fetch(`${server.url}${path}`, { method, headers });
  for (const headers of [{}, { authorization: 'SSWS wrong' }, { authorization: 'Bearer wrong' }]) {
    const refused = await send(headers as Record<string, string>);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ errorCode: 'E0000011' });
  }
  const answer = await api.request<{ errorCode: string }>(method, path);
  expect(answer).toMatchObject({ status: 501, body: { errorCode: 'E0000060' } });
});

test('a path that Okta does not have either is not found, and a method that it does not have is not allowed', async () => {
  expect(await api.request('GET', '/api/v1/nothing-of-the-kind')).toMatchObject({ status: 404 });
  expect(await api.request('DELETE', '/api/v1/groups')).toMatchObject({ status: 405 });
});
