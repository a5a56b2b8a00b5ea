// Owns /api/v1/users: list, create, read, change, delete, and a person's groups, blocks and sessions. Not here: lifecycle operations
// (user-lifecycle.ts), credentials (user-credentials.ts), roles (roles.ts), and how a person looks (user-body.ts).
import { z } from 'zod';
import { sha256Base64url } from '../base/opaque-token.ts';
import { listAppLinks } from '../core/app-links.ts';
import type { Env } from '../core/env.ts';
import { listGroups } from '../core/group-search.ts';
import { readHash } from '../core/password-import.ts';
import { invalid, notFound } from '../core/refusal.ts';
import { requireGroupsWithin } from '../core/role-targets.ts';
import { endSessionsOfUser } from '../core/sessions.ts';
import { type UserChange, updateUser } from '../core/user-credentials.ts';
import { deleteUser, isBlocked } from '../core/user-lifecycle.ts';
import { listUsers } from '../core/user-search.ts';
import { createUser, getUser, type ProfileChange, type RecoveryQuestion, type User } from '../core/users.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Call, type Route, route } from '../http/route.ts';
import { groupBody } from './group-body.ts';
import { group } from './groups.schema.ts';
import { listedUserBody, readOmissions, userBody } from './user-body.ts';
import {
  appLink,
  endSessionsQuery,
  type GivenCredentials,
  newUser,
  newUserQuery,
  user,
  userBlock,
  userChange,
  userListQuery,
} from './users.schema.ts';

const LIMITS = { default: 200, most: 200 };
/** With `q`, which offers no second page. */
const FIND_LIMITS = { default: 10, most: 200 };

/** The person that a path names: an id, a login, its short name, or `me` for the caller. */
export async function userOfPath(env: Env, name: string): Promise<User> {
  if (name !== 'me') return getUser(env, name);
  if (env.actor?.type !== 'User') throw notFound('me', 'User');
  return getUser(env, env.actor.id);
}

/** What credentials in a body ask for. An empty password is no password. */
export function readCredentials(
  given: GivenCredentials | null | undefined,
): Pick<UserChange, 'password' | 'importedPassword' | 'recoveryQuestion'> {
  const { password, recovery_question: recovery } = given ?? {};
  const { value, hash = null, hook = null } = password ?? {};
  if ([value, hash, hook].filter(Boolean).length > 1)
    throw invalid('password', 'password: Only one of a value, a hash and a hook can be set');
  if (hook && hook.type !== 'default') throw invalid('password', "password: The type of a hook must be 'default'");
  return {
    password: value,
    importedPassword: hash ? readHash(hash) : hook ? { algorithm: 'HOOK' } : undefined,
    recoveryQuestion: recovery ? readRecoveryQuestion(recovery) : undefined,
  };
}

function readRecoveryQuestion(given: NonNullable<GivenCredentials['recovery_question']>): RecoveryQuestion | undefined {
  const { question = '', answer = '' } = given;
  if (question === '' && answer === '') return undefined;
  if (question === '') throw invalid('recovery_question', 'question: The field cannot be left blank');
  if (answer === '') throw invalid('recovery_question', 'answer: The field cannot be left blank');
  return { question, answer };
}

async function list({ env, query, request }: Call<object, z.output<typeof userListQuery>>): Promise<Response> {
  const omit = readOmissions(request);
  const page = readPage(env, query, 'users', query.q ? FIND_LIMITS : LIMITS);
  const rows = await listUsers(env, { ...query, after: page.after, limit: query.q ? page.limit : page.limit + 1 });
  return pageOf(
    env,
    request,
    'users',
    page,
    rows,
    (row) => row.position,
    (row) => listedUserBody(env, row, omit),
  );
}

async function create(call: Call<object, z.output<typeof newUserQuery>, z.output<typeof newUser>>): Promise<Response> {
  const { env, query, body, request } = call;
  const provider = body.credentials?.provider;
  if (env.reach) await requireGroupsWithin(env, env.reach, body.groupIds ?? [], 'people');
  const created = await createUser(env, {
    profile: body.profile,
    ...readCredentials(body.credentials),
    provider: provider && { type: provider.type, name: provider.name ?? provider.type },
    activate: query.activate !== 'false',
    nextLogin: query.nextLogin,
    groupIds: body.groupIds ?? [],
    typeId: body.type?.id,
    realmId: body.realmId,
  });
  if (created.status === 'PROVISIONED') logUndeliveredLink(env, created, 'welcome');
  return json(userBody(env, created, readOmissions(request)));
}

/** There is no mail yet: whoever operates the server learns that a link was due, without what would let them use it. */
export function logUndeliveredLink(env: Env, { id }: Pick<User, 'id'>, page: 'welcome' | 'reset_password'): void {
  const link = `${env.request.origin}/${page}/…`;
  env.log.info(
    { userId: id, link, requestId: env.request.id },
    'No e-mail is sent: ask the API with sendEmail=false for a link',
  );
}

