// Owns a large org for benchmarks: rows copied from one of each kind, straight into the embedded database of a server that is not
// running, since a hundred thousand people by the management API would take longer than what is measured.
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

export type Size = { users: number; applications: number; servers: number };

type Row = Record<string, string | number | null>;

/** Copies of the person with this login, the application with this label, and the authorization server with this name. */
export function enlarge(file: string, size: Size, models: { login: string; label: string; server: string }): void {
  const db = new DatabaseSync(file);
  db.exec('begin');
  enlargeUsers(db, size.users, models.login);
  enlargeApplications(db, size.applications, models.label);
  enlargeServers(db, size.servers, models.server);
  db.exec('commit');
  db.exec('analyze');
  db.close();
}

function enlargeUsers(db: DatabaseSync, count: number, login: string): void {
  const model = one(db, 'select * from users where login = ?', login);
  const profile = JSON.parse(String(model.profile)) as Record<string, unknown>;
  const memberships = db.prepare('select * from group_memberships where user_id = ?').all(String(model.id)) as Row[];
  const user = inserter(db, 'users', model);
  const membership = memberships.map((row) => inserter(db, 'group_memberships', row));
  const word = inserter(db, 'profile_words', { attribute: '', value_key: '', user_id: '' });
  for (let number = 0; number < count; number++) {
    const id = newId('00u');
    const name = `person${String(number).padStart(6, '0')}@example.com`;
    const own = { ...profile, login: name, email: name, firstName: `First${number % 997}`, lastName: `Last${number}` };
    user({ id, login: name, login_key: name, email_key: name, profile: JSON.stringify(own) });
    for (const insert of membership) insert({ user_id: id });
    for (const [attribute, value] of Object.entries(own))
      if (typeof value === 'string') word({ attribute, value_key: value.toLowerCase(), user_id: id });
  }
}

function enlargeApplications(db: DatabaseSync, count: number, label: string): void {
  const model = one(db, 'select * from applications where label = ?', label);
  const given = db.prepare('select * from application_groups where application_id = ?').all(String(model.id)) as Row[];
  const application = inserter(db, 'applications', model);
  const groups = given.map((row) => inserter(db, 'application_groups', row));
  for (let number = 0; number < count; number++) {
    const id = newId('0oa');
    const own = `Application ${String(number).padStart(5, '0')}`;
    application({ id, client_id: id, label: own, label_key: own.toLowerCase() });
    for (const insert of groups) insert({ application_id: id });
  }
}

function enlargeServers(db: DatabaseSync, count: number, name: string): void {
  const model = one(db, 'select * from authorization_servers where name = ?', name);
  const server = inserter(db, 'authorization_servers', model);
  const scopes = db.prepare('select * from scopes where authorization_server_id = ?').all(String(model.id)) as Row[];
  const policies = db
    .prepare('select * from policies where authorization_server_id = ?')
    .all(String(model.id)) as Row[];
  const scope = scopes.map((row) => inserter(db, 'scopes', row));
  const policy = policies.map((row) => inserter(db, 'policies', row));
  for (let number = 0; number < count; number++) {
    const id = newId('aus');
    server({ id, name: `Server ${String(number).padStart(4, '0')}`, is_default: 0 });
    for (const insert of scope) insert({ id: newId('scp'), authorization_server_id: id });
    for (const insert of policy) insert({ id: newId('00p'), authorization_server_id: id });
  }
}

function one(db: DatabaseSync, query: string, value: string): Row {
  const row = db.prepare(query).get(value) as Row | undefined;
  if (!row) throw new Error(`There is no ${value} to copy`);
  return row;
}

function inserter(db: DatabaseSync, table: string, model: Row): (changes: Row) => void {
  const columns = Object.keys(model);
  const statement = db.prepare(
    `insert into ${table} (${columns.map((name) => `"${name}"`).join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  );
  return (changes) => {
    const row = { ...model, ...changes };
    statement.run(...columns.map((name) => row[name] ?? null));
  };
}

let made = 0;

/** In the order of their making, as real ones are. */
function newId(prefix: string): string {
  const number = String(made++).padStart(9, '0');
  return `${prefix}1${number}${randomBytes(8).toString('hex').slice(0, 7)}`;
}
