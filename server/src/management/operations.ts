// Owns the list of Okta's operations (operations.json: names, methods and paths alone) and how a request is found in it.
import operations from './operations.json' with { type: 'json' };

export type Operation = { method: string; path: string; operationId: string; tag: string };

/** By tag, then by path. */
export const oktaOperations: readonly Operation[] = operations;

/** Method and path with the names of the parameters left out: by this a route and an operation are the same. */
export function shapeOf({ method, path }: { method: string; path: string }): string {
  return `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`;
}

/** The operation that a request asks for, or null. */
export function findOperation(method: string, pathname: string): Operation | null {
  const parts = pathname.split('/');
  const fits = (path: string): boolean => {
    const wanted = path.split('/');
    return (
      wanted.length === parts.length &&
      wanted.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]))
    );
  };
  return oktaOperations.find((operation) => operation.method === method && fits(operation.path)) ?? null;
}
