// Owns: asking the management API with an API token, and saying what it answered when it refuses.
// Does not own: what is asked (guide-steps.ts).

export type ManagementApi = {
  get: <Answer>(path: string) => Promise<Answer>;
  /** Undefined where there is no such thing. */
  find: <Answer>(path: string) => Promise<Answer | undefined>;
  post: <Answer>(path: string, body: unknown) => Promise<Answer>;
  put: <Answer>(path: string, body: unknown) => Promise<Answer>;
  delete: (path: string) => Promise<void>;
};

type Options = { url: string; apiToken: string; fetch?: typeof fetch };

export class ManagementApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ManagementApiError';
    this.status = status;
  }
}

const TIMEOUT_MS = 30_000;

export function createManagementApi({ url, apiToken, fetch = globalThis.fetch }: Options): ManagementApi {
  async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `SSWS ${apiToken}`, accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok)
      throw new ManagementApiError(
        response.status,
        `${method} ${path} was refused: ${summaryOf(text, response.status)}`,
      );
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  return {
    get: (path) => ask('GET', path),
    find: <Answer>(path: string) =>
      ask<Answer>('GET', path).catch((error: unknown) => {
        if (error instanceof ManagementApiError && error.status === 404) return undefined;
        throw error;
      }),
    post: (path, body) => ask('POST', path, body),
    put: (path, body) => ask('PUT', path, body),
    delete: (path) => ask('DELETE', path),
  };
}

type Refusal = { errorSummary?: string; errorCauses?: { errorSummary?: string }[] };

function summaryOf(text: string, status: number): string {
  try {
    const { errorSummary, errorCauses = [] } = JSON.parse(text) as Refusal;
    const causes = errorCauses.map((cause) => cause.errorSummary).join('; ');
    return [errorSummary ?? `status ${status}`, causes].filter((part) => part !== '').join(': ');
  } catch {
    return `status ${status}`;
  }
}
