// Owns a person's code app as a test holds it: enrolled and activated by the management API, and its codes (RFC 6238).
// Not here: the pages and states that ask for one.
import { createHmac } from 'node:crypto';
import { unique } from './guide.ts';
import type { ManagementApi } from './management-api.ts';

export type CodeApp = { id: string; code(): string };

type Enrolled = { id: string; _embedded: { activation: { sharedSecret: string } } };

/** The code of now activates it, so the next one is left of those that a server takes: call it once. */
export async function enrollCodeApp(api: ManagementApi, userId: string, provider = 'GOOGLE'): Promise<CodeApp> {
  const path = `/api/v1/users/${userId}/factors`;
  const enrolled = await api.post<Enrolled>(path, { factorType: 'token:software:totp', provider });
  const secret = enrolled._embedded.activation.sharedSecret;
  const step = Math.floor(Date.now() / 30_000);
  await api.post(`${path}/${enrolled.id}/lifecycle/activate`, { passCode: codeOf(secret, step) });
  let used = step;
  return { id: enrolled.id, code: () => codeOf(secret, ++used) };
}

/** A policy for this person alone, with one rule. */
export async function policyFor(
  api: ManagementApi,
  userId: string,
  { type, settings, rule }: { type: string; settings?: object; rule: object },
): Promise<void> {
  const group = await api.post<{ id: string }>('/api/v1/groups', { profile: { name: unique('group') } });
  await api.put(`/api/v1/groups/${group.id}/users/${userId}`);
  const conditions = { people: { groups: { include: [group.id] } } };
  const policy = await api.post<{ id: string }>('/api/v1/policies', {
    type,
    name: unique('policy'),
    conditions,
    settings,
  });
  await api.post(`/api/v1/policies/${policy.id}/rules`, { name: unique('rule'), ...rule });
}

/** The person's password alone is not enough from now on. */
export function requireFactorOf(api: ManagementApi, userId: string): Promise<void> {
  const actions = { signon: { requireFactor: true, factorPromptMode: 'ALWAYS' } };
  return policyFor(api, userId, { type: 'OKTA_SIGN_ON', rule: { type: 'SIGN_ON', actions } });
}

/** The code of an app with this secret now. */
export function codeNow(secret: string): string {
  return codeOf(secret, Math.floor(Date.now() / 30_000));
}

function codeOf(secret: string, step: number): string {
  const bits = [...secret].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
