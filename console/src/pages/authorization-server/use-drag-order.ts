// Owns moving an entry of an ordered list by dragging it. Beside it stand buttons, for the keyboard and for touch.
import { type DragEvent, useState } from 'react';

export function useDragOrder<T extends { id: string; name: string }>(moveTo: (item: T, place: number) => void) {
  const [dragged, setDragged] = useState<T | null>(null);
  /** `place`: where the entry stands, from 1. */
  const zone = (item: T, place: number) => ({
    draggable: true,
    className: dragged?.id === item.id ? 'dragged' : '',
    onDragStart: (event: DragEvent) => {
      event.stopPropagation();
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('text/plain', item.name);
      setDragged(item);
    },
    onDragEnd: () => setDragged(null),
    onDragOver: (event: DragEvent) => {
      if (dragged !== null) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      if (dragged === null) return;
      event.preventDefault();
      event.stopPropagation();
      if (dragged.id !== item.id) moveTo(dragged, place);
      setDragged(null);
    },
  });
  return { zone };
}
