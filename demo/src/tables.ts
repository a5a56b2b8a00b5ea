// Owns: the catalogue's few tables, in memory, and what of them may be edited.
// Does not own: who may ask (api.ts). Edits are gone when the process ends, as befits a demo.

export type Column = { name: string; type: string; note: string };

export type Table = {
  id: string;
  schema: string;
  name: string;
  description: string;
  owner: string;
  rows: number;
  columns: readonly Column[];
  editedBy: string | null;
  editedAt: string | null;
};

export type TableEdit = { description?: string; owner?: string };

export type Tables = {
  list: () => readonly Table[];
  get: (id: string) => Table | undefined;
  edit: (id: string, edit: TableEdit, editor: { name: string; at: string }) => Table | undefined;
};

export const LONGEST = { description: 500, owner: 80 } as const;

const column = (name: string, type: string, note = ''): Column => ({ name, type, note });

const SEED: readonly Omit<Table, 'editedBy' | 'editedAt'>[] = [
  {
    id: 'orders',
    schema: 'sales',
    name: 'orders',
    description: 'One row per order placed in the shop, written when the payment is authorised and never deleted.',
    owner: 'Sales data',
    rows: 1_284_310,
    columns: [
      column('order_id', 'bigint', 'primary key'),
      column('customer_id', 'bigint', 'refers to crm.customers'),
      column('placed_at', 'timestamp', 'UTC'),
      column('total_cents', 'bigint', 'tax included'),
      column('currency', 'char(3)', 'ISO 4217'),
    ],
  },
  {
    id: 'order-lines',
    schema: 'sales',
    name: 'order_lines',
    description: 'The articles of each order with the price at the time of the purchase.',
    owner: 'Sales data',
    rows: 4_902_771,
    columns: [
      column('order_id', 'bigint', 'refers to sales.orders'),
      column('line', 'int'),
      column('article_id', 'bigint'),
      column('quantity', 'int'),
      column('price_cents', 'bigint'),
    ],
  },
  {
    id: 'customers',
    schema: 'crm',
    name: 'customers',
    description:
      'People and companies that ever bought something. Personal data: see the retention policy before joining.',
    owner: 'Customer care',
    rows: 318_044,
    columns: [
      column('customer_id', 'bigint', 'primary key'),
      column('email', 'text', 'personal'),
      column('country', 'char(2)', 'ISO 3166'),
      column('since', 'date'),
    ],
  },
  {
    id: 'shipments',
    schema: 'logistics',
    name: 'shipments',
    description: 'Parcels handed to a carrier, with every status the carrier reported.',
    owner: 'Warehouse',
    rows: 1_190_862,
    columns: [
      column('shipment_id', 'uuid', 'primary key'),
      column('order_id', 'bigint', 'refers to sales.orders'),
      column('carrier', 'text'),
      column('delivered_at', 'timestamp', 'empty while under way'),
    ],
  },
  {
    id: 'daily-revenue',
    schema: 'finance',
    name: 'daily_revenue',
    description: 'Revenue per day and country, built every night from sales.orders; the numbers of the board report.',
    owner: 'Finance analytics',
    rows: 41_975,
    columns: [
      column('day', 'date'),
      column('country', 'char(2)'),
      column('revenue_cents', 'bigint'),
      column('orders', 'int'),
    ],
  },
];

export function createTables(): Tables {
  const tables = new Map<string, Table>(SEED.map((table) => [table.id, { ...table, editedBy: null, editedAt: null }]));
  return {
    list: () => [...tables.values()],
    get: (id) => tables.get(id),
    edit: (id, edit, editor) => {
      const table = tables.get(id);
      if (table === undefined) return undefined;
      const edited = { ...table, ...edit, editedBy: editor.name, editedAt: editor.at };
      tables.set(id, edited);
      return edited;
    },
  };
}

/** The edit that a request asks for, or what is wrong with it. */
export function readEdit(body: unknown): TableEdit | { fault: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { fault: 'Send a JSON object.' };
  const edit: TableEdit = {};
  for (const [field, value] of Object.entries(body)) {
    if (field !== 'description' && field !== 'owner') return { fault: `“${field.slice(0, 40)}” cannot be edited.` };
    if (typeof value !== 'string' || value.trim() === '') return { fault: `The ${field} must not be empty.` };
    if (value.length > LONGEST[field]) return { fault: `The ${field} may have ${LONGEST[field]} characters at most.` };
    edit[field] = value.trim();
  }
  return Object.keys(edit).length === 0 ? { fault: 'Nothing to change: send a description or an owner.' } : edit;
}
