// Owns the pages that stand in for others: loading, not there, broken.
import { Anchor, Button, Container, Text, Title } from '@mantine/core';
import { Link, useRouteError } from 'react-router';
import { Loading } from './states.tsx';

export function LoadingPage() {
  return (
    <main>
      <Loading />
    </main>
  );
}

export function NotFound() {
  return (
    <>
      <Title order={1} size="h2">
        Page not found
      </Title>
      <Text mt="sm">
        There is no page at this address.{' '}
        <Anchor component={Link} to="/" underline="always">
          Go to Getting Started
        </Anchor>
      </Text>
    </>
  );
}

export function RouteFailed() {
  const error = useRouteError();
  return (
    <Container component="main" size="sm" py={80}>
      <Title order={1} size="h2">
        This page failed
      </Title>
      <Text my="md">{error instanceof Error ? error.message : String(error)}</Text>
      <Button onClick={() => location.reload()}>Load it again</Button>
    </Container>
  );
}
