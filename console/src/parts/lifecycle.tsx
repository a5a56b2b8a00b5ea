// Owns the buttons of a thing's life: activate, deactivate, delete. Each that breaks something asks first, and says what.
import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { post, remove } from '../api.ts';
import { ask } from './confirm.tsx';
import { useChange } from './use-change.ts';

type Props = {
  /** Of the thing in the API; its lists are read again by `list`. */
  path: string;
  list: string;
  status: string;
  name: string;
  /** Such as `rule`. */
  noun: string;
  /** What ends with it; empty: nothing that would need a question. */
  onDeactivate?: ReactNode;
  onDelete: ReactNode;
  /** False for what the server keeps for itself. */
  deletable?: boolean;
  size?: 'compact-xs' | 'sm';
  afterDelete?: () => void;
};

export function Lifecycle(props: Props) {
  const { path, list, status, name, noun, onDeactivate, onDelete, deletable = true, size = 'compact-xs' } = props;
  const { change, busy } = useChange(list);
  const active = status === 'ACTIVE';
  const set = (to: 'activate' | 'deactivate') =>
    void change(() => post(`${path}/lifecycle/${to}`), `The ${noun} was ${to}d`);
  const destroy = async () => {
    if (await change(() => remove(path), `The ${noun} was deleted`)) props.afterDelete?.();
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <Button
        variant="default"
        size={size}
        disabled={busy}
        aria-label={`${active ? 'Deactivate' : 'Activate'} ${name}`}
        onClick={() =>
          active && onDeactivate
            ? ask({
                title: `Deactivate ${name}?`,
                what: onDeactivate,
                yes: 'Deactivate',
                act: () => set('deactivate'),
              })
            : set(active ? 'deactivate' : 'activate')
        }
      >
        {active ? 'Deactivate' : 'Activate'}
      </Button>
      {!active && deletable && (
        <Button
          variant="default"
          size={size}
          disabled={busy}
          aria-label={`Delete ${name}`}
          onClick={() => ask({ title: `Delete ${name}?`, what: onDelete, yes: 'Delete', act: () => void destroy() })}
        >
          Delete
        </Button>
      )}
    </Group>
  );
}
