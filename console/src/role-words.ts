// Owns what each administrator role is called, and what its holders may do, in a sentence.

export const ROLE_WORDS: readonly { type: string; label: string; may: string }[] = [
  {
    type: 'SUPER_ADMIN',
    label: 'Super Administrator',
    may: 'Everything, also who else is an administrator: give it to few, but to more than one',
  },
  { type: 'ORG_ADMIN', label: 'Organizational Administrator', may: 'Everything but giving and taking roles' },
  { type: 'APP_ADMIN', label: 'Application Administrator', may: 'Applications, their scopes and who has them' },
  { type: 'USER_ADMIN', label: 'Group Administrator', may: 'People, groups and sessions' },
  { type: 'GROUP_MEMBERSHIP_ADMIN', label: 'Group Membership Administrator', may: 'Who is in which group' },
  { type: 'HELP_DESK_ADMIN', label: 'Help Desk Administrator', may: 'People’s passwords, factors and sessions' },
  {
    type: 'API_ACCESS_MANAGEMENT_ADMIN',
    label: 'API Access Management Administrator',
    may: 'Authorization servers, trusted origins and inline hooks',
  },
  { type: 'READ_ONLY_ADMIN', label: 'Read-only Administrator', may: 'Sees everything, changes nothing' },
  { type: 'REPORT_ADMIN', label: 'Report Administrator', may: 'Reads the System Log' },
  { type: 'MOBILE_ADMIN', label: 'Mobile Administrator', may: 'Devices' },
];

export function mayOf(type: string): string {
  if (type === 'CUSTOM') return 'A role of your own';
  return ROLE_WORDS.find((one) => one.type === type)?.may ?? '';
}
