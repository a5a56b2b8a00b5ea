// Owns the head of Directory > Groups: the groups themselves, and the rules that fill them. Not here: what each tab shows.
import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { PageHeader } from '../parts/page-header.tsx';

export function GroupsHead({
  tab,
  actions,
  children,
}: {
  tab: 'all' | 'rules';
  actions: ReactNode;
  children: ReactNode;
}) {
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        title="Groups"
        intro="People who are given the same things: applications, rules, roles."
        actions={actions}
      />
      <Tabs value={tab} onChange={(to) => void navigate(to === 'rules' ? '/groups/rules' : '/groups')}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="all">All</Tabs.Tab>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={tab}>{children}</Tabs.Panel>
      </Tabs>
    </>
  );
}
