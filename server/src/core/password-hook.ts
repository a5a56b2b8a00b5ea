// Owns the password import hook: for a person whose password another system keeps, that system is asked once whether the password is
// right; from then on it is ours (upgrade-password.ts). It is told a password in the clear, so it is asked only when nothing else
// stands against the sign-in. Not here: the call (call-inline-hook.ts), counting attempts (authenticate.ts).
import { readImported } from '../base/imported-password.ts';
import { toIso } from '../base/time.ts';
import { newUuid } from '../base/uuid.ts';
import { callInlineHook } from './call-inline-hook.ts';
import type { Env } from './env.ts';
import { type InlineHook, inlineHookTarget, listInlineHooks, PASSWORD_HOOK } from './inline-hooks.ts';
import { record } from './system-log.ts';
import { type User, userTarget } from './users.ts';

/**
 * Whether the active hook vouches for this password. False for a person whose password we can compare ourselves, and when there is
 * no active hook, it cannot be reached, or it says anything but VERIFIED. Never inside a transaction.
 */
export async function vouchedByHook(env: Env, user: User, password: string): Promise<boolean> {
  if (user.password_hash === null || readImported(user.password_hash)?.algorithm !== 'HOOK') return false;
  const hook = (await listInlineHooks(env, PASSWORD_HOOK)).find(({ status }) => status === 'ACTIVE');
  if (!hook) {
    await recordOutcome(env, user, null, 'There is no active password import hook');
    return false;
  }
  const answer = await callInlineHook(env, hook, payloadOf(env, hook, user, password));
  if (answer.kind === 'failure') {
    await recordOutcome(env, user, hook, answer.why);
    return false;
  }
  const verified = saysVerified(answer.body);
  await recordOutcome(env, user, hook, verified ? null : 'The hook did not verify the password');
  return verified;
}

function payloadOf(env: Env, hook: InlineHook, user: User, password: string): object {
  const { origin, id, ip } = env.request;
  return {
    eventId: newUuid(env.random),
    eventTime: toIso(env.now()),
    eventType: PASSWORD_HOOK,
    eventTypeVersion: '1.0',
    cloudEventVersion: '0.1',
    contentType: 'application/json',
    source: `${origin}/api/v1/inlineHooks/${hook.id}`,
    data: {
      context: {
        request: { id, method: 'POST', url: { value: '/api/v1/authn' }, ipAddress: ip },
        credential: { username: user.login, password },
      },
      action: { credential: 'UNVERIFIED' },
    },
  };
}

/** The last command about the credential counts; an answer with an error verifies nothing. */
function saysVerified(body: Record<string, unknown> | null): boolean {
  if (body === null || (body.error !== undefined && body.error !== null) || !Array.isArray(body.commands)) return false;
  const commands = body.commands as { type?: unknown; value?: { credential?: unknown } | null }[];
  const last = commands.findLast((one) => one?.type === 'com.okta.action.update');
  return last?.value?.credential === 'VERIFIED';
}

async function recordOutcome(env: Env, user: User, hook: InlineHook | null, problem: string | null): Promise<void> {
  await record(env, {
    eventType: 'inline_hook.executed',
    displayMessage: 'Fired the password import inline hook',
    outcome: problem === null ? { result: 'SUCCESS' } : { result: 'FAILURE', reason: problem },
    target: [userTarget(user), ...(hook ? [inlineHookTarget(hook)] : [])],
  });
}
