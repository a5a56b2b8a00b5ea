// Owns how the steps of a decision are shown: what was compared, and how it came out.
import { Card, List, Text, ThemeIcon } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { TraceStep } from '../types.ts';

export function Trace({ trace }: { trace: readonly TraceStep[] }) {
  if (trace.length === 0) return null;
  return (
    <Card withBorder>
      <Text fw={600} size="sm" mb="xs">
        How it was decided
      </Text>
      <List size="sm" spacing={6} center>
        {trace.map(({ condition, passed, explanation, policyName, ruleName }, index) => (
          <List.Item
            // biome-ignore lint/suspicious/noArrayIndexKey: the steps of one decision never change their order
            key={index}
            icon={
              <ThemeIcon size={18} radius="xl" color={passed ? 'gate' : 'red.9'}>
                {passed ? <IconCheck size={12} aria-label="Passed" /> : <IconX size={12} aria-label="Failed" />}
              </ThemeIcon>
            }
          >
            <Text span size="sm" fw={500}>
              {[policyName, ruleName, condition].filter(Boolean).join(' › ')}
            </Text>
            <Text span size="sm" c="dimmed">
              {' '}
              {explanation}
            </Text>
          </List.Item>
        ))}
      </List>
    </Card>
  );
}
