// Owns how a checked set-up is shown: the outcome, then every link of the chain in order, with the way to its setting. Not here: what
// is checked; the server judges and words it.
import { Alert, Badge, Button, Card, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconArrowRight, IconCheck, IconX } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { SetupLine, SetupPlace, SetupReport } from '../../types.ts';

const LOOKS = {
  PASS: { color: 'gate', icon: IconCheck, label: 'Passed' },
  WARNING: { color: 'yellow.9', icon: IconAlertTriangle, label: 'Warning' },
  FAILURE: { color: 'red.9', icon: IconX, label: 'Failed' },
} as const;

export function SetupReportView({ report }: { report: SetupReport }) {
  return (
    <Stack>
      <Verdict report={report} />
      <Card withBorder padding={0}>
        <ol className="chain" aria-label="Checks">
          {report.lines.map((line) => (
            <Line key={line.id} line={line} to={settingOf(line.place, report)} />
          ))}
        </ol>
      </Card>
    </Stack>
  );
}

function Verdict({ report }: { report: SetupReport }) {
  const { outcome, lines, user, application } = report;
  const failures = lines.filter(({ result }) => result === 'FAILURE');
  const warnings = lines.filter(({ result }) => result === 'WARNING');
  const who = user?.login ?? application.label;
  if (failures.length > 0)
    return (
      <Alert color="red" title={failures.length === 1 ? 'One thing is broken' : `${failures.length} things are broken`}>
        {outcome === 'DENY'
          ? `${who} gets no tokens until this is mended: ${titles(failures)}.`
          : `${who} would get tokens, but this does not work: ${titles(failures)}.`}
      </Alert>
    );
  if (warnings.length > 0)
    return (
      <Alert
        color="yellow"
        title={warnings.length === 1 ? 'It works, with one warning' : `It works, with ${warnings.length} warnings`}
      >
        {who} gets tokens. Look at: {titles(warnings)}.
      </Alert>
    );
  return (
    <Alert color="gate" title="Everything is in order">
      {who} gets tokens, and nothing is in doubt.
    </Alert>
  );
}

function titles(lines: readonly SetupLine[]): string {
  return lines.map(({ title }) => title).join(', ');
}

function Line({ line, to }: { line: SetupLine; to: { label: string; path: string } | null }) {
  const { title, result, says, fix, step } = line;
  const { color, icon: ResultIcon, label } = LOOKS[result];
  return (
    <li data-line={line.id} data-result={result}>
      <ThemeIcon size={22} radius="xl" color={color} mt={2}>
        <ResultIcon size={14} aria-label={label} />
      </ThemeIcon>
      <div className="chain-words">
        <Group gap="xs">
          <Title order={3} size="sm">
            {title}
          </Title>
          {step && (
            <Badge color="gray" size="sm">
              Guide, step {step.number}: {step.title}
            </Badge>
          )}
        </Group>
        <Text size="sm" {...(result === 'PASS' ? { c: 'dimmed' } : {})}>
          {says}
        </Text>
        {fix !== null && (
          <Text size="sm" mt={4}>
            <strong>What to do:</strong> {fix}
          </Text>
        )}
      </div>
      {to && (
        <Button
          component={Link}
          to={to.path}
          size="compact-sm"
          variant={result === 'PASS' ? 'subtle' : 'default'}
          rightSection={<IconArrowRight size={14} />}
          aria-label={`${title}: open ${to.label}`}
        >
          {to.label}
        </Button>
      )}
    </li>
  );
}

/** Null: the organization's own server has no pages. */
function settingOf(
  place: SetupPlace,
  { application, authorizationServer, user }: SetupReport,
): { label: string; path: string } | null {
  const app = `/applications/${application.id}`;
  const server = `/authorization-servers/${authorizationServer.id}`;
  if (place.startsWith('server-') && authorizationServer.id === 'org') return null;
  const places: Record<SetupPlace, { label: string; path: string } | null> = {
    'application-general': { label: 'General', path: `${app}/general` },
    'application-sign-on': { label: 'Sign On', path: `${app}/sign-on` },
    'application-assignments': { label: 'Assignments', path: `${app}/assignments` },
    'server-settings': { label: 'Settings', path: `${server}/settings` },
    'server-scopes': { label: 'Scopes', path: `${server}/scopes` },
    'server-claims': { label: 'Claims', path: `${server}/claims` },
    'server-policies': { label: 'Access Policies', path: `${server}/policies` },
    'server-keys': { label: 'Keys', path: `${server}/keys` },
    'trusted-origins': { label: 'Trusted Origins', path: '/api/trusted-origins' },
    person: user && { label: 'Person', path: `/people/${user.id}` },
  };
  return places[place];
}
