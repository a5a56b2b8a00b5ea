// Owns the page of one inline hook: its settings, its life, and a try with a payload of one's own.
import { Badge, Button, Code, Group, JsonInput, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { ApiError, post, put } from '../../api.ts';
import { tellDone } from '../../parts/changes.ts';
import { CopyValue } from '../../parts/copy-value.tsx';
import { Facts, Problem, Section } from '../../parts/form-parts.tsx';
import { Lifecycle } from '../../parts/lifecycle.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { InlineHook } from '../../types.ts';
import { channelFacts } from './channel-facts.tsx';
import { INLINE_HOOK_ENDS } from './hook-ends.ts';
import { InlineHookForm } from './inline-hook-form.tsx';
import { hookTypeWords, sampleOf, TOKEN_HOOK } from './inline-hook-types.ts';

const PATH = '/api/v1/inlineHooks';

export function InlineHookPage() {
  const { hookId = '' } = useParams();
  const navigate = useNavigate();
  const query = useGet<InlineHook>(`${PATH}/${hookId}`);
  return (
    <Loaded query={query}>
      {(hook) => (
        <>
          <PageHeader
            title={hook.name}
            above={[{ label: 'Inline Hooks', to: '/inline-hooks' }]}
            intro={hook.type === TOKEN_HOOK ? undefined : 'Hooks of this type are kept here, and asked by nothing yet.'}
            badge={
              <Group gap={4}>
                <Badge color="blue">{hookTypeWords(hook.type)}</Badge>
                <StatusBadge status={hook.status} />
              </Group>
            }
            actions={
              <Lifecycle
                path={`${PATH}/${hook.id}`}
                list={PATH}
                status={hook.status}
                name={hook.name}
                noun="hook"
                size="sm"
                afterDelete={() => void navigate('/inline-hooks')}
                {...INLINE_HOOK_ENDS}
              />
            }
          />
          <Stack gap={0} maw={860}>
            <Settings hook={hook} />
            <Preview key={hook.id} hook={hook} />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function Settings({ hook }: { hook: InlineHook }) {
  const [edited, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const send = async (body: object) => {
    await put(`${PATH}/${hook.id}`, body);
    await refresh(PATH);
    tellDone('Saved');
    close();
  };
  return (
    <Section title="Settings" onEdit={edited ? undefined : open}>
      {edited ? (
        <InlineHookForm hook={hook} send={send} cancel={close} />
      ) : (
        <Facts
          facts={[
            ...channelFacts(hook.channel),
            ['Hook ID', <CopyValue key="id" label="Hook ID" value={hook.id} />],
            ['Created', <Moment key="created" at={hook.created} />],
          ]}
        />
      )}
    </Section>
  );
}

function Preview({ hook }: { hook: InlineHook }) {
  const [payload, setPayload] = useState(() => JSON.stringify(sampleOf(hook.type), null, 2));
  const [answer, setAnswer] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const call = async () => {
    setBusy(true);
    setProblem(null);
    setAnswer(null);
    try {
      setAnswer(JSON.stringify(await post(`${PATH}/${hook.id}/execute`, JSON.parse(payload)), null, 2));
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title="Preview">
      <Text size="sm" c="dimmed" mb="md">
        Calls the service now, with this body, and shows what it answers. No token is made or changed.
      </Text>
      <JsonInput
        label="What the service is sent"
        validationError="This is no JSON"
        formatOnBlur
        autosize
        minRows={6}
        maxRows={18}
        ff="monospace"
        value={payload}
        onChange={setPayload}
      />
      <Group my="md">
        <Button
          variant="default"
          loading={busy}
          disabled={hook.status !== 'ACTIVE' || !isJson(payload)}
          onClick={() => void call()}
        >
          Call the service
        </Button>
        {hook.status !== 'ACTIVE' && <Text size="sm">Activate the hook to call it.</Text>}
      </Group>
      <Problem text={problem} />
      {answer !== null && (
        <>
          <Text size="sm" fw={600} mb={4}>
            What it answered
          </Text>
          <Code block aria-label="What it answered">
            {answer}
          </Code>
        </>
      )}
    </Section>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function wordsOf(error: unknown): string {
  const causes = error instanceof ApiError ? error.problems.map(({ text }) => text).join(' ') : '';
  return causes || (error instanceof Error ? error.message : String(error));
}
