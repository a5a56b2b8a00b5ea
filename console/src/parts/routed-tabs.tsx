// Owns tabs whose choice is a part of the address, so that the back button and a link lead to one. Not here: what a tab shows.
import { Tabs } from '@mantine/core';
import type { ComponentType } from 'react';
import { useNavigate } from 'react-router';

/** `path`: of the page, to which a tab's value is added. Each panel gets `shown`. */
export function RoutedTabs<Shown extends object>({
  path,
  tab,
  tabs,
  shown,
}: {
  path: string;
  tab: string;
  tabs: readonly { value: string; label: string; Panel: ComponentType<Shown> }[];
  shown: Shown;
}) {
  const navigate = useNavigate();
  return (
    <Tabs value={tab} onChange={(to) => void navigate(`${path}/${to}`)}>
      <Tabs.List mb="lg">
        {tabs.map(({ value, label }) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ value, Panel }) => (
        <Tabs.Panel key={value} value={value}>
          <Panel {...shown} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
