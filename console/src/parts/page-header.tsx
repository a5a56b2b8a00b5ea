// Owns the head of a page: where one is, its name, its state, and what can be done with it.
import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'react-router';

type Props = {
  title: string;
  /** Where this page is found: the places above it. */
  above?: readonly { label: string; to: string }[];
  badge?: ReactNode;
  intro?: ReactNode;
  actions?: ReactNode;
};

export function PageHeader({ title, above, badge, intro, actions }: Props) {
  useEffect(() => {
    document.title = `${title} · Gatehouse`;
  }, [title]);
  return (
    <Stack gap={6} mb="lg">
      {above && (
        <Breadcrumbs fz="sm" separatorMargin={6}>
          {above.map(({ label, to }) => (
            <Anchor key={to} component={Link} to={to} fz="sm">
              {label}
            </Anchor>
          ))}
          <span aria-hidden />
        </Breadcrumbs>
      )}
      <Group justify="space-between" align="flex-start">
        <Group gap="sm">
          <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {badge}
        </Group>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {intro && (
        <Text c="dimmed" size="sm" maw={720}>
          {intro}
        </Text>
      )}
    </Stack>
  );
}
