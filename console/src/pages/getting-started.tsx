// Owns the first page: what to do in an empty organization, in order, each step leading to its place.
import { Anchor, Card, Group, List, SimpleGrid, Text, ThemeIcon, Title } from '@mantine/core';
import { type Icon, IconApps, IconServer2, IconUsers } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { CopyValue } from '../parts/copy-value.tsx';
import { PageHeader } from '../parts/page-header.tsx';

export function GettingStarted() {
  return (
    <>
      <PageHeader
        title="Getting Started"
        intro="An application signs people in with two values: an Issuer URL and a Client ID. Three steps make them."
      />
      <SimpleGrid cols={{ base: 1, md: 3 }} mb="xl">
        <Step
          icon={IconApps}
          number={1}
          title="Register the application"
          to="/applications"
          action="Go to Applications"
        >
          Create an app integration, say where people return after signing in, and who may use it. It gets its{' '}
          <strong>Client ID</strong>.
        </Step>
        <Step icon={IconServer2} number={2} title="Give it an issuer" to="/api" action="Go to Authorization Servers">
          Add an authorization server with the Client ID as its audience, a default scope, and an access policy with a
          rule. It gets its <strong>Issuer URL</strong>.
        </Step>
        <Step icon={IconUsers} number={3} title="Bring your people" to="/people" action="Go to People">
          Add people, gather them in groups, and assign them to the application. Nobody else gets in.
        </Step>
      </SimpleGrid>
      <Card withBorder padding="lg" component="section" aria-label="Your organization">
        <Title order={2} size="h4" mb="sm">
          Your organization
        </Title>
        <List spacing="sm" listStyleType="none" size="sm">
          <List.Item>
            <Text size="sm" c="dimmed">
              Its URL: whatever a guide calls the “Okta URL” or “Okta domain” is this address here
            </Text>
            <CopyValue label="Organization URL" value={location.origin} />
          </List.Item>
        </List>
      </Card>
    </>
  );
}

function Step(props: { icon: Icon; number: number; title: string; to: string; action: string; children: ReactNode }) {
  const { icon: StepIcon, number, title, to, action, children } = props;
  return (
    <Card withBorder padding="lg">
      <Group mb="sm" wrap="nowrap">
        <ThemeIcon size={38} radius="md" variant="light" aria-hidden>
          <StepIcon size={20} />
        </ThemeIcon>
        <Title order={2} size="h4">
          {number}. {title}
        </Title>
      </Group>
      <Text size="sm" mb="md" flex={1}>
        {children}
      </Text>
      <Anchor component={Link} to={to} fw={600} size="sm">
        {action}
      </Anchor>
    </Card>
  );
}
