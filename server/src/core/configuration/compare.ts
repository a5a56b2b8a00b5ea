// Owns the order of names in a document.

/** By code units: the same on every machine, whatever its language. */
export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

export function byName<T extends { name: string }>(parts: readonly T[]): T[] {
  return parts.toSorted((one, other) => compare(one.name, other.name));
}
