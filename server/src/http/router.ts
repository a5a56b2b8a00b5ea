// Owns finding the route that a request means. A path is a tree of segments; a segment as it is written goes before one that stands
// for anything, and `*` at the end stands for any rest. Not here: what a route is (route.ts).
import type { Env } from '../core/env.ts';

type Params = Record<string, string>;

export type Handler = (env: Env, request: Request, params: Params) => Promise<Response>;

/** Answers where there is no such path. */
type Otherwise = (env: Env, request: Request) => Promise<Response>;

/** Answers where there is one, but not with this method. */
type OtherMethods = (env: Env, request: Request, path: string, methods: readonly string[]) => Promise<Response>;

export type Router = {
  add(method: string, path: string, handler: Handler): void;
  fetch(request: Request, env: Env): Promise<Response>;
};

/** `names`: of the segments that may be anything, as this method's path has them. */
type Place = { path: string; handlers: Map<string, { names: readonly string[]; handler: Handler }> };

type Node = { fixed: Map<string, Node>; variable: Node | null; place: Place | null; rest: Place | null };

/** Whether a place is what is looked for. */
type Fits = (place: Place) => boolean;

export function createRouter(otherwise: Otherwise, otherMethods: OtherMethods): Router {
  const root = newNode();
  return {
    add(method, path, handler) {
      const { place, names } = placeOf(root, path);
      // Of two routes for the same requests the first counts.
      if (!place.handlers.has(method)) place.handlers.set(method, { names, handler });
    },
    async fetch(request, env) {
      const segments = segmentsOf(request.url);
      // An answer to HEAD is the answer to GET; its content stays with the connection.
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      const values: string[] = [];
      const found = find(root, segments, 0, values, ({ handlers }) => handlers.has(method));
      const fitting = found?.handlers.get(method);
      if (fitting) return fitting.handler(env, request, named(fitting.names, values));
      const other = find(root, segments, 0, [], () => true);
      return other ? otherMethods(env, request, other.path, [...other.handlers.keys()]) : otherwise(env, request);
    },
  };
}

function newNode(): Node {
  return { fixed: new Map(), variable: null, place: null, rest: null };
}

function placeOf(root: Node, path: string): { place: Place; names: readonly string[] } {
  let node = root;
  const names: string[] = [];
  const newPlace = (): Place => ({ path, handlers: new Map() });
  for (const segment of path.slice(1).split('/')) {
    if (segment === '*') {
      node.rest ??= newPlace();
      return { place: node.rest, names };
    }
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined) {
      const next = node.fixed.get(segment) ?? newNode();
      node.fixed.set(segment, next);
      node = next;
    } else {
      names.push(name);
      node.variable ??= newNode();
      node = node.variable;
    }
  }
  node.place ??= newPlace();
  return { place: node.place, names };
}

/** Notes in `values` what stands where a segment may be anything. */
function find(node: Node, segments: readonly string[], at: number, values: string[], fits: Fits): Place | null {
  const segment = segments[at];
  if (segment === undefined) {
    if (node.place && fits(node.place)) return node.place;
  } else {
    const fixed = node.fixed.get(segment);
    const found = fixed ? find(fixed, segments, at + 1, values, fits) : null;
    if (found) return found;
    if (node.variable && segment !== '') {
      const depth = values.push(segment);
      const further = find(node.variable, segments, at + 1, values, fits);
      if (further) return further;
      values.length = depth - 1;
    }
  }
  return node.rest && fits(node.rest) ? node.rest : null;
}

function named(names: readonly string[], values: readonly string[]): Params {
  const params: Params = {};
  names.forEach((name, index) => {
    params[name] = values[index] ?? '';
  });
  return params;
}

/** The segments of an address's path, decoded one by one: an encoded slash is part of its segment. */
function segmentsOf(url: string): string[] {
  const start = url.indexOf('/', url.indexOf('://') + 3) + 1;
  const query = url.indexOf('?', start);
  const path = query === -1 ? url.slice(start) : url.slice(start, query);
  const segments = path.split('/');
  return path.includes('%') ? segments.map(decoded) : segments;
}

/** What is encoded badly stays as it is. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment.replace(/(?:%[\da-f]{2})+/gi, (encoded) => {
      try {
        return decodeURIComponent(encoded);
      } catch {
        return encoded;
      }
    });
  }
}
