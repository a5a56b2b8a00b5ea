// Owns: the list of how this page came by its tokens, for "who am I" to show. Does not own: renewing.
import type { ObtainedBy, SignIn } from 'gatehouse-relying-party/browser';

export type Renewal = { at: number; by: ObtainedBy };

export const OBTAINED: Record<ObtainedBy, string> = {
  'sign-in': 'by signing in',
  'refresh-token': 'renewed by refresh token',
  'hidden-frame': 'through a hidden frame (prompt=none)',
  'other-tab': 'from another tab',
};

const KEPT = 20;

export function recordRenewals(signIn: SignIn): () => readonly Renewal[] {
  let renewals: Renewal[] = [];
  signIn.on('changed', ({ session }) => {
    renewals =
      session === undefined ? [] : [...renewals, { at: session.obtainedAt, by: session.obtainedBy }].slice(-KEPT);
  });
  return () => renewals;
}
