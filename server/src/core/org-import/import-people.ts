// Owns bringing people along: their accounts, STAGED and without what proves them, their groups, and the applications that are theirs
// by name. Who is here already stays as they are, so that an import which was interrupted goes on where it stopped.
import { textKey } from '../../base/text-key.ts';
import { appUserProfile } from '../app-user-profile.ts';
import { appUserName, assignUser, findAssignedUser } from '../application-assignments.ts';
import { findClient, getApplication } from '../applications.ts';
import { holdsCustomRole } from '../custom-role-rights.ts';
import type { Env } from '../env.ts';
import { addUserToGroup } from '../group-memberships.ts';
import { changedMapping } from '../mapping-changes.ts';
import { Refusal } from '../refusal.ts';
import { createUser, getUser } from '../users.ts';
import { clientIdOf } from './applications.ts';
import { at, objectOf, type ReadOrg, textOf } from './read-org.ts';
import { comesAlong, isClient, isKept, type Names } from './remote-names.ts';
import type { Json } from './remote-org.ts';
import type { Report } from './report.ts';
import { attempt } from './savepoint.ts';

export type Around = { names: Names; report: Report; note: (text: string) => void };
export type PeopleCount = { added: number; memberships: number; assignments: number };

const PROGRESS = 500;

/** Makes those accounts that are missing. */
export async function importPeople(env: Env, org: ReadOrg, { names, report, note }: Around): Promise<number> {
  const types = await env.db.selectFrom('user_types').select(['id', 'name']).execute();
  const known = new Set((await env.db.selectFrom('users').select('login_key').execute()).map((row) => row.login_key));
  const kept = org.users.filter(isKept);
  for (const user of org.users.filter((one) => !isKept(one)))
    report.add('users', loginOf(user), 'Deactivated people stay behind');
  let added = 0;
  for (const [index, user] of kept.entries()) {
    if (index > 0 && index % PROGRESS === 0) note(`${index} of ${kept.length} people\n`);
    const login = loginOf(user);
    if (known.has(textKey(login))) {
      report.add('users', login, 'They were here already and stay as they are');
      continue;
    }
    const typeName = names.find('userType', String(at(user, 'type', 'id')));
    const typeId = types.find(({ name }) => name === typeName)?.id ?? null;
    const made = await trying(report, 'users', login, () =>
      attempt(env, (env) =>
        createUser(env, { profile: profileOf(user), activate: false, typeId, provider: providerOf(user) }),
      ),
    );
    if (made) added += 1;
  }
  if (added > 0)
    report.add('users', '', `The ${added} people who came have no password here and are STAGED: activate them`);
  return added;
}

function loginOf(user: Json): string {
  return textOf(at(user, 'profile', 'login')) ?? '';
}

function profileOf({ profile }: Json): Json {
  return Object.fromEntries(Object.entries(objectOf(profile)).filter(([, value]) => value !== null));
}

/** Null: this server itself. */
function providerOf(user: Json): { type: string; name: string } | null {
  const { type, name } = objectOf(at(user, 'credentials', 'provider'));
  if (typeof type !== 'string' || type === 'OKTA' || type === 'IMPORT') return null;
  return { type, name: typeof name === 'string' ? name : type };
}

/** Puts people into those of their groups that neither they are in nor a rule has put them in. */
export async function importMemberships(env: Env, org: ReadOrg, { names, report, note }: Around): Promise<number> {
  const userIds = await idsByLogin(env);
  const groups = await env.db
    .selectFrom('groups')
    .select(['id', 'name_key'])
    .where('type', '=', 'OKTA_GROUP')
    .execute();
  const roles = await env.db
    .selectFrom('role_assignments')
    .select('group_id')
    .where('group_id', 'is not', null)
    .execute();
  const ruling = new Set(roles.map(({ group_id }) => group_id));
  let added = 0;
  const taken = new Set<string>();
  for (const { group, memberIds } of org.groups.filter(({ group }) => comesAlong(group))) {
    const name = names.find('group', String(group.id)) ?? '';
    const groupId = groups.find(({ name_key }) => name_key === textKey(name))?.id;
    // Of two groups of one name the first came along.
    if (groupId === undefined || taken.size === taken.add(groupId).size) continue;
    if (ruling.has(groupId) || (await holdsCustomRole(env, { groupId }))) {
      // A name that both orgs happen to use must not make administrators here of people there.
      report.add('memberships', name, 'The group has an administrator role here: nobody was put into it');
      continue;
    }
    const rows = await env.db
      .selectFrom('group_memberships')
      .select('user_id')
      .where('group_id', '=', groupId)
      .execute();
    const members = new Set(rows.map(({ user_id }) => user_id));
    for (const remoteId of memberIds) {
      const userId = userIds.get(textKey(names.find('user', remoteId) ?? ''));
      if (userId === undefined || members.has(userId)) continue;
      const about = `${names.find('user', remoteId)} in ${name}`;
      const joined = await trying(report, 'memberships', about, () =>
        attempt(env, (env) => addUserToGroup(env, groupId, userId).then(() => true)),
      );
      if (joined) added += 1;
      if (joined && added % PROGRESS === 0) note(`${added} memberships\n`);
    }
  }
  return added;
}

async function idsByLogin(env: Env): Promise<Map<string, string>> {
  const rows = await env.db.selectFrom('users').select(['id', 'login_key']).execute();
  return new Map(rows.map(({ id, login_key }) => [login_key, id]));
}

/** Assigns people by name where they are not. */
export async function importAssignments(env: Env, org: ReadOrg, { names, report, note }: Around): Promise<number> {
  const userIds = await idsByLogin(env);
  let added = 0;
  for (const { application, users } of org.applications.filter((read) => isClient(read.application))) {
    const clientId = clientIdOf(application);
    const found = clientId === null ? null : await findClient(env, clientId);
    if (!found) continue;
    const here = await getApplication(env, found.id);
    for (const assigned of users.filter(({ scope }) => scope === 'USER')) {
      const userId = userIds.get(textKey(names.find('user', String(assigned.id)) ?? ''));
      if (userId === undefined) continue;
      const before = await findAssignedUser(env, here, userId);
      if (before?.scope === 'USER') continue;
      const user = await getUser(env, userId);
      const userName = textOf(at(assigned, 'credentials', 'userName'));
      const usual = userName === (await appUserName(env, here, user));
      const mapped = appUserProfile(env, user, await changedMapping(env, here.id));
      const own = Object.entries(objectOf(assigned.profile)).filter(
        ([name, value]) => value !== null && value !== mapped[name],
      );
      const about = `${user.login} for ${here.label}`;
      const done = await trying(report, 'assignments', about, () =>
        attempt(env, (env) =>
          assignUser(env, here.id, {
            userId,
            profile: Object.fromEntries(own),
            userName: userName === null || usual ? undefined : userName,
          }),
        ),
      );
      if (done) added += 1;
      if (done && added % PROGRESS === 0) note(`${added} assignments\n`);
    }
  }
  return added;
}

/** Null, and a line of the report, when it is refused. */
async function trying<T>(report: Report, about: string, name: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    report.add(about, name, `Refused here: ${error.causes.join('; ') || error.message}`);
    return null;
  }
}
