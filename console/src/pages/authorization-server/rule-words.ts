// Owns how grant types and durations of rules are called.
export const RULE_GRANTS = [
  {
    group: 'Client acting on behalf of itself',
    grants: [{ value: 'client_credentials', label: 'Client Credentials' }],
  },
  {
    group: 'Client acting on behalf of a user',
    grants: [
      { value: 'authorization_code', label: 'Authorization Code' },
      { value: 'implicit', label: 'Implicit (hybrid)' },
      { value: 'password', label: 'Resource Owner Password' },
      { value: 'urn:ietf:params:oauth:grant-type:device_code', label: 'Device Authorization' },
      { value: 'urn:ietf:params:oauth:grant-type:token-exchange', label: 'Token Exchange' },
      { value: 'urn:ietf:params:oauth:grant-type:jwt-bearer', label: 'JWT Bearer' },
    ],
  },
] as const;

const LABELS = new Map<string, string>(
  RULE_GRANTS.flatMap(({ grants }) => grants.map(({ value, label }) => [value, label] as const)),
);

export function grantWords(values: readonly string[]): string {
  return values.map((value) => LABELS.get(value) ?? value).join(', ');
}

export type Unit = 'minutes' | 'hours' | 'days';

const MINUTES: Record<Unit, number> = { minutes: 1, hours: 60, days: 1440 };

export type Duration = { amount: number; unit: Unit };

export function toDuration(minutes: number): Duration {
  if (minutes > 0 && minutes % MINUTES.days === 0) return { amount: minutes / MINUTES.days, unit: 'days' };
  if (minutes > 0 && minutes % MINUTES.hours === 0) return { amount: minutes / MINUTES.hours, unit: 'hours' };
  return { amount: minutes, unit: 'minutes' };
}

export function toMinutes({ amount, unit }: Duration): number {
  return amount * MINUTES[unit];
}

export function durationWords(minutes: number): string {
  const { amount, unit } = toDuration(minutes);
  return `${amount} ${amount === 1 ? unit.slice(0, -1) : unit}`;
}
