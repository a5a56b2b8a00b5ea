// Owns: asking the catalogue's API with the access token of whoever is signed in. Does not own: the token's life (signIn).
import type { SignIn } from 'gatehouse-relying-party/browser';
import type { Table, TableEdit } from '../tables.ts';

export type TableSummary = Omit<Table, 'columns'>;

export type Caller = {
  subject: string;
  clientId: string;
  scopes: string[];
  issuedAt: number;
  expiresAt: number;
  claims: Record<string, unknown>;
};

export type Client = {
  tables: () => Promise<TableSummary[]>;
  table: (id: string) => Promise<Table>;
  edit: (id: string, edit: TableEdit) => Promise<Table>;
  whoAmI: () => Promise<Caller>;
};

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export function createClient(signIn: SignIn): Client {
  async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
    const authorization = `Bearer ${await signIn.getAccessToken()}`;
    const response = await fetch(`/api${path}`, {
      ...init,
      headers: { authorization, accept: 'application/json', 'content-type': 'application/json' },
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new ApiError(response.status, messageOf(body) ?? `The API answered ${response.status}.`);
    return body as Answer;
  }

  return {
    tables: () => ask('/tables'),
    table: (id) => ask(`/tables/${encodeURIComponent(id)}`),
    edit: (id, edit) => ask(`/tables/${encodeURIComponent(id)}`, { method: 'PATCH', body: JSON.stringify(edit) }),
    whoAmI: () => ask('/whoami'),
  };
}

function messageOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('message' in body)) return undefined;
  return typeof body.message === 'string' ? body.message : undefined;
}
