// Owns bringing the org's OAuth clients to what a document says of them, with the groups assigned to them and the scopes granted.
// Not here: their secrets, which no document has, and the other sections (apply.ts).
import {
  assignGroup,
  assignUser,
  listAssignedGroups,
  unassignGroup,
  unassignUser,
  updateAssignedUser,
} from '../application-assignments.ts';
import { createGrant, deleteGrant, listGrants } from '../application-grants.ts';
import { CONSOLE_CLIENT_ID } from '../application-guard.ts';
import type { GroupsClaim, UserNameTemplate } from '../application-settings.ts';
import { type AnyApplication, applicationTarget, isOAuthClient, toApplication } from '../applications.ts';
import {
  type ApplicationInput,
  assignAccessPolicy,
  createApplication,
  deleteApplication,
  replaceApplication,
  setApplicationStatus,
  setIdTokenSettings,
} from '../change-applications.ts';
import type { Env } from '../env.ts';
import type { OAuthClientInput } from '../oauth-client-rules.ts';
import { invalid } from '../refusal.ts';
import { getUser } from '../users.ts';
import { applyAttributes } from './apply-directory.ts';
import { type ApplicationPart, isSame } from './document.ts';
import { matched } from './match.ts';
import { type References, translated } from './references.ts';

export async function applyApplications(
  env: Env,
  before: readonly ApplicationPart[],
  wanted: readonly ApplicationPart[],
  names: References,
): Promise<void> {
  if (wanted.some(({ clientId }) => clientId === CONSOLE_CLIENT_ID))
    throw invalid('applications', `applications: ${CONSOLE_CLIENT_ID} belongs to the server itself`);
  const rows = await env.db
    .selectFrom('applications')
    .selectAll()
    .where('sign_on_mode', '=', 'OPENID_CONNECT')
    .where('client_id', '!=', CONSOLE_CLIENT_ID)
    .execute();
  const { pairs, surplus } = matched(
    rows.map(toApplication),
    wanted,
    (one) => one.client_id,
    (part) => part.clientId,
  );
  for (const { has, wanted: part } of pairs) {
    const said = before.find(({ clientId }) => clientId === part.clientId) ?? null;
    const { users: _, ...others } = said ?? {};
    if (said && isSame(part.users ? said : others, part)) continue;
    await applyApplication(env, has, said, part, names);
  }
  for (const { id, status } of surplus) {
    if (status === 'ACTIVE') await setApplicationStatus(env, id, 'INACTIVE');
    await deleteApplication(env, id);
  }
}

async function applyApplication(
  env: Env,
  has: AnyApplication | null,
  said: ApplicationPart | null,
  part: ApplicationPart,
  names: References,
): Promise<void> {
  const input = inputOf(part, names);
  const replaces = has !== null && said !== null && !isSame(ownOf(said), ownOf(part));
  const application = has ?? (await createApplication(env, input, part.status)).application;
  const { id } = application;
  if (replaces) await replaceApplication(env, id, input);
  if (application.status !== part.status) await setApplicationStatus(env, id, part.status);
  if ((said?.policy ?? null) !== part.policy)
    await assignAccessPolicy(env, id, part.policy === null ? null : names.idOf('policy', part.policy));
  if (!isSame(said?.groupsClaim ?? null, part.groupsClaim) && isOAuthClient(application))
    await setIdTokenSettings(env, id, { groupsClaim: part.groupsClaim as GroupsClaim | null });
  const owner = { kind: 'app', id, signOnMode: application.sign_on_mode } as const;
  await applyAttributes(env, owner, part, applicationTarget(application));
  await applyAssignments(env, id, part, names);
  if (part.users) await applyPeople(env, id, said?.users ?? [], part.users, names);
  await applyGrants(env, id, part.grants);
}

/** What has ways of its own beside replacing the application. */
const APART = ['status', 'policy', 'groups', 'users', 'grants', 'groupsClaim', 'attributes', 'baseAttributes'];

function ownOf(part: ApplicationPart): object {
  return Object.fromEntries(Object.entries(part).filter(([name]) => !APART.includes(name)));
}

/** The document's words, in which null and missing mean the same; what they may be is judged by the rules of clients. */
function inputOf(part: ApplicationPart, names: References): ApplicationInput {
  return {
    label: part.label,
    signOnMode: 'OPENID_CONNECT',
    accessibility: part.accessibility,
    visibility: part.visibility as ApplicationInput['visibility'],
    features: part.features,
    profile: part.profile,
    userNameTemplate: part.userNameTemplate as UserNameTemplate | undefined,
    settings: part.settings as ApplicationInput['settings'],
    oauthClient: {
      settings: translated(part.oauthClient, names.idOf) as OAuthClientInput['settings'],
      credentials: { ...part.credentials, client_id: part.clientId },
    },
  };
}

async function applyAssignments(env: Env, id: string, part: ApplicationPart, names: References): Promise<void> {
  const assigned = await listAssignedGroups(env, id, { after: null, limit: Number.MAX_SAFE_INTEGER - 1 });
  const wanted = part.groups.map((one) => ({ ...one, id: names.idOf('group', one.name) }));
  const { pairs, surplus } = matched(
    assigned,
    wanted,
    (one) => one.group_id,
    (one) => one.id,
  );
  for (const { has, wanted: group } of pairs) {
    const priority = group.priority ?? has?.priority;
    const profile = group.profile ?? {};
    if (has && has.priority === priority && isSame(has.profile, profile)) continue;
    await assignGroup(env, id, group.id, { priority, profile });
  }
  for (const { group_id } of surplus) await unassignGroup(env, id, group_id);
}

type PersonPart = NonNullable<ApplicationPart['users']>[number];

async function applyPeople(
  env: Env,
  id: string,
  before: readonly PersonPart[],
  wanted: readonly PersonPart[],
  { idOf }: References,
): Promise<void> {
  const key = ({ login }: PersonPart) => login.toLowerCase();
  const said = new Map(before.map((part) => [key(part), part]));
  const kept = new Set(wanted.map(key));
  for (const { login } of before.filter((part) => !kept.has(key(part))))
    await unassignUser(env, id, await userId(env, login));
  for (const part of wanted) {
    const has = said.get(key(part));
    if (has && isSame(has, part)) continue;
    const { login, userName, profile = {} } = part;
    const given = { userId: idOf('user', login), userName, profile };
    // A name that was given is taken back only with the assignment.
    const isNameGone = has?.userName !== undefined && userName === undefined;
    if (isNameGone) await unassignUser(env, id, given.userId);
    if (!has || isNameGone) await assignUser(env, id, given);
    else {
      const gone = Object.keys(has.profile ?? {}).filter((name) => !Object.hasOwn(profile, name));
      const cleared = Object.fromEntries(gone.map((name) => [name, null]));
      await updateAssignedUser(env, id, given.userId, { userName, profile: { ...cleared, ...profile } });
    }
  }
}

async function userId(env: Env, login: string): Promise<string> {
  return (await getUser(env, login)).id;
}

async function applyGrants(env: Env, id: string, wanted: readonly string[]): Promise<void> {
  const grants = await listGrants(env, id);
  for (const grant of grants) if (!wanted.includes(grant.scope_id)) await deleteGrant(env, id, grant.id);
  for (const scopeId of new Set(wanted))
    if (!grants.some((grant) => grant.scope_id === scopeId))
      await createGrant(env, id, { scopeId, issuer: env.config.url });
}
