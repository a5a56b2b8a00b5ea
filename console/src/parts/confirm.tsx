// Owns the question before what cannot be undone, or locks somebody out.
import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import type { ReactNode } from 'react';

type Question = { title: string; what: ReactNode; yes: string; harmful?: boolean; act: () => void };

export function ask({ title, what, yes, harmful = true, act }: Question): void {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{what}</Text>,
    labels: { confirm: yes, cancel: 'Cancel' },
    confirmProps: harmful ? { color: 'red.9' } : {},
    onConfirm: act,
  });
}
