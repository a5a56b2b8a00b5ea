// Owns what Check setup says of one link of the chain: how it came out, in words, what to do, which step of the guide set it up and
// where it is changed. Not here: which links there are (setup-check.ts) and how each is judged.
import type { Application } from '../applications.ts';
import type { AuthorizationServer } from '../authorization-servers.ts';
import type { Env } from '../env.ts';
import type { Explanation } from '../explain.ts';
import type { BeginningGrant } from '../grant-terms.ts';
import type { JudgedPart, Judgement } from '../judgement.ts';
import type { User } from '../users.ts';

/** Where a setting is changed; the console knows the page. */
export const settingPlaces = [
  'application-general',
  'application-sign-on',
  'application-assignments',
  'server-settings',
  'server-scopes',
  'server-claims',
  'server-policies',
  'server-keys',
  'trusted-origins',
  'person',
] as const;
export type SettingPlace = (typeof settingPlaces)[number];

export const setupResults = ['PASS', 'WARNING', 'FAILURE'] as const;

/** FAILURE: it does not work. WARNING: it works today, and is likely to hurt. */
export type Finding = {
  result: (typeof setupResults)[number];
  says: string;
  fix: string | null;
  /** Where it differs from the line's own. */
  place?: SettingPlace;
};

export type SetupQuestion = {
  grantType: BeginningGrant;
  /** Null: the application names none. */
  scopes: readonly string[] | null;
  /** What the application is known to send or to have been given; null: not known. */
  redirectUri: string | null;
  postLogoutRedirectUri: string | null;
  origin: string | null;
  issuer: string | null;
  /** The asking machine's clock, in epoch milliseconds. */
  clock: number | null;
};

/** Everything that lines are judged by. */
export type SetupFacts = SetupQuestion & {
  application: Application;
  server: AuthorizationServer;
  /** Null: the client acts for itself. */
  user: User | null;
  /** The engine's judgement, part by part, and as a whole. */
  parts: { scopes: JudgedPart; assignment: JudgedPart; access: Judgement };
  explanation: Explanation;
};

export type SetupLine = {
  id: string;
  title: string;
  /** Of the guide; null: the guide does not set it up. */
  step: number | null;
  place: SettingPlace;
  /** Null: it has no part in this request. */
  judge(env: Env, facts: SetupFacts): Finding | null | Promise<Finding | null>;
};

export function pass(says: string): Finding {
  return { result: 'PASS', says, fix: null };
}

export function warning(says: string, fix: string, place?: SettingPlace): Finding {
  return { result: 'WARNING', says, fix, ...(place ? { place } : {}) };
}

export function failure(says: string, fix: string, place?: SettingPlace): Finding {
  return { result: 'FAILURE', says, fix, ...(place ? { place } : {}) };
}
