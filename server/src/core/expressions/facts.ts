// Owns what an expression may know: root objects by name, the person's groups, the time. Whoever evaluates one gathers them.
// Not here: reading them from the database.
import { toIso } from '../../base/time.ts';
import { fromJson, type Thing, thingOf, type Value } from './values.ts';

export type ExpressionFacts = {
  /** What a name at the beginning stands for: `user`, `appuser`, `app`, `org`, `session`, `access`, … */
  roots: Readonly<Record<string, Value>>;
  /** The person's account beside the profile: `user.getInternalProperty`. */
  account: Thing | null;
  /** The groups that the person is in. */
  groups: readonly GroupFacts[];
  /** Epoch milliseconds. */
  now: number;
};

export type GroupFacts = { id: string; name: string; type: string; profile: Readonly<Record<string, unknown>> };

type Person = {
  id: string;
  status: string;
  login: string;
  profile: Readonly<Record<string, unknown>>;
  created: number;
  activated: number | null;
  status_changed: number | null;
  last_login: number | null;
  last_updated: number;
  password_changed: number | null;
};

/** `user`: the attributes of the profile, and where it has none of the name, of the account. */
export function userThing(person: Person): Thing {
  const { profile } = person;
  const account = accountThing(person);
  return {
    thing: 'user',
    get: (name) => {
      if (Object.hasOwn(profile, name)) return fromJson(profile[name]);
      return name === 'profile' ? thingOf('profile', profile) : account.get(name);
    },
  };
}

export function accountThing(person: Person): Thing {
  const at = (time: number | null) => (time === null ? null : toIso(time));
  return thingOf('user', {
    id: person.id,
    login: person.login,
    status: person.status,
    created: at(person.created),
    activated: at(person.activated),
    statusChanged: at(person.status_changed),
    lastLogin: at(person.last_login),
    lastUpdated: at(person.last_updated),
    passwordChanged: at(person.password_changed),
  });
}

/** `group`: its id, name, description and type, and its profile. */
export function groupThing({ id, name, type, profile }: GroupFacts): Thing {
  const members = { id, name, description: profile.description ?? null, type, objectClass: ['okta:user_group'] };
  const inner = thingOf('profile', profile);
  const own = thingOf('group', members);
  return { thing: 'group', get: (member) => (member === 'profile' ? inner : own.get(member)) };
}
