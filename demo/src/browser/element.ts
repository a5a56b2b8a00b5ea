// Owns: making elements from text and children, never from markup. Does not own: what they say.

export type Child = Node | string | undefined | false;

type Attributes = Record<string, string | boolean | ((event: Event) => void) | undefined>;

export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

export function time(epochMs: number): HTMLTimeElement {
  const date = new Date(epochMs);
  return el('time', { datetime: date.toISOString() }, date.toLocaleString());
}
