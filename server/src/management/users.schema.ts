// Owns the shapes of people on the management API, as read and as written. What a profile may hold is checked in
// core/user-profile.ts, whose sentences clients know; here it is any object.
import { z } from 'zod';
import { pagingQuery } from '../http/paging.ts';

const links = z.record(z.string(), z.unknown());
const profile = z.record(z.string(), z.unknown());
const text = z.string().max(1024);

const provider = z.object({
  type: z.enum(['OKTA', 'ACTIVE_DIRECTORY', 'LDAP', 'FEDERATION', 'SOCIAL', 'IMPORT']),
  name: z.string().max(255),
});

export const credentials = z.object({
  password: z.object({}).optional(),
  recovery_question: z.object({ question: z.string() }).optional(),
  emails: z.array(z.unknown()).optional(),
  provider,
});

export const user = z.object({
  id: z.string(),
  status: z.string(),
  created: z.string(),
  activated: z.string().nullable(),
  statusChanged: z.string().nullable(),
  lastLogin: z.string().nullable(),
  lastUpdated: z.string(),
  passwordChanged: z.string().nullable(),
  realmId: z.string(),
  type: z.object({ id: z.string() }),
  profile,
  credentials: credentials.optional(),
  _links: links,
});

/** What another system made of a password. Which members an algorithm needs is judged in core/password-import.ts. */
const givenHash = z.object({
  algorithm: z.string().max(20),
  salt: text.nullish(),
  saltOrder: z.string().max(20).nullish(),
  value: text.nullish(),
  workFactor: z.number().nullish(),
  iterationCount: z.number().nullish(),
  keySize: z.number().nullish(),
  digestAlgorithm: z.string().max(20).nullish(),
});

/** A password as it is given: a value, a hash, or who will vouch for it. */
const givenPassword = z.object({
  value: text.optional(),
  hash: givenHash.nullish(),
  hook: z.object({ type: z.string().optional() }).nullish(),
});
const givenQuestion = z.object({ question: text.optional(), answer: text.optional() });

const givenCredentials = z.object({
  password: givenPassword.nullish(),
  recovery_question: givenQuestion.nullish(),
  provider: provider.partial({ name: true }).nullish(),
});

export type GivenCredentials = z.output<typeof givenCredentials>;

export const newUser = z.object({
  profile,
  credentials: givenCredentials.nullish(),
  groupIds: z.array(z.string()).max(100).nullish(),
  type: z.object({ id: z.string() }).nullish(),
  realmId: z.string().nullish(),
});

export const userChange = z.object({
  profile: profile.nullish(),
  credentials: givenCredentials.nullish(),
  type: z.object({ id: z.string() }).nullish(),
  realmId: z.string().nullish(),
});

/** `true` or `false` in a query. */
export const flag = z.enum(['true', 'false']).optional();

export const userListQuery = pagingQuery.extend({
  q: z.string().optional(),
  filter: z.string().optional(),
  search: z.string().optional(),
  sortBy: z.string().optional(),
  sortOrder: z.string().optional(),
});

export const newUserQuery = z.object({
  activate: flag,
  provider: flag,
  nextLogin: z.enum(['changePassword']).optional(),
});

export const sendEmailQuery = z.object({ sendEmail: flag });
export const resetPasswordQuery = z.object({ sendEmail: flag, revokeSessions: flag, provider: z.string().optional() });
export const expirePasswordQuery = z.object({ tempPassword: flag, revokeSessions: flag });
export const changePasswordQuery = z.object({ strict: flag });
export const endSessionsQuery = z.object({ oauthTokens: flag, forgetDevices: flag });

const password = z.object({ value: text });

export const passwordChange = z.object({
  oldPassword: password,
  newPassword: password,
  revokeSessions: z.boolean().nullish(),
});

export const recoveryQuestionChange = z.object({
  password,
  recovery_question: z.object({ question: text.min(1, 'The field cannot be left blank'), answer: text }),
});

/** Empty to ask for a link; both members to set a password with the answer as proof. */
export const forgottenPassword = z
  .object({ password: password.nullish(), recovery_question: z.object({ answer: text }).nullish() })
  .optional();

export const empty = z.object({});
export const activationLink = z.object({ activationUrl: z.string(), activationToken: z.string() }).partial();
export const recoveryLink = z.object({ resetPasswordUrl: z.string() }).partial();
export const userOrTemporaryPassword = z.union([user, z.object({ tempPassword: z.string() })]);

/** Why a person is kept out, and where. */
export const userBlock = z.object({ type: z.literal('DEVICE_BASED'), appliesTo: z.literal('ANY_DEVICES') });

/** A link of a person's home page, by which they come into an application. */
export const appLink = z.object({
  id: z.string(),
  label: z.string(),
  linkUrl: z.string(),
  logoUrl: z.string().nullable(),
  appName: z.string(),
  appInstanceId: z.string(),
  appAssignmentId: z.string(),
  credentialsSetup: z.boolean(),
  hidden: z.boolean(),
  sortOrder: z.number(),
});
