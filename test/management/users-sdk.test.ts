// The unmodified @okta/okta-sdk-nodejs manages people and groups: contract sections 4.6, 4.7 and 6.9.
import sdk from '@okta/okta-sdk-nodejs';
import { expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const okta = new sdk.Client({ orgUrl: server.url, token: server.apiToken });

const profileOf = (name: string) => {
  const login = `${unique(name).replace(' ', '-')}@example.com`;
  return { firstName: name, lastName: 'Tester', email: login, login };
};

test('the SDK makes, reads, changes, suspends, deactivates and deletes a person', async () => {
  const profile = profileOf('Grace');
  const made = await okta.userApi.createUser({
    body: { profile, credentials: { password: { value: 'Correct-horse-7-battery' } } },
    activate: true,
  });
  const userId = String(made.id);
  expect(made).toMatchObject({ status: 'ACTIVE', profile });
  expect((await okta.userApi.getUser({ userId: profile.login })).id).toBe(userId);

  const changed = await okta.userApi.updateUser({ userId, user: { profile: { nickName: 'Amazing Grace' } } });
  expect(changed.profile).toMatchObject({ ...profile, nickName: 'Amazing Grace' });
  const replaced = await okta.userApi.replaceUser({ userId, user: { profile } });
  expect(replaced.profile?.nickName ?? null).toBeNull();

  await okta.userApi.suspendUser({ userId });
  expect((await okta.userApi.getUser({ userId })).status).toBe('SUSPENDED');
  await okta.userApi.unsuspendUser({ userId });
  await okta.userApi.deactivateUser({ userId });
  expect((await okta.userApi.getUser({ userId })).status).toBe('DEPROVISIONED');
  await okta.userApi.deleteUser({ userId });
  await expect(okta.userApi.getUser({ userId })).rejects.toMatchObject({ status: 404, errorCode: 'E0000007' });
});

test('the SDK hears what is wrong with a person, cause by cause', async () => {
  const profile = profileOf('Twice');
  await okta.userApi.createUser({ body: { profile } });
  await expect(okta.userApi.createUser({ body: { profile } })).rejects.toMatchObject({
    status: 400,
    errorCode: 'E0000001',
    errorCauses: [{ errorSummary: 'login: An object with this field already exists in the current organization' }],
  });
});

test('the SDK walks a list over its pages to the last one, each person once', async () => {
  const marker = `Walker${Date.now()}`;
  const ids: string[] = [];
  for (let number = 0; number < 7; number++) {
    const body = { profile: { ...profileOf('Walk'), lastName: marker } };
    ids.push(String((await okta.userApi.createUser({ body })).id));
  }
  const found: string[] = [];
  const list = await okta.userApi.listUsers({ search: `profile.lastName eq "${marker}"`, limit: 3 });
  await list.each((user) => void found.push(String(user?.id)));
  expect(found.sort()).toEqual(ids.sort());
});

test('the SDK makes, finds, renames, fills, empties and deletes a group', async () => {
  const name = unique('Readers');
  const group = await okta.groupApi.createGroup({ group: { profile: { name, description: 'Who may read' } } });
  const groupId = String(group.id);
  expect(group).toMatchObject({ type: 'OKTA_GROUP', profile: { name, description: 'Who may read' } });

  const found: string[] = [];
  const list = await okta.groupApi.listGroups({ q: name });
  await list.each((one) => void found.push(String(one?.id)));
  expect(found).toEqual([groupId]);

  const renamed = unique('Writers');
  const replaced = await okta.groupApi.replaceGroup({ groupId, group: { profile: { name: renamed } } });
  expect(replaced.profile?.name).toBe(renamed);

  const user = await okta.userApi.createUser({ body: { profile: profileOf('Member') } });
  const userId = String(user.id);
  await okta.groupApi.assignUserToGroup({ groupId, userId });
  const members: string[] = [];
  const users = await okta.groupApi.listGroupUsers({ groupId });
  await users.each((one) => void members.push(String(one?.id)));
  expect(members).toEqual([userId]);
  await okta.groupApi.unassignUserFromGroup({ groupId, userId });
  await okta.groupApi.deleteGroup({ groupId });
  await expect(okta.groupApi.getGroup({ groupId })).rejects.toMatchObject({ status: 404 });
});

test('an SDK with a wrong token hears that it is wrong', async () => {
  const stranger = new sdk.Client({ orgUrl: server.url, token: '00made-up-token-of-the-right-length-0123456789' });
  await expect(stranger.userApi.getUser({ userId: 'me' })).rejects.toMatchObject({
    status: 401,
    errorCode: 'E0000011',
  });
});
