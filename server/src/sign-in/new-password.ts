// Owns reading a new password out of a form, typed twice, and the sentence that tells people what one must contain.
// Not here: judging it (core/password-policy.ts).
import type { Env } from '../core/env.ts';
import { passwordPolicy, passwordRequirements } from '../core/password-policy.ts';
import { single } from './own-form.ts';
import type { NewPasswordErrors } from './pages/new-password-page.ts';

export type NewPassword = { password: string; errors: null } | { password: null; errors: NewPasswordErrors };

export function readNewPassword(fields: URLSearchParams): NewPassword {
  const password = single(fields, 'newPassword') ?? '';
  if (password === '') return { password: null, errors: { newPassword: 'Enter a new password.' } };
  if (password !== single(fields, 'confirmPassword'))
    return { password: null, errors: { confirmPassword: 'The two passwords are not the same. Type both again.' } };
  return { password, errors: null };
}

/** What the policy says of a password, without the list of requirements: that stands above the field already. */
export function atTheField(problem: string): string {
  return problem.replace(/ Password requirements: .*$/s, '');
}

/** Such as `At least 8 characters, a number.` */
export async function requirementsOf(env: Env, userId: string | null): Promise<string> {
  const policy = await passwordPolicy(env, ...(userId === null ? [] : [{ userId }]));
  const list = passwordRequirements(policy).join(', ');
  return `${list.charAt(0).toUpperCase()}${list.slice(1)}.`;
}
