// Owns what a person sees who signed in but administers nothing here.
import { Button, Container, Group, Text, Title } from '@mantine/core';
import { session } from '../session.ts';

export function NoRole() {
  const user = session().user();
  return (
    <Container component="main" size="sm" py={80}>
      <img src="/admin/mark.svg" alt="" width={40} height={40} />
      <Title order={1} size="h2" mt="md">
        This console is for administrators
      </Title>
      <Text mt="md">
        You are signed in as <strong>{user?.username ?? user?.name}</strong>, and this account has no administrator
        role. If you expected one, ask a super administrator of your organization for it: it works as soon as it is
        given.
      </Text>
      <Group mt="xl">
        <Button component="a" href="/">
          Go to your home page
        </Button>
        <Button variant="default" onClick={() => void session().signIn({ prompt: 'login' })}>
          Sign in as somebody else
        </Button>
      </Group>
    </Container>
  );
}
