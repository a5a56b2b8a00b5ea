// Owns changing a JSON document by operations at paths (the add, replace and remove of RFC 6902; paths of RFC 6901). The document
// given stays as it is. Not here: which documents may be changed, and where.

export type PatchOperation = { op: 'add' | 'replace' | 'remove'; path: readonly string[]; value?: unknown };

/** The document changed, or null when an operation does not fit it: nothing is done by halves. */
export function patched(
  document: Record<string, unknown>,
  operations: readonly PatchOperation[],
): Record<string, unknown> | null {
  const copy = structuredClone(document);
  return operations.every((operation) => apply(copy, operation)) ? copy : null;
}

/** `/claims/a~1b` is [`claims`, `a/b`]; null when the text is no path. */
export function readPath(text: string): string[] | null {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return null;
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function apply(document: Record<string, unknown>, { op, path, value }: PatchOperation): boolean {
  const [last, ...parents] = path.toReversed();
  if (last === undefined) return false;
  let place: unknown = document;
  for (const step of parents.toReversed()) place = stepInto(place, step);
  if (Array.isArray(place)) return changeList(place, op, last, value);
  return isObject(place) && changeObject(place, op, last, value);
}

function stepInto(place: unknown, step: string): unknown {
  if (Array.isArray(place)) return isIndex(step) ? place[Number(step)] : undefined;
  return isObject(place) && Object.hasOwn(place, step) ? place[step] : undefined;
}

function changeList(list: unknown[], op: PatchOperation['op'], last: string, value: unknown): boolean {
  const index = op === 'add' && last === '-' ? list.length : isIndex(last) ? Number(last) : -1;
  if (index < 0 || index > list.length - (op === 'add' ? 0 : 1)) return false;
  if (op === 'remove') list.splice(index, 1);
  else list.splice(index, op === 'add' ? 0 : 1, value);
  return true;
}

function changeObject(
  object: Record<string, unknown>,
  op: PatchOperation['op'],
  last: string,
  value: unknown,
): boolean {
  if (op !== 'add' && !Object.hasOwn(object, last)) return false;
  if (op === 'remove') return delete object[last];
  // By definition, not by assignment: a member named __proto__ is a member like any other.
  Object.defineProperty(object, last, { value, writable: true, enumerable: true, configurable: true });
  return true;
}

function isIndex(text: string): boolean {
  return /^(0|[1-9]\d{0,8})$/.test(text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
