// Owns the two buttons that move an entry of an ordered list by one place. They are never disabled: a button that is loses the focus,
// and with it the place of whoever moves an entry by keyboard.
import { ActionIcon } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';

type Props = {
  name: string;
  /** Where the entry stands, from 1, and how many there are. */
  place: number;
  of: number;
  busy: boolean;
  moveTo: (place: number) => void;
  size?: 'sm' | 'md';
};

export function MoveButtons({ name, place, of, busy, moveTo, size = 'md' }: Props) {
  const button = (to: number, word: 'up' | 'down') => {
    const isOff = to < 1 || to > of;
    return (
      <ActionIcon
        variant="default"
        size={size}
        aria-label={`Move ${name} ${word}`}
        aria-disabled={isOff || busy}
        {...(isOff ? { 'data-disabled': true } : {})}
        onClick={(event) => {
          event.preventDefault();
          if (!isOff && !busy) moveTo(to);
        }}
      >
        {word === 'up' ? (
          <IconArrowUp size={size === 'sm' ? 14 : 16} />
        ) : (
          <IconArrowDown size={size === 'sm' ? 14 : 16} />
        )}
      </ActionIcon>
    );
  };
  return (
    <>
      {button(place - 1, 'up')}
      {button(place + 1, 'down')}
    </>
  );
}
