// Owns the shape of the whole database, from the pages that tell it table by table (tables/). Row types, the creation of a fresh
// database and the test that holds every migrated database against them all read it. A change there needs a migration beside it
// (migrations/). Not here: meaning. What a column is for beyond its name is said by the module of core/ that owns the table.
import type { Selectable } from 'kysely';
import type { DatabaseOf } from './schema.ts';
import { authorizationTables } from './tables/authorization.ts';
import { groupAndApplicationTables } from './tables/groups-and-applications.ts';
import { peopleTables } from './tables/people.ts';
import { surroundingTables } from './tables/surroundings.ts';

export const tables = {
  ...peopleTables,
  ...groupAndApplicationTables,
  ...authorizationTables,
  ...surroundingTables,
};

export type Tables = DatabaseOf<typeof tables>;
export type TableName = keyof Tables;
/** A row as a select returns it. */
export type Row<T extends TableName> = Selectable<Tables[T]>;
