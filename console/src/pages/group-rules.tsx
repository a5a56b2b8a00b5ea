// Owns Directory > Groups > Rules: which rules put people into groups by themselves, and their life. Not here: one rule's form
// (group-rule-dialog.tsx).
import { Anchor, Button, Checkbox, Code, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { post, remove } from '../api.ts';
import { ask } from '../parts/confirm.tsx';
import { PagedEntries } from '../parts/entries.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { Empty, Failed } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useChange } from '../parts/use-change.ts';
import { useGet, useList } from '../queries.ts';
import type { GroupRule } from '../types.ts';
import { comparisons, plainConditionOf } from './group-condition.ts';
import { GroupRuleDialog } from './group-rule-dialog.tsx';
import { GroupsHead } from './groups-head.tsx';

const PATH = '/api/v1/groups/rules';

export function GroupRules() {
  const { ruleId } = useParams();
  const navigate = useNavigate();
  const [q, setQ] = useState('');
  const search = q === '' ? '' : `&search=${encodeURIComponent(q)}`;
  const query = useList<GroupRule>(`${PATH}?limit=50&expand=groupIdToGroupNameMap${search}`);
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => void navigate(`/groups/rules/new`)}>
      Add Rule
    </Button>
  );
  const close = () => void navigate('/groups/rules');
  return (
    <GroupsHead tab="rules" actions={add}>
      <Text size="sm" c="dimmed" mb="md" maw={720}>
        A rule watches every profile: whoever fits its condition becomes a member of its groups, and leaves them when
        they no longer fit. Somebody whom an administrator put into a group stays there whatever a rule says.
      </Text>
      {ruleId === 'new' && <GroupRuleDialog rule={null} close={close} />}
      {ruleId !== undefined && ruleId !== 'new' && <EditedRule id={ruleId} close={close} />}
      <SearchBox label="Search rules" onSearch={setQ} />
      <PagedEntries
        query={query}
        label="Group rules"
        keyOf={({ id }) => id}
        columns={[
          [
            'Name',
            ({ id, name }) => (
              <Anchor component={Link} to={`/groups/rules/${id}`} fw={600} size="sm">
                {name}
              </Anchor>
            ),
          ],
          ['If', ({ conditions }) => <Condition expression={conditions.expression.value} />],
          ['Then assign to', (rule) => <Targets rule={rule} />],
          ['Status', ({ status }) => <StatusBadge status={status} />],
          ['Actions', (rule) => <Acts rule={rule} />],
        ]}
        empty={
          q === '' ? (
            <Empty title="No rule yet" action={add}>
              Let groups fill themselves: for example, whoever’s department is “Sales” belongs to the group Sales, from
              the day they come until the day they move on.
            </Empty>
          ) : (
            <Empty title="No rule of that name">Search by any part of the name.</Empty>
          )
        }
      />
    </GroupsHead>
  );
}

function EditedRule({ id, close }: { id: string; close: () => void }) {
  const { data, error } = useGet<GroupRule>(`${PATH}/${id}`);
  if (error) return <Failed error={error} />;
  return data && <GroupRuleDialog rule={data} close={close} />;
}

function Condition({ expression }: { expression: string }) {
  const plain = plainConditionOf(expression);
  if (plain === null) return <Code style={{ whiteSpace: 'normal', overflowWrap: 'anywhere' }}>{expression}</Code>;
  return (
    <Text size="sm">
      {plain.attribute} {comparisons[plain.comparison].toLowerCase()} “{plain.value}”
    </Text>
  );
}

function Targets({ rule }: { rule: GroupRule }) {
  return rule.actions.assignUserToGroups.groupIds.map((id, index) => {
    const name = rule._embedded?.groupIdToGroupNameMap?.[id];
    return (
      <span key={id}>
        {index > 0 && ', '}
        {name === undefined ? (
          'a group that was deleted'
        ) : (
          <Anchor component={Link} to={`/groups/${id}`} size="sm">
            {name}
          </Anchor>
        )}
      </span>
    );
  });
}

function Acts({ rule: { id, name, status } }: { rule: GroupRule }) {
  const { change, busy } = useChange(PATH);
  // The question is drawn once: what is ticked in it is kept beside it.
  const removes = useRef(false);
  const set = (to: 'activate' | 'deactivate') =>
    void change(() => post(`${PATH}/${id}/lifecycle/${to}`), `The rule was ${to}d`);
  const askToDelete = () => {
    removes.current = false;
    ask({
      title: `Delete the rule ${name}?`,
      what: <DeletionWords onChoice={(chosen) => (removes.current = chosen)} />,
      yes: 'Delete',
      act: () => void change(() => remove(`${PATH}/${id}?removeUsers=${removes.current}`), 'The rule was deleted'),
    });
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <Button
        variant="default"
        size="compact-xs"
        loading={busy}
        aria-label={`${status === 'INACTIVE' ? 'Activate' : 'Deactivate'} ${name}`}
        onClick={() =>
          status === 'INACTIVE'
            ? set('activate')
            : ask({
                title: `Deactivate the rule ${name}?`,
                what: 'From now on it puts nobody in, and takes nobody out. Who is a member stays one.',
                yes: 'Deactivate',
                harmful: false,
                act: () => set('deactivate'),
              })
        }
      >
        {status === 'INACTIVE' ? 'Activate' : 'Deactivate'}
      </Button>
      {status === 'INACTIVE' && (
        <Button variant="default" size="compact-xs" disabled={busy} aria-label={`Delete ${name}`} onClick={askToDelete}>
          Delete
        </Button>
      )}
    </Group>
  );
}

function DeletionWords({ onChoice }: { onChoice: (removes: boolean) => void }) {
  const [removes, setRemoves] = useState(false);
  return (
    <Stack component="span" gap="sm">
      <span>
        {removes
          ? 'Whoever is in a group by this rule alone leaves it, and loses the applications and roles that come with it.'
          : 'Whoever is in a group by this rule stays, as if an administrator had put them there.'}
      </span>
      <Checkbox
        label="Remove from the groups whom the rule put in"
        checked={removes}
        onChange={(event) => {
          setRemoves(event.currentTarget.checked);
          onChoice(event.currentTarget.checked);
        }}
      />
    </Stack>
  );
}
