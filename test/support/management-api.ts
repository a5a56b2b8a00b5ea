// Owns how tests call the management API, and the members of its objects that tests name.
// Not here: what a working sign-in needs (guide.ts) and the unmodified SDK (test/management).
import type { TestServer } from './server.ts';

export type Answer<T> = { status: number; headers: Headers; body: T };

export type ApiError = {
  errorCode: string;
  errorSummary: string;
  errorLink: string;
  errorId: string;
  errorCauses: { errorSummary: string }[];
};

export type ManagementApi = {
  /** The answer as it is, whatever its status. */
  request<T = ApiError>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** The body of a success; anything else is an error of the test. */
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  put<T>(path: string, body?: unknown): Promise<T>;
  delete(path: string): Promise<void>;
};

export type User = {
  id: string;
  status: string;
  profile: { login: string; email: string; firstName: string; lastName: string; [name: string]: unknown };
};
export type Group = { id: string; type: string; profile: { name: string; description: string | null } };
export type Application = {
  id: string;
  label: string;
  status: string;
  credentials: { oauthClient: { client_id: string; client_secret?: string; token_endpoint_auth_method: string } };
  settings: { oauthClient: { redirect_uris: string[]; [name: string]: unknown } };
};
export type AuthorizationServer = { id: string; name: string; audiences: string[]; issuer: string; status: string };
export type Scope = { id: string; name: string; default: boolean };
export type Policy = { id: string; name: string; priority: number };
export type Rule = { id: string; name: string; priority: number };
export type LogEvent = {
  uuid: string;
  eventType: string;
  published: string;
  actor: { id: string; alternateId: string };
  outcome: { result: string; reason: string | null };
  target: { id: string; type: string; displayName: string }[];
  debugContext: { debugData: Record<string, unknown> };
};

export function managementApi(
  server: Pick<TestServer, 'url' | 'apiToken'>,
  authorization: string | null = `SSWS ${server.apiToken}`,
): ManagementApi {
  const request = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const headers = new Headers({ accept: 'application/json' });
    if (authorization !== null) headers.set('authorization', authorization);
    if (body !== undefined) headers.set('content-type', 'application/json');
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(new URL(path, server.url), { method, headers, redirect: 'manual', ...payload });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed<T>(text) };
  };
  const succeed = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await request<T>(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    request,
    get: (path) => succeed('GET', path),
    post: (path, body) => succeed('POST', path, body),
    put: (path, body) => succeed('PUT', path, body),
    delete: (path) => succeed('DELETE', path),
  };
}

function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    return text as T;
  }
}
