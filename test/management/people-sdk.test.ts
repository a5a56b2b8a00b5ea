// The unmodified @okta/okta-sdk-nodejs manages people and groups: contract sections 4.6, 4.7 and 6.9.
import sdk from '@okta/okta-sdk-nodejs';
import { expect, test } from 'vitest';
import { codeNow } from '../support/factors.ts';
import { unique } from '../support/guide.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const okta = new sdk.Client({ orgUrl: server.url, token: server.apiToken });
const PASSWORD = 'Correct-horse-7';

const person = () => {
  const login = `${unique('sdk').replace(' ', '-')}@example.com`;
  return {
    profile: { login, email: login, firstName: 'Sam', lastName: 'Dekker' },
    credentials: { password: { value: PASSWORD } },
  };
};

test('the SDK makes, reads, changes, suspends and deletes a user', async () => {
  const body = person();
  const made = await okta.userApi.createUser({ body });
  const userId = String(made.id);
  expect(made).toMatchObject({ status: 'ACTIVE', profile: body.profile });
  expect(await okta.userApi.getUser({ userId: body.profile.login })).toMatchObject({ id: userId });
  const changed = await okta.userApi.updateUser({ userId, user: { profile: { title: 'Clerk' } } });
  expect(changed.profile).toMatchObject({ ...body.profile, title: 'Clerk' });

  await okta.userApi.suspendUser({ userId });
  expect(await okta.userApi.getUser({ userId })).toMatchObject({ status: 'SUSPENDED' });
  await okta.userApi.unsuspendUser({ userId });
  await expect(okta.userApi.unlockUser({ userId })).rejects.toMatchObject({ status: 403, errorCode: 'E0000032' });

  const { resetPasswordUrl } = await okta.userApi.generateResetPasswordToken({ userId, sendEmail: false });
  expect(resetPasswordUrl).toContain(`${server.url}/reset_password/`);

  await okta.userApi.deactivateUser({ userId });
  await okta.userApi.deleteUser({ userId });
  await expect(okta.userApi.getUser({ userId })).rejects.toMatchObject({ status: 404, errorCode: 'E0000007' });
});

test('the SDK walks over every page of users that a search finds', async () => {
  const title = unique('paged');
  const made: string[] = [];
  for (let number = 0; number < 5; number++) {
    const { profile } = person();
    made.push(String((await okta.userApi.createUser({ body: { profile: { ...profile, title } } })).id));
  }
  const found: string[] = [];
  const list = await okta.userApi.listUsers({ search: `profile.title eq "${title}"`, limit: 2 });
  await list.each((one) => void found.push(String(one?.id)));
  expect(found).toEqual(made);
});

test('the SDK makes a group, puts a user in and takes them out', async () => {
  const userId = String((await okta.userApi.createUser({ body: person() })).id);
  const name = unique('Group');
  const made = await okta.groupApi.createGroup({ group: { profile: { name, description: 'By SDK' } } });
  const groupId = String(made.id);
  expect(made).toMatchObject({ type: 'OKTA_GROUP', profile: { name, description: 'By SDK' } });
  await okta.groupApi.assignUserToGroup({ groupId, userId });
  const names: (string | undefined)[] = [];
  await (await okta.userApi.listUserGroups({ userId })).each((one) => void names.push(one?.profile?.name));
  expect(names).toEqual(['Everyone', name]);
  await okta.groupApi.unassignUserFromGroup({ groupId, userId });
  const members: unknown[] = [];
  await (await okta.groupApi.listGroupUsers({ groupId })).each((one) => void members.push(one));
  expect(members).toEqual([]);
  await okta.groupApi.replaceGroup({ groupId, group: { profile: { name: `${name}!` } } });
  await okta.groupApi.deleteGroup({ groupId });
  await expect(okta.groupApi.getGroup({ groupId })).rejects.toMatchObject({ status: 404, errorCode: 'E0000007' });
});

test('the SDK enrols, activates, checks and takes away a factor', async () => {
  const userId = String((await okta.userApi.createUser({ body: person() })).id);
  const factors = okta.userFactorApi;
  const offered: unknown[] = [];
  await (await factors.listSupportedFactors({ userId })).each((one) => void offered.push(one?.provider));
  expect(offered).toEqual(['OKTA', 'GOOGLE']);
  const body = { factorType: 'token:software:totp', provider: 'GOOGLE' } as const;
  const enrolled = await factors.enrollFactor({ userId, body });
  const factorId = String(enrolled.id);
  const { activation } = enrolled._embedded as { activation: { sharedSecret: string } };
  const passCode = codeNow(activation.sharedSecret);
  expect(await factors.activateFactor({ userId, factorId, body: { passCode } })).toMatchObject({ status: 'ACTIVE' });
  const replayed = factors.verifyFactor({ userId, factorId, body: { passCode } });
  await expect(replayed).rejects.toMatchObject({ status: 403, errorCode: 'E0000082' });
  expect(await factors.getFactor({ userId, factorId })).toMatchObject({ ...body, vendorName: 'GOOGLE' });
  await factors.unenrollFactor({ userId, factorId });
  const left: unknown[] = [];
  await (await factors.listFactors({ userId })).each((one) => void left.push(one));
  expect(left).toEqual([]);
});
