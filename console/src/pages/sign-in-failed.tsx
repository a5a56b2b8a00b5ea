// Owns what is seen when signing in to the console did not work, and the way to try again.
import { Button, Container, Text, Title } from '@mantine/core';

export function SignInFailed({ error }: { error: unknown }) {
  return (
    <Container component="main" size="sm" py={80}>
      <Title order={1} size="h2">
        Signing in did not work
      </Title>
      <Text my="md">{error instanceof Error ? error.message : String(error)}</Text>
      <Button component="a" href="/admin">
        Try again
      </Button>
    </Container>
  );
}
