import type { SettingStore } from '../store.ts';
import { textOf } from './columns.ts';
import { sql, type SqlDatabase } from './sql.ts';

/** Settings in a SQL database. */
export function sqlSettingStore(database: SqlDatabase): SettingStore {
  return {
    get: async (name) => {
      const [row] = await database.all(sql`SELECT value FROM setting WHERE name = ${name}`);
      return row === undefined ? null : textOf(row, 'value');
    },
    set: async (name, value) => {
      await database.run(
        sql`INSERT INTO setting (name, value) VALUES (${name}, ${value}) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      );
    },
  };
}
