// Owns the life of an account: its statuses, which operation leads from which to which, and which statuses still count as a
// living account. Not here: carrying an operation out (user-lifecycle.ts, user-credentials.ts).
import { invalid, Refusal } from './refusal.ts';

export type UserStatus =
  | 'STAGED'
  | 'PROVISIONED'
  | 'ACTIVE'
  | 'RECOVERY'
  | 'PASSWORD_EXPIRED'
  | 'LOCKED_OUT'
  | 'SUSPENDED'
  | 'DEPROVISIONED';

export type UserOperation =
  | 'activate'
  | 'reactivate'
  | 'deactivate'
  | 'delete'
  | 'suspend'
  | 'unsuspend'
  | 'unlock'
  | 'resetPassword'
  | 'expirePassword'
  | 'resetFactors'
  | 'changePassword'
  | 'forgotPassword'
  | 'changeRecoveryQuestion';

type Rule = { from: readonly UserStatus[]; refuse: () => Refusal };

/** Statuses in which a right password signs in, though an expired one has to be replaced on the way. */
export const statusesThatSignIn: readonly string[] = ['ACTIVE', 'PASSWORD_EXPIRED'] satisfies UserStatus[];

export const LIVING: readonly UserStatus[] = ['ACTIVE', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT'];
const ALL_BUT_DEPROVISIONED: readonly UserStatus[] = ['STAGED', 'PROVISIONED', ...LIVING, 'SUSPENDED'];

const notInThisStatus = () => new Refusal('E0000038');

const rules: Record<UserOperation, Rule> = {
  activate: { from: ['STAGED', 'DEPROVISIONED'], refuse: () => new Refusal('E0000016') },
  reactivate: { from: ['PROVISIONED', 'RECOVERY'], refuse: notInThisStatus },
  deactivate: { from: ALL_BUT_DEPROVISIONED, refuse: notInThisStatus },
  delete: { from: ['DEPROVISIONED'], refuse: notInThisStatus },
  suspend: { from: ['ACTIVE'], refuse: () => invalid('suspendUser', 'Cannot suspend a user that is not active') },
  unsuspend: { from: ['SUSPENDED'], refuse: () => invalid('user', 'Cannot unsuspend a user that is not suspended') },
  unlock: { from: ['LOCKED_OUT'], refuse: () => new Refusal('E0000032') },
  resetPassword: { from: ['PROVISIONED', ...LIVING], refuse: notInThisStatus },
  expirePassword: { from: LIVING, refuse: notInThisStatus },
  resetFactors: { from: ALL_BUT_DEPROVISIONED, refuse: notInThisStatus },
  changePassword: { from: ['STAGED', 'ACTIVE', 'RECOVERY', 'PASSWORD_EXPIRED'], refuse: () => new Refusal('E0000035') },
  forgotPassword: { from: ['ACTIVE'], refuse: () => new Refusal('E0000034') },
  changeRecoveryQuestion: {
    from: ['STAGED', 'ACTIVE', 'RECOVERY', 'PASSWORD_EXPIRED'],
    refuse: () => new Refusal('E0000036'),
  },
};

export function isAllowed(operation: UserOperation, status: string): boolean {
  return (rules[operation].from as readonly string[]).includes(status);
}

/** Throws the refusal that clients know for this operation on an account in this status. */
export function requireAllowed(operation: UserOperation, status: string): void {
  if (!isAllowed(operation, status)) throw rules[operation].refuse();
}

/**
 * Whether sessions and tokens of the account go on. A lock-out, an expired password and a begun recovery stop the next sign-in;
 * were they to end sessions, whoever knows a login could sign its owner out by guessing passwords.
 */
export function isLiving(status: string): boolean {
  return (LIVING as readonly string[]).includes(status);
}

/** The status of an account that is activated: a person without a password still has to choose one. */
export function statusOnceActivated(hasPassword: boolean, provider: string): UserStatus {
  return hasPassword || provider === 'FEDERATION' || provider === 'SOCIAL' ? 'ACTIVE' : 'PROVISIONED';
}

/** The status after a new password is in place: it completes an activation and a recovery, renews, and unlocks. */
export function statusOncePasswordSet(status: string): UserStatus {
  return isLiving(status) || status === 'PROVISIONED' ? 'ACTIVE' : (status as UserStatus);
}
