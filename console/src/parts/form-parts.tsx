// Owns the parts that forms share: a section that is read until Edit is pressed, the problem that no field has, and the buttons.
import { Alert, Button, Card, Group, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** A section of a page. `onEdit`: it can be changed. */
export function Section({
  title,
  onEdit,
  actions,
  children,
}: {
  title: string;
  onEdit?: (() => void) | undefined;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Card withBorder component="section" aria-label={title} padding="lg" mb="lg">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h4">
          {title}
        </Title>
        {onEdit && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPencil size={14} />}
            onClick={onEdit}
            aria-label={`Edit ${title}`}
          >
            Edit
          </Button>
        )}
        {actions}
      </Group>
      {children}
    </Card>
  );
}

export function Problem({ text }: { text: string | null }) {
  return (
    <div role="alert">
      {text !== null && (
        <Alert color="red" mb="md">
          {text}
        </Alert>
      )}
    </div>
  );
}

export function FormButtons({ busy, cancel, save = 'Save' }: { busy: boolean; cancel: () => void; save?: string }) {
  return (
    <Group mt="lg" justify="flex-end">
      <Button variant="default" onClick={cancel} disabled={busy}>
        Cancel
      </Button>
      <Button type="submit" loading={busy}>
        {save}
      </Button>
    </Group>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value ?? '—'}</dd>
        </div>
      ))}
    </dl>
  );
}
