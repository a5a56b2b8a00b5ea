// Owns gathering what claims may speak of: the person, the application, their place in it, the org, the session and the groups. Only
// what the expressions need is read from the database. Not here: which claims there are and what they say (claim-values.ts).
import { appUserProfile } from './app-user-profile.ts';
import { appUserName, findAssignedUser } from './application-assignments.ts';
import type { Application } from './applications.ts';
import type { Authentication } from './authorization.ts';
import { remembered } from './brief-memory.ts';
import type { Env } from './env.ts';
import type { Need } from './expressions/expression-function.ts';
import { accountThing, type ExpressionFacts, userThing } from './expressions/facts.ts';
import { type Thing, thingOf } from './expressions/values.ts';
import { listGroupsOfUser } from './groups.ts';
import { changedMapping } from './mapping-changes.ts';
import { findOrg } from './org.ts';
import type { User } from './users.ts';

/** Whom and what a token is about. */
export type ClaimSubject = {
  application: Application;
  /** Null: the client acts for itself. */
  user: User | null;
  scopes: readonly string[];
  /** Null where it is not known any more how the person signed in, as at userinfo. */
  authentication: Authentication | null;
};

export async function gatherFacts(
  env: Env,
  { application, user, scopes, authentication }: ClaimSubject,
  needs: ReadonlySet<Need>,
): Promise<ExpressionFacts> {
  return {
    roots: {
      // Made when an expression asks for it, which few do.
      get user() {
        return user && userThing(user);
      },
      appuser: user && (await appUserThing(env, application, user, needs)),
      app: appThing(application),
      org: needs.has('org') ? await orgThing(env) : null,
      session: user && thingOf('session', { amr: authentication?.amr ?? null }),
      access: thingOf('access', { scope: scopes }),
      clientId: application.client_id,
      idpuser: null,
    },
    get account() {
      return user && accountThing(user);
    },
    groups: user && needs.has('groups') ? await listGroupsOfUser(env, user.id) : [],
    now: env.now(),
  };
}

async function appUserThing(
  env: Env,
  application: Application,
  user: User,
  needs: ReadonlySet<Need>,
): Promise<Thing | null> {
  if (needs.has('appuser-profile')) {
    const assigned = await findAssignedUser(env, application, user.id);
    const userName = assigned?.userName ?? (await appUserName(env, application, user));
    const mapped = assigned?.mapped ?? appUserProfile(env, user, await changedMapping(env, application.id));
    return thingOf('appuser', { ...mapped, ...assigned?.profile, userName });
  }
  if (!needs.has('appuser')) return null;
  return thingOf('appuser', { userName: await appUserName(env, application, user) });
}

function appThing({ id, client_id, name, label, profile }: Application): Thing {
  return thingOf('app', { id, clientId: client_id, name, label, profile: profile ?? {} });
}

async function orgThing(env: Env): Promise<Thing | null> {
  const org = await remembered(env, 'org', 'org', () => findOrg(env));
  if (!org) return null;
  const { id, company_name, subdomain } = org;
  return thingOf('org', { id, name: company_name, subDomain: subdomain, subdomain });
}
