// Owns: the list of tables with their owners and descriptions. Does not own: one table (table-page.ts).
import type { Client, TableSummary } from './client.ts';
import { el } from './element.ts';
import type { Page } from './layout.ts';

export async function tablesPage(client: Client): Promise<Page> {
  const tables = await client.tables();
  const body = el('tbody');
  const count = el('p', { class: 'count', role: 'status' });
  const show = (wanted: string) => {
    const found = tables.filter((table) => textOf(table).includes(wanted.trim().toLowerCase()));
    body.replaceChildren(...found.map(row));
    count.textContent = found.length === 1 ? '1 table' : `${found.length} tables`;
  };
  const search = el('input', {
    type: 'search',
    id: 'search',
    placeholder: 'Name, owner or description',
    input: () => show(search.value),
  });
  show('');

  return {
    title: 'Tables',
    content: [
      el('h1', {}, 'Tables'),
      el('p', { class: 'lead' }, 'What data there is, what it means, and whom to ask about it.'),
      el('div', { class: 'search' }, el('label', { for: 'search' }, 'Find a table'), search, count),
      el(
        'table',
        { class: 'tables' },
        el(
          'thead',
          {},
          el('tr', {}, ...['Table', 'Owner', 'Description', 'Rows'].map((name) => el('th', { scope: 'col' }, name))),
        ),
        body,
      ),
    ],
  };
}

function row(table: TableSummary) {
  return el(
    'tr',
    {},
    el(
      'th',
      { scope: 'row' },
      el('a', { href: `/tables/${table.id}` }, el('span', { class: 'schema' }, `${table.schema}.`), table.name),
    ),
    el('td', { 'data-label': 'Owner' }, table.owner),
    el('td', { 'data-label': 'Description' }, table.description),
    el('td', { 'data-label': 'Rows', class: 'number' }, table.rows.toLocaleString()),
  );
}

function textOf(table: TableSummary): string {
  return `${table.schema}.${table.name} ${table.owner} ${table.description}`.toLowerCase();
}
