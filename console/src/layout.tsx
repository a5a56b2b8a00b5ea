// Owns the frame of every page: the navigation on the left, who is signed in, the command palette, and the refusal of people without
// an administrator's role. Not here: the pages.
import {
  ActionIcon,
  AppShell,
  Burger,
  Button,
  Group,
  Kbd,
  Menu,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { IconLogout, IconMoon, IconSearch, IconSun, IconUserCircle } from '@tabler/icons-react';
import { useEffect } from 'react';
import { Outlet, useLocation, useNavigate } from 'react-router';
import { ApiError } from './api.ts';
import { Navigation, places, tabs } from './navigation.tsx';
import { NoRole } from './pages/no-role.tsx';
import { LoadingPage } from './parts/page-states.tsx';
import { Failed } from './parts/states.tsx';
import { useGet } from './queries.ts';
import { session } from './session.ts';

export function Layout() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  // Every administrator may read the organization, so who may not is none.
  const org = useGet<{ companyName: string }>('/api/v1/org');
  // biome-ignore lint/correctness/useExhaustiveDependencies: a visit closes the navigation on a phone
  useEffect(close, [pathname]);

  if (org.error instanceof ApiError && org.error.status === 403) return <NoRole />;
  if (org.isError) return <Failed error={org.error} retry={() => void org.refetch()} />;
  if (org.isPending) return <LoadingPage />;
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 250, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <Button
        component="a"
        href="#content"
        pos="absolute"
        top={-60}
        style={{ zIndex: 1000 }}
        onFocus={(event) => event.currentTarget.style.setProperty('top', '8px')}
        onBlur={(event) => event.currentTarget.style.setProperty('top', '-60px')}
      >
        Skip to content
      </Button>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            <img src="/admin/mark.svg" alt="" width={28} height={28} />
            <Text fw={650}>{org.data.companyName}</Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <UnstyledButton onClick={spotlight.open} visibleFrom="sm">
              <Group gap="xs" c="dimmed" fz="sm">
                <IconSearch size={16} /> Search{' '}
                <Kbd size="xs" aria-hidden>
                  Ctrl K
                </Kbd>
              </Group>
            </UnstyledButton>
            <ColorSchemeButton />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Main">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
      <Spotlight
        actions={[
          ...places.map((place) => ({
            ...place,
            label: place.section === null ? place.label : `${place.section} > ${place.label}`,
          })),
          ...tabs,
        ].map(({ label, to, icon: Icon }) => ({
          id: to,
          label,
          leftSection: <Icon size={18} />,
          onClick: () => void navigate(to),
        }))}
        scrollable
        maxHeight={420}
        highlightQuery
        nothingFound="No such page"
        shortcut={['mod + K']}
        tagsToIgnore={[]}
        searchProps={{ placeholder: 'Go to…', 'aria-label': 'Go to' }}
      />
    </AppShell>
  );
}

function ColorSchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const next = scheme === 'light' ? 'dark' : 'light';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={() => setColorScheme(next)}
      aria-label={`Use ${next} colours`}
    >
      {scheme === 'light' ? <IconMoon size={18} /> : <IconSun size={18} />}
    </ActionIcon>
  );
}

function AccountMenu() {
  const user = session().user();
  const name = user?.name ?? user?.username ?? 'Account';
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          px="xs"
          leftSection={<IconUserCircle size={18} />}
          aria-label={`Account: ${name}`}
        >
          <Text component="span" fz="sm" visibleFrom="xs">
            {name}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user?.username}</Menu.Label>
        <Menu.Item component="a" href="/">
          Your home page
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void session().signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
