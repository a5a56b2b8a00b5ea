// Owns /oauth2/v1/global-token-revocation: all that a person holds ends at once, sessions, refresh tokens and access tokens.
import { z } from 'zod';
import { revokeAccessTokensOfUser } from '../core/access-tokens.ts';
import { type Env, transact } from '../core/env.ts';
import { invalid, notFound } from '../core/refusal.ts';
import { endSessionsOfUser } from '../core/sessions.ts';
import { findUser, type User } from '../core/users.ts';
import { noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

/** RFC 9493: how the person is named. */
const subject = z.object({
  format: z.enum(['iss_sub', 'email', 'opaque']),
  iss: z.string().optional(),
  sub: z.string().optional(),
  email: z.string().optional(),
  id: z.string().optional(),
});

export const globalTokenRevocationRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/oauth2/v1/global-token-revocation',
    operationId: 'globalTokenRevocation',
    summary: 'End all sessions and revoke all tokens of a person',
    tags: ['OAuth 2.0 and OpenID Connect'],
    access: 'okta.users.manage',
    body: z.object({ sub_id: subject }),
    responses: { 204: null },
    async handle({ env, body }) {
      const user = await personOf(env, body.sub_id);
      await transact(env, async (env) => {
        await endSessionsOfUser(env, user.id, { oauthTokens: true });
        await revokeAccessTokensOfUser(env, user.id);
      });
      return noContent();
    },
  }),
];

async function personOf(env: Env, { format, iss, sub, email, id }: z.output<typeof subject>): Promise<User> {
  const name = { iss_sub: sub, email, opaque: id }[format];
  if (!name) throw invalid('sub_id', 'sub_id: The field cannot be left blank');
  const origins = [env.config.url, ...env.config.domains];
  if (format === 'iss_sub' && !origins.some((origin) => iss === origin || iss?.startsWith(`${origin}/oauth2/`)))
    throw invalid('sub_id', 'sub_id: The issuer is not one of this organization');
  const user = await findUser(env, name);
  if (!user) throw notFound(name, 'User');
  return user;
}
