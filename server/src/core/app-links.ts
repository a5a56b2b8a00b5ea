// Owns which applications a person's home page links to, and where such a link leads. Not here: who may sign in to an application
// (policies/), and applications that would need SAML or somebody to type in a password: this server does neither, so no link names them.
import { sql } from 'kysely';
import { isAssigned } from './application-assignments.ts';
import { linkOf } from './application-templates.ts';
import { type AnyApplication, type Application, isOAuthClient, toApplication } from './applications.ts';
import type { Env } from './env.ts';
import { issuerOf } from './issuers.ts';
import { isWebAddress } from './setting-fields.ts';

export type AppLink = { application: AnyApplication; href: string };

// The last part of a link into an OAuth client; those of other applications are their templates'.
const OIDC_LINK = 'aln177a159h7Zf52X0g8';
const MOST_LINKS = 500;

/** Path of this server under which a person comes into the application. */
export function appLinkPath({ sign_on_mode, name, id }: AnyApplication): string {
  return `/home/${name}/${id}/${sign_on_mode === 'OPENID_CONNECT' ? OIDC_LINK : linkOf(name, id)}`;
}

/** The links that the person sees, by label. */
export async function listAppLinks(env: Env, userId: string): Promise<AppLink[]> {
  const rows = await env.db
    .selectFrom('applications')
    .selectAll()
    .where('status', '=', 'ACTIVE')
    .where((eb) =>
      eb.or([
        eb('id', 'in', (sub) =>
          sub.selectFrom('application_users').select('application_id').where('user_id', '=', userId),
        ),
        eb('id', 'in', (sub) =>
          sub
            .selectFrom('application_groups')
            .innerJoin('group_memberships', 'group_memberships.group_id', 'application_groups.group_id')
            .select('application_groups.application_id')
            .where('group_memberships.user_id', '=', userId),
        ),
        sql<boolean>`cast(settings ->> 'implicitAssignment' as text) in ('true', '1')`,
      ]),
    )
    .orderBy('label_key')
    .orderBy('id')
    .limit(MOST_LINKS)
    .execute();
  return rows
    .map(toApplication)
    .filter((application) => isShown(application) && placeOf(env, application) !== null)
    .map((application) => ({ application, href: appLinkPath(application) }));
}

/** Where the link leads; null when there is no such link for this person. */
export async function followAppLink(
  env: Env,
  path: string,
  applicationId: string,
  userId: string,
): Promise<string | null> {
  const row = await env.db.selectFrom('applications').selectAll().where('id', '=', applicationId).executeTakeFirst();
  const application = row && toApplication(row);
  if (application?.status !== 'ACTIVE' || appLinkPath(application) !== path) return null;
  return (await isAssigned(env, application, userId)) ? placeOf(env, application) : null;
}

function isShown({ visibility }: AnyApplication): boolean {
  return (visibility.hide as { web?: unknown } | undefined)?.web !== true;
}

function placeOf(env: Env, application: AnyApplication): string | null {
  if (isOAuthClient(application)) return initiationOf(env, application);
  const { url } = application.settings.app;
  return application.sign_on_mode === 'BOOKMARK' && typeof url === 'string' && isWebAddress(url) ? url : null;
}

/** OpenID Connect Core section 4: the application begins the sign-in itself when it is told who asks it to. */
function initiationOf(env: Env, { settings }: Application): string | null {
  const { initiate_login_uri, issuer_mode: issuerMode } = settings.oauthClient;
  if (!initiate_login_uri || !isWebAddress(initiate_login_uri)) return null;
  const place = new URL(initiate_login_uri);
  place.searchParams.set('iss', issuerOf(env, { kind: 'org', pathId: null, issuerMode }));
  return place.href;
}
