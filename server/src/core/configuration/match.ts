// Owns which part of a document is which thing of the org: by its name, and where several have one name, by their order.

/** The things of both sides by key, the document's in its order, then those that only the org has. */
export function matched<Has, Wanted>(
  has: readonly Has[],
  wanted: readonly Wanted[],
  keyOfHas: (one: Has) => string,
  keyOfWanted: (one: Wanted) => string,
): { pairs: { has: Has | null; wanted: Wanted }[]; surplus: Has[] } {
  const left = Map.groupBy(has, keyOfHas);
  const pairs = wanted.map((one) => ({ has: left.get(keyOfWanted(one))?.shift() ?? null, wanted: one }));
  return { pairs, surplus: [...left.values()].flat() };
}

/** Brings `ids` into their place at the beginning of what `list` shows. `move`: its place counts from 1. */
export async function putInOrder(
  ids: readonly string[],
  list: () => Promise<readonly { id: string }[]>,
  move: (id: string, place: number) => Promise<unknown>,
): Promise<void> {
  let present = (await list()).map(({ id }) => id);
  for (const [index, id] of ids.entries()) {
    if (present[index] === id) continue;
    await move(id, index + 1);
    present = (await list()).map((one) => one.id);
  }
}
