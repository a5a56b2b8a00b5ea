// Owns how a group looks on the management API. Not here: routes.
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import type { GroupStats } from '../core/group-search.ts';
import type { Group } from '../core/groups.ts';

export function groupBody(env: Env, group: Group, stats?: GroupStats): Record<string, unknown> {
  const { origin } = env.request;
  const self = `${origin}/api/v1/groups/${group.id}`;
  const logo = (name: 'medium' | 'large') => ({ name, href: `${origin}/assets/group-${name}.png`, type: 'image/png' });
  return {
    id: group.id,
    created: toIso(group.created),
    lastUpdated: toIso(group.last_updated),
    lastMembershipUpdated: toIso(group.last_membership_updated),
    objectClass: ['okta:user_group'],
    type: group.type,
    profile: { ...group.profile, name: group.name, description: group.profile.description ?? null },
    ...(stats ? { _embedded: { stats: { ...stats, _links: { self: { href: `${self}/stats` } } } } } : {}),
    _links: {
      logo: [logo('medium'), logo('large')],
      owners: { href: `${self}/owners` },
      users: { href: `${self}/users` },
      apps: { href: `${self}/apps` },
    },
  };
}
