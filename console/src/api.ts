// Owns calls of the management API: the token, the answer's pages, and its errors field by field. Not here: what is asked (pages/).
import { session } from './session.ts';

/** `path`: of the field in what was sent; `field`: its last name. */
export type FieldProblem = { path: string; field: string; text: string };

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly FieldProblem[];

  constructor(status: number, code: string, message: string, problems: readonly FieldProblem[]) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

export type ListPage<T> = { items: T[]; next: string | null };

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type ErrorBody = { errorCode?: string; errorSummary?: string; errorCauses?: { errorSummary?: string }[] };

export async function get<T>(path: string): Promise<T> {
  return readJson<T>(await call('GET', path));
}

export async function getPage<T>(path: string): Promise<ListPage<T>> {
  const response = await call('GET', path);
  return { items: await readJson<T[]>(response), next: nextOf(response.headers.get('link')) };
}

export async function post<T>(path: string, body?: unknown): Promise<T> {
  return readJson<T>(await call('POST', path, body));
}

export async function put<T>(path: string, body?: unknown): Promise<T> {
  return readJson<T>(await call('PUT', path, body));
}

export async function remove(path: string): Promise<void> {
  await call('DELETE', path);
}

/** A file, as the field `file` of a form. */
export async function upload<T>(path: string, file: File): Promise<T> {
  const form = new FormData();
  form.set('file', file);
  return readJson<T>(await call('POST', path, form));
}

async function call(method: Method, path: string, body?: unknown): Promise<Response> {
  const token = await session().getAccessToken();
  const response = await fetch(path, {
    method,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      // Of a form the browser says it itself, with the boundary of its parts.
      ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
    },
    // Who is signed in says the token alone.
    credentials: 'omit',
    ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
  });
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function errorOf(response: Response): Promise<ApiError> {
  const body: ErrorBody = await response.json().catch(() => ({}));
  const causes = (body.errorCauses ?? []).map(({ errorSummary }) => problemOf(errorSummary ?? ''));
  const message = body.errorSummary ?? `The server answered with status ${response.status}`;
  return new ApiError(response.status, body.errorCode ?? '', message, causes);
}

/** `settings.oauthClient.redirect_uris.0: text` is a problem of `redirect_uris`. */
function problemOf(cause: string): FieldProblem {
  const [, path = '', said = cause] = /^([\w.]+): (.*)$/s.exec(cause) ?? [];
  const names = path.split('.').filter((name) => !/^\d+$/.test(name));
  // The API speaks to programs that know this sentence.
  const text = said.startsWith('An object with this field already exists') ? 'This is taken already' : said;
  return { path: names.join('.'), field: names.at(-1) ?? '', text };
}

/** The next page's address without its origin: a proxy may know this server by another. */
function nextOf(link: string | null): string | null {
  const [, address] = /<([^>]+)>; *rel="next"/.exec(link ?? '') ?? [];
  if (address === undefined) return null;
  const url = new URL(address, location.origin);
  return url.pathname + url.search;
}
