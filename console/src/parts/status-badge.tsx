// Owns how a status looks.
import { Badge } from '@mantine/core';

const COLORS: Record<string, string> = {
  ACTIVE: 'gate',
  INACTIVE: 'gray',
  DEPROVISIONED: 'gray',
  STAGED: 'blue',
  PROVISIONED: 'blue',
  PENDING_ACTIVATION: 'yellow',
  RECOVERY: 'yellow',
  PASSWORD_EXPIRED: 'yellow',
  SUSPENDED: 'yellow',
  LOCKED_OUT: 'red',
  INVALID: 'red',
  VERIFIED: 'gate',
  UNVERIFIED: 'yellow',
  NEXT: 'blue',
  EXPIRED: 'gray',
  SUCCESS: 'gate',
  ALLOW: 'gate',
  FAILURE: 'red',
  DENY: 'red',
};

export function StatusBadge({ status }: { status: string }) {
  const words = status.toLowerCase().replaceAll('_', ' ');
  return <Badge color={COLORS[status] ?? 'gray'}>{words.charAt(0).toUpperCase() + words.slice(1)}</Badge>;
}