async function change(env: Env, name: string, body: z.output<typeof userChange>, how: ProfileChange['how']) {
  const found = await userOfPath(env, name);
  const { profile, credentials, type } = body;
  const realmId = body.realmId && body.realmId !== found.realm_id ? body.realmId : undefined;
  if (!profile && !credentials && !body.realmId) throw invalid('user', 'profile: The field cannot be left blank');
  const typeId = type && type.id !== found.type_id ? type.id : undefined;
  if (typeId !== undefined && (how === 'merge' || !profile))
    throw invalid('type', 'type: The type of a user can only be changed by replacing the user');
  return updateUser(env, found, {
    ...readCredentials(credentials),
    profile: profile ? { profile, how, typeId, realmId } : realmId ? { profile: {}, how: 'merge', realmId } : undefined,
  });
}

export const userRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/users',
    operationId: 'listUsers',
    summary: 'List users, all or those that a search, a filter or a beginning of a name finds',
    tags: ['User'],
    access: 'okta.users.read',
    query: userListQuery,
    responses: { 200: z.array(user) },
    handle: list,
  }),
  route({
    method: 'POST',
    path: '/api/v1/users',
    operationId: 'createUser',
    summary: 'Create a user',
    tags: ['User'],
    access: 'okta.users.manage',
    query: newUserQuery,
    body: newUser,
    responses: { 200: user },
    handle: create,
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}',
    operationId: 'getUser',
    summary: 'Read a user by id, login, short name, or `me`',
    tags: ['User'],
    access: 'okta.users.read',
    responses: { 200: user },
    async handle({ env, params, request }) {
      const found = await userOfPath(env, params.userId);
      const response = json(userBody(env, found, readOmissions(request)));
      response.headers.set('etag', `W/"${sha256Base64url(`${found.id} ${found.last_updated}`).slice(0, 22)}"`);
      return response;
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}',
    operationId: 'updateUser',
    summary: 'Change some of a user',
    tags: ['User'],
    access: 'okta.users.manage',
    body: userChange,
    responses: { 200: user },
    async handle({ env, params, body, request }) {
      return json(userBody(env, await change(env, params.userId, body, 'merge'), readOmissions(request)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/users/{userId}',
    operationId: 'replaceUser',
    summary: "Replace a user's profile, or set credentials",
    tags: ['User'],
    access: 'okta.users.manage',
    body: userChange,
    responses: { 200: user },
    async handle({ env, params, body, request }) {
      return json(userBody(env, await change(env, params.userId, body, 'replace'), readOmissions(request)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/users/{userId}',
    operationId: 'deleteUser',
    summary: 'Deactivate a user; delete one that is deactivated',
    tags: ['User'],
    access: 'okta.users.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const found = await userOfPath(env, params.userId);
      await deleteUser(env, found.id);
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/groups',
    operationId: 'listUserGroups',
    summary: "List a user's groups",
    tags: ['User'],
    access: 'okta.users.read',
    query: pagingQuery,
    responses: { 200: z.array(group) },
    async handle({ env, params, query, request }) {
      const found = await userOfPath(env, params.userId);
      const list = `groups of ${found.id}`;
      const page = readPage(env, query, list, LIMITS);
      const rows = await listGroups(env, { userId: found.id, after: page.after, limit: page.limit + 1 });
      return pageOf(
        env,
        request,
        list,
        page,
        rows,
        (row) => row.position,
        (row) => groupBody(env, row),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/appLinks',
    operationId: 'listAppLinks',
    summary: "List what a user's home page links to",
    tags: ['User'],
    access: 'okta.users.read',
    responses: { 200: z.array(appLink) },
    async handle({ env, params }) {
      const found = await userOfPath(env, params.userId);
      const rows = await listAppLinks(env, found.id);
      return json(
        rows.map(({ application: { id, name, label, ...rest }, href }, sortOrder) => ({
          id,
          label,
          linkUrl: `${env.request.origin}${href}`,
          logoUrl: logoOf(rest.settings),
          appName: name,
          appInstanceId: id,
          appAssignmentId: found.id,
          credentialsSetup: false,
          hidden: false,
          sortOrder,
        })),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/blocks',
    operationId: 'listUserBlocks',
    summary: 'Tell whether failed sign-ins keep a user out',
    tags: ['User'],
    access: 'okta.users.read',
    responses: { 200: z.array(userBlock) },
    async handle({ env, params }) {
      const found = await userOfPath(env, params.userId);
      // Failures are counted by login alone, so that a block is one for every device.
      return json((await isBlocked(env, found)) ? [{ type: 'DEVICE_BASED', appliesTo: 'ANY_DEVICES' }] : []);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/users/{userId}/sessions',
    operationId: 'revokeUserSessions',
    summary: "End a user's sessions, and with `oauthTokens` their refresh tokens",
    tags: ['User'],
    access: 'okta.users.manage',
    query: endSessionsQuery,
    responses: { 204: null },
    async handle({ env, params, query }) {
      const found = await userOfPath(env, params.userId);
      await endSessionsOfUser(env, found.id, { oauthTokens: query.oauthTokens === 'true' });
      return noContent();
    },
  }),
];

function logoOf(settings: object): string | null {
  const { logo_uri: address } = ('oauthClient' in settings ? settings.oauthClient : {}) as { logo_uri?: string | null };
  return address ?? null;
}
