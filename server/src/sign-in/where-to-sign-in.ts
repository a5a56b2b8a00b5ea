// Owns which way of signing in somebody is shown or sent to: the org's routing rules, and the way around them (`local`), so that a
// rule which leads nowhere locks nobody out. Not here: the rules (core/policies/routing-policy.ts) and the pages.
import type { Env } from '../core/env.ts';
import { usableProviders } from '../core/external-sign-in/provider-terms.ts';
import { type SignInRoute, signInRoute } from '../core/policies/routing-policy.ts';
import type { Asked } from './asked.ts';
import { single } from './own-form.ts';
import { seeOther } from './see-other.ts';

export type Routed = {
  route: SignInRoute;
  /** Whether rules decided it, and may decide otherwise about somebody else. */
  ruled: boolean;
  /** The person asked for this server's own ways. */
  local: boolean;
};

const EVERY_WAY: SignInRoute = { kind: 'page', password: true, offered: null };

/** `identifier`: empty while it is not known. */
export async function routeOf(
  env: Env,
  { application }: Asked,
  fields: URLSearchParams,
  identifier: string,
): Promise<Routed> {
  const local = single(fields, 'local') === 'true';
  const found = local ? null : await signInRoute(env, { identifier: identifier || null, application });
  return { route: found ?? EVERY_WAY, ruled: found !== null, local };
}

/** To the provider by whom the person signs in. */
export function sendAway(providerId: string, { handle, fromURI }: Asked, identifier: string): Response {
  const wanted = {
    ...(handle === null ? {} : { request: handle }),
    ...(fromURI === null ? {} : { fromURI }),
    ...(identifier === '' ? {} : { login_hint: identifier }),
  };
  return seeOther(`/sso/idps/${providerId}?${new URLSearchParams(wanted)}`);
}

/** The providers that a page offers, and where its form may lead beyond this server. */
export async function choicesOf(env: Env, { route, ruled }: Routed) {
  const usable = await usableProviders(env);
  const offered = route.kind === 'page' ? route.offered : [];
  return {
    providers: usable.filter(({ id }) => offered === null || offered.includes(id)),
    leadsTo: ruled ? usable.map(({ authorization }) => authorization) : [],
  };
}
