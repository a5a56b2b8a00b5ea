// Owns the rules of one policy, in the order in which they are asked. Not here: the dialog of one rule (rule-dialog.tsx).
import { Button, Group, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { post, put, remove } from '../../api.ts';
import { useAct } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { MoveButtons } from '../../parts/move-buttons.tsx';
import { Loaded } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { useGet, useRefresh } from '../../queries.ts';
import type { Policy, Rule } from '../../types.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { durationWords, grantWords } from './rule-words.ts';
import { useDragOrder } from './use-drag-order.ts';

export function Rules({ base, policy }: { base: string; policy: Policy }) {
  const path = `${base}/policies/${policy.id}/rules`;
  const query = useGet<Rule[]>(path);
  const refresh = useRefresh();
  const { act, busy } = useAct();
  const [edited, setEdited] = useState<Rule | 'new' | null>(null);
  const change = (work: () => Promise<unknown>, done: string) =>
    void act(async () => {
      await work();
      await refresh(path);
    }, done);
  const moveTo = (rule: Rule, priority: number) =>
    change(() => put(`${path}/${rule.id}`, { ...rule, priority }), `${rule.name} is asked at place ${priority}`);
  const drag = useDragOrder<Rule>(moveTo);
  return (
    <>
      {edited !== null && (
        <RuleDialog base={base} path={path} rule={edited === 'new' ? null : edited} close={() => setEdited(null)} />
      )}
      <Loaded query={query}>
        {(rules) =>
          rules.length === 0 ? (
            <Text size="sm" c="dimmed" mb="sm">
              No rule yet: this policy lets nothing through.
            </Text>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways can be scrolled by keyboard too
            <section className="scroll" tabIndex={0} aria-label={`Rules of ${policy.name}`}>
              <Table verticalSpacing="xs" aria-label={`Rules of ${policy.name}`}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Rule</Table.Th>
                    <Table.Th>Grant types</Table.Th>
                    <Table.Th>Access token lifetime</Table.Th>
                    <Table.Th>Status</Table.Th>
                    <Table.Th>Actions</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rules.map((rule, index) => (
                    <Table.Tr key={rule.id} {...drag.zone(rule, index + 1)}>
                      <Table.Td>
                        {rule.priority}. {rule.name}
                      </Table.Td>
                      <Table.Td>{grantWords(rule.conditions.grantTypes.include)}</Table.Td>
                      <Table.Td>{durationWords(rule.actions.token.accessTokenLifetimeMinutes)}</Table.Td>
                      <Table.Td>
                        <StatusBadge status={rule.status} />
                      </Table.Td>
                      <Table.Td>
                        <Group gap={4} wrap="nowrap">
                          <MoveButtons
                            name={rule.name}
                            place={index + 1}
                            of={rules.length}
                            busy={busy}
                            moveTo={(place) => moveTo(rule, place)}
                            size="sm"
                          />
                          <Button
                            variant="default"
                            size="compact-xs"
                            aria-label={`Edit ${rule.name}`}
                            onClick={() => setEdited(rule)}
                          >
                            Edit
                          </Button>
                          <Button
                            variant="default"
                            size="compact-xs"
                            aria-label={`${rule.status === 'ACTIVE' ? 'Deactivate' : 'Activate'} ${rule.name}`}
                            onClick={() => {
                              const to = rule.status === 'ACTIVE' ? 'deactivate' : 'activate';
                              change(() => post(`${path}/${rule.id}/lifecycle/${to}`), `The rule was ${to}d`);
                            }}
                          >
                            {rule.status === 'ACTIVE' ? 'Deactivate' : 'Activate'}
                          </Button>
                          <Button
                            variant="default"
                            size="compact-xs"
                            aria-label={`Delete ${rule.name}`}
                            onClick={() =>
                              ask({
                                title: `Delete the rule ${rule.name}?`,
                                what: 'Requests that only this rule lets through are denied from now on.',
                                yes: 'Delete',
                                act: () => change(() => remove(`${path}/${rule.id}`), 'The rule was deleted'),
                              })
                            }
                          >
                            Delete
                          </Button>
                        </Group>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </section>
          )
        }
      </Loaded>
      <Group mt="sm">
        <Button variant="light" size="compact-sm" onClick={() => setEdited('new')}>
          Add Rule
        </Button>
      </Group>
    </>
  );
}
