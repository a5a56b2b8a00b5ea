// Owns the places of the console and the navigation that leads to them, by the names that an administrator knows.
import { NavLink as MantineNavLink, ScrollArea } from '@mantine/core';
import {
  type Icon,
  IconApps,
  IconFileText,
  IconFlag,
  IconKey,
  IconPalette,
  IconSettings,
  IconShieldLock,
  IconUser,
  IconUserShare,
  IconUsers,
  IconUsersGroup,
  IconWebhook,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { NavLink, useLocation } from 'react-router';

type Place = { label: string; section: string | null; to: string; icon: Icon; also?: string };

export const places: readonly Place[] = [
  { label: 'Getting Started', section: null, to: '/', icon: IconFlag },
  { label: 'People', section: 'Directory', to: '/people', icon: IconUser },
  { label: 'Groups', section: 'Directory', to: '/groups', icon: IconUsersGroup },
  { label: 'Applications', section: 'Applications', to: '/applications', icon: IconApps },
  { label: 'Administrators', section: 'Security', to: '/administrators', icon: IconShieldLock },
  { label: 'Identity Providers', section: 'Security', to: '/identity-providers', icon: IconUserShare },
  { label: 'API', section: 'Security', to: '/api', icon: IconKey, also: '/authorization-servers' },
  { label: 'Branding', section: 'Customizations', to: '/branding', icon: IconPalette },
  { label: 'Event Hooks', section: 'Workflow', to: '/event-hooks', icon: IconWebhook },
  { label: 'Inline Hooks', section: 'Workflow', to: '/inline-hooks', icon: IconWebhook },
  { label: 'System Log', section: 'Reports', to: '/system-log', icon: IconFileText },
  { label: 'Organization', section: 'Settings', to: '/organization', icon: IconSettings },
];

/** Parts of places, which the command palette leads to as well. */
export const tabs: readonly { label: string; to: string; icon: Icon }[] = [
  { label: 'Directory > Groups > Rules', to: '/groups/rules', icon: IconUsersGroup },
  { label: 'Directory > Groups > Rules > Add Rule', to: '/groups/rules/new', icon: IconUsersGroup },
  { label: 'Security > API > Authorization Servers', to: '/api/authorization-servers', icon: IconKey },
  { label: 'Security > API > Tokens', to: '/api/tokens', icon: IconKey },
  { label: 'Security > API > Trusted Origins', to: '/api/trusted-origins', icon: IconKey },
];

const sections: readonly { name: string; icon: Icon }[] = [
  { name: 'Directory', icon: IconUsers },
  { name: 'Applications', icon: IconApps },
  { name: 'Security', icon: IconShieldLock },
  { name: 'Customizations', icon: IconPalette },
  { name: 'Workflow', icon: IconWebhook },
  { name: 'Reports', icon: IconFileText },
  { name: 'Settings', icon: IconSettings },
];

export function Navigation() {
  const { pathname } = useLocation();
  const isAt = ({ to, also }: Place) =>
    pathname === to ||
    (to !== '/' && pathname.startsWith(`${to}/`)) ||
    (also !== undefined && pathname.startsWith(also));
  const here = places.find(isAt)?.section ?? null;
  const [open, setOpen] = useState<readonly string[]>(here === null ? [] : [here]);
  useEffect(() => {
    if (here !== null) setOpen((known) => (known.includes(here) ? known : [...known, here]));
  }, [here]);

  const link = (place: Place) => (
    <MantineNavLink
      key={place.to}
      component={NavLink}
      to={place.to}
      end={place.to === '/'}
      label={place.label}
      active={isAt(place)}
      leftSection={place.section === null ? <place.icon size={18} /> : undefined}
    />
  );
  return (
    <ScrollArea>
      {places.filter(({ section }) => section === null).map(link)}
      {sections.map(({ name, icon: SectionIcon }) => (
        <MantineNavLink
          key={name}
          component="button"
          type="button"
          label={name}
          leftSection={<SectionIcon size={18} />}
          opened={open.includes(name)}
          aria-expanded={open.includes(name)}
          onChange={(opened) => setOpen(opened ? [...open, name] : open.filter((one) => one !== name))}
        >
          {places.filter(({ section }) => section === name).map(link)}
        </MantineNavLink>
      ))}
    </ScrollArea>
  );
}
