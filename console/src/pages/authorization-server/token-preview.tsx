// Owns the Token Preview tab: what a request would get, and why not when it gets nothing. The server explains; nothing is judged here.
import {
  Alert,
  Button,
  Card,
  Code,
  Group,
  List,
  MultiSelect,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { post } from '../../api.ts';
import { useSubmit } from '../../parts/changes.ts';
import { Problem } from '../../parts/form-parts.tsx';
import { PickClients, PickPeople } from '../../parts/pick.tsx';
import { Trace } from '../../parts/trace.tsx';
import { useGet } from '../../queries.ts';
import type { AuthorizationServer, Explanation, Scope } from '../../types.ts';
import { RULE_GRANTS } from './rule-words.ts';

const GRANTS = RULE_GRANTS.flatMap(({ grants }) =>
  grants.map(({ value, label }) => ({ value: value as string, label: label as string })),
);

export function TokenPreviewTab({ server }: { server: AuthorizationServer }) {
  const path = `/api/v1/authorizationServers/${server.id}`;
  const scopes = useGet<Scope[]>(`${path}/scopes`);
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const form = useForm({
    initialValues: {
      clientId: [] as string[],
      grantType: 'authorization_code',
      userId: [] as string[],
      scopes: ['openid'],
    },
    validate: { clientId: (ids) => (ids.length === 1 ? null : 'Choose one client') },
  });
  const { busy, problem, submit } = useSubmit(form, async ({ clientId, grantType, userId, scopes }) => {
    setExplanation(null);
    setExplanation(
      await post<Explanation>(`${path}/explain`, {
        clientId: clientId[0],
        grantType,
        userId: userId[0] ?? null,
        scopes: scopes.length === 0 ? null : scopes,
      }),
    );
  });
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <Card withBorder component="section" aria-label="Request properties">
        <Title order={2} size="h4" mb="md">
          Request Properties
        </Title>
        <form onSubmit={submit} noValidate>
          <Problem text={problem} />
          <Stack>
            <PickClients
              label="OAuth/OIDC client"
              value={form.values.clientId}
              onChange={(ids) => form.setFieldValue('clientId', ids.slice(-1))}
              error={form.errors.clientId}
            />
            <Select label="Grant type" data={GRANTS} allowDeselect={false} {...form.getInputProps('grantType')} />
            <PickPeople
              label="User"
              value={form.values.userId}
              onChange={(ids) => form.setFieldValue('userId', ids.slice(-1))}
              error={form.errors.userId}
            />
            <MultiSelect
              label="Scopes"
              description="None: the request names no scope"
              searchable
              data={(scopes.data ?? []).map(({ name }) => name)}
              {...form.getInputProps('scopes')}
            />
            <Group>
              <Button type="submit" loading={busy}>
                Preview Token
              </Button>
            </Group>
          </Stack>
        </form>
      </Card>
      <section aria-label="Preview" aria-live="polite">
        {explanation && <Preview explanation={explanation} />}
      </section>
    </SimpleGrid>
  );
}

function Preview({ explanation }: { explanation: Explanation }) {
  const { outcome, reason, decidedBy, tokens, trace, whatWouldPass, scopes } = explanation;
  return (
    <Stack>
      <Alert color={outcome === 'ALLOW' ? 'gate' : 'red'} title={outcome === 'ALLOW' ? 'Allowed' : 'Denied'}>
        {outcome === 'ALLOW'
          ? `Decided by the rule “${decidedBy.ruleName ?? '—'}” of the policy “${decidedBy.policyName ?? '—'}”.`
          : reason}
      </Alert>
      {whatWouldPass.length > 0 && (
        <Card withBorder>
          <Text fw={600} size="sm" mb="xs">
            Any one of these would let it through
          </Text>
          <List size="sm">
            {whatWouldPass.map((changes) => {
              const words = changes.map(({ description }) => description).join(', and ');
              return <List.Item key={words}>{words}</List.Item>;
            })}
          </List>
        </Card>
      )}
      {tokens.flatMap(({ endpoint, idToken, accessToken }) =>
        [['ID token', idToken] as const, ['Access token', accessToken] as const].map(
          ([name, token]) =>
            token && (
              <Card withBorder key={`${endpoint} ${name}`}>
                <Title order={3} size="h5" mb="xs">
                  {name}
                </Title>
                <Code block tabIndex={0} aria-label={`${name} payload`}>
                  {JSON.stringify(token.payload, null, 2)}
                </Code>
              </Card>
            ),
        ),
      )}
      {scopes.some(({ granted }) => !granted) && (
        <List size="sm">
          {scopes
            .filter(({ granted }) => !granted)
            .map(({ name, why }) => (
              <List.Item key={name}>
                <Code>{name}</Code>: {why}
              </List.Item>
            ))}
        </List>
      )}
      <Trace trace={trace} />
    </Stack>
  );
}
