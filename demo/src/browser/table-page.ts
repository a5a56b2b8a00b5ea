// Owns: one table and the form that edits its description and owner. Does not own: what an edit may hold (the API says so).
import type { Table } from '../tables.ts';
import { ApiError, type Client } from './client.ts';
import { el, time } from './element.ts';
import type { Page } from './layout.ts';

export async function tablePage(client: Client, id: string, edited: (table: Table) => void): Promise<Page> {
  const table = await client.table(id);
  const facts = el('section', { 'aria-labelledby': 'facts' });
  const showFacts = (current: Table) => facts.replaceChildren(...factsOf(current));
  showFacts(table);

  return {
    title: `${table.schema}.${table.name}`,
    content: [
      el('p', { class: 'trail' }, el('a', { href: '/' }, 'Tables'), ' / ', table.schema),
      el('h1', {}, table.name),
      el(
        'div',
        { class: 'columns' },
        facts,
        editForm(table, client, (next) => {
          showFacts(next);
          edited(next);
        }),
      ),
      el('h2', {}, 'Columns'),
      el(
        'table',
        { class: 'tables' },
        el('thead', {}, el('tr', {}, ...['Column', 'Type', 'Note'].map((name) => el('th', { scope: 'col' }, name)))),
        el(
          'tbody',
          {},
          ...table.columns.map((column) =>
            el(
              'tr',
              {},
              el('th', { scope: 'row' }, column.name),
              el('td', { 'data-label': 'Type' }, el('code', {}, column.type)),
              el('td', { 'data-label': 'Note' }, column.note),
            ),
          ),
        ),
      ),
    ],
  };
}

function factsOf(table: Table) {
  return [
    el('h2', { id: 'facts' }, 'About this table'),
    el('p', { class: 'description' }, table.description),
    el(
      'dl',
      {},
      el('dt', {}, 'Owner'),
      el('dd', {}, table.owner),
      el('dt', {}, 'Rows'),
      el('dd', {}, table.rows.toLocaleString()),
      el('dt', {}, 'Last edit'),
      table.editedAt === null
        ? el('dd', {}, 'Never')
        : el('dd', {}, time(Date.parse(table.editedAt)), ` by ${table.editedBy}`),
    ),
  ];
}

function editForm(table: Table, client: Client, edited: (table: Table) => void) {
  const owner = el('input', { id: 'owner', name: 'owner', required: true, maxlength: '80', value: table.owner });
  const description = el(
    'textarea',
    { id: 'description', name: 'description', required: true, maxlength: '500', rows: '4' },
    table.description,
  );
  const button = el('button', { type: 'submit', class: 'primary' }, 'Save');
  const outcome = el('p', { class: 'outcome', role: 'status' });

  const save = async (event: Event) => {
    event.preventDefault();
    button.disabled = true;
    outcome.textContent = 'Saving…';
    try {
      edited(await client.edit(table.id, { owner: owner.value, description: description.value }));
      outcome.textContent = 'Saved.';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      outcome.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  };

  return el(
    'form',
    { class: 'card', 'aria-labelledby': 'edit', submit: (event) => void save(event) },
    el('h2', { id: 'edit' }, 'Edit'),
    el('label', { for: 'owner' }, 'Owner'),
    owner,
    el('label', { for: 'description' }, 'Description'),
    description,
    el('div', { class: 'actions' }, button, outcome),
  );
}
