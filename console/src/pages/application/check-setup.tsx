// Owns the Check Setup tab: whose sign-in, by which server and request, and asking the server about it. It asks at once with what the
// server takes for usual, and again when something was chosen. Not here: how the answer is shown (setup-report.tsx).
import { Button, Card, Collapse, MultiSelect, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { post } from '../../api.ts';
import { PickPeople, PickServers } from '../../parts/pick.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useGet } from '../../queries.ts';
import type { Application, Scope, SetupReport } from '../../types.ts';
import { RULE_GRANTS } from '../authorization-server/rule-words.ts';
import { SetupReportView } from './setup-report.tsx';

/** What of a question is text and may be left open; then the server takes what is usual. */
const TEXTS = [
  'userId',
  'authorizationServerId',
  'grantType',
  'redirectUri',
  'postLogoutRedirectUri',
  'origin',
  'issuer',
] as const;
type Question = Partial<Record<(typeof TEXTS)[number], string>> & { scopes?: string[] | null };

const GRANTS = RULE_GRANTS.flatMap(({ grants }) =>
  grants.map(({ value, label }) => ({ value: value as string, label: label as string })),
);

export function CheckSetupTab({ app }: { app: Application }) {
  // In the address, so that the way back from a setting leads to the same question.
  const [params, setParams] = useSearchParams();
  const question = questionOf(params);
  const path = `/api/v1/apps/${app.id}/setup-check`;
  const query = useQuery({
    queryKey: [path, question],
    queryFn: () => post<SetupReport>(path, { ...question, clock: Date.now() }),
    // What it tells of is changed on other pages.
    staleTime: 0,
    retry: false,
    placeholderData: (previous) => previous,
  });
  return (
    <Stack gap="lg">
      <Text c="dimmed" size="sm" maw={720}>
        Walks the whole way from this application to its tokens, as one person would go it, and says at each step what
        is right, what is doubtful and what is broken.
      </Text>
      <Loaded query={query}>
        {(report) => (
          <div className="check-setup">
            <QuestionForm
              report={report}
              question={question}
              busy={query.isFetching}
              ask={(asked) => setParams(paramsOf(asked))}
            />
            <section aria-label="Result" aria-live="polite" aria-busy={query.isFetching}>
              <SetupReportView report={report} />
            </section>
          </div>
        )}
      </Loaded>
    </Stack>
  );
}

function questionOf(params: URLSearchParams): Question {
  const texts = TEXTS.flatMap((name) => {
    const value = params.get(name);
    return value === null ? [] : [[name, value]];
  });
  const scopes = params.get('scopes');
  return {
    ...Object.fromEntries(texts),
    ...(scopes === null ? {} : { scopes: scopes === '' ? null : scopes.split(' ') }),
  };
}

function paramsOf({ scopes, ...texts }: Question): Record<string, string> {
  const given = Object.entries(texts).filter(([, value]) => value.trim() !== '');
  return { ...Object.fromEntries(given), ...(scopes === undefined ? {} : { scopes: scopes?.join(' ') ?? '' }) };
}

function QuestionForm({
  report,
  question,
  busy,
  ask,
}: {
  report: SetupReport;
  question: Question;
  busy: boolean;
  ask: (question: Question) => void;
}) {
  const { redirectUri, postLogoutRedirectUri, origin, issuer } = question;
  const [opened, { toggle }] = useDisclosure(Boolean(redirectUri || postLogoutRedirectUri || origin || issuer));
  const form = useForm({
    initialValues: {
      userId: report.user ? [report.user.id] : [],
      serverId: [report.authorizationServer.id],
      grantType: report.grantType,
      scopes: report.scopes ?? [],
      redirectUri: redirectUri ?? '',
      postLogoutRedirectUri: postLogoutRedirectUri ?? '',
      origin: origin ?? '',
      issuer: issuer ?? '',
    },
  });
  const { serverId, scopes } = form.values;
  const server = serverId[0] ?? 'org';
  const known = useGet<Scope[]>(server === 'org' ? null : `/api/v1/authorizationServers/${server}/scopes`);
  const submit = form.onSubmit(({ userId, serverId, scopes, ...texts }) =>
    ask({
      ...texts,
      userId: userId[0] ?? '',
      authorizationServerId: serverId[0] ?? '',
      scopes: scopes.length === 0 ? null : scopes,
    }),
  );
  return (
    <Card withBorder component="section" aria-label="Whose sign-in" style={{ alignSelf: 'start' }}>
      <Title order={2} size="h4" mb="md">
        Whose sign-in
      </Title>
      <form onSubmit={submit} noValidate>
        <Stack>
          <PickPeople
            label="Person"
            value={form.values.userId}
            onChange={(ids) => form.setFieldValue('userId', ids.slice(-1))}
          />
          <PickServers
            label="Authorization server"
            value={serverId}
            onChange={(ids) => form.setFieldValue('serverId', ids.slice(-1))}
          />
          <Select label="Grant type" data={GRANTS} allowDeselect={false} {...form.getInputProps('grantType')} />
          <MultiSelect
            label="Scopes"
            description="None: the application names no scope"
            searchable
            data={[...new Set([...(known.data ?? []).map(({ name }) => name), ...scopes])]}
            {...form.getInputProps('scopes')}
          />
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={toggle}
            aria-expanded={opened}
            style={{ alignSelf: 'start' }}
          >
            What the application sends
          </Button>
          <Collapse expanded={opened}>
            <Stack>
              <Text size="sm" c="dimmed">
                If you know it, copy it from the application’s settings or from the address of its error page: it is
                held against what is registered, character by character.
              </Text>
              <TextInput label="Sign-in redirect URI" {...form.getInputProps('redirectUri')} />
              <TextInput label="Sign-out redirect URI" {...form.getInputProps('postLogoutRedirectUri')} />
              <TextInput label="Base URI" {...form.getInputProps('origin')} />
              <TextInput label="Issuer URL" {...form.getInputProps('issuer')} />
            </Stack>
          </Collapse>
          <Button type="submit" loading={busy} style={{ alignSelf: 'start' }}>
            Check Setup
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
