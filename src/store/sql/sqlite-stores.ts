import type { Stores } from '../store.ts';
import { sqlAnswerStore } from './answer-store.ts';
import { openSqlite, type SqliteOptions } from './dialect-sqlite.ts';
import { sqlKeyStore } from './key-store.ts';
import { SqlQueueStore } from './queue-store.ts';
import { sqlRequestLogStore } from './request-log-store.ts';
import { sqlSettingStore } from './setting-store.ts';
import { sql, type SqlDatabase } from './sql.ts';
import { openSqliteThread } from './sqlite-thread.ts';

/** Opens the embedded store: one SQLite file with one owner. Throws a `StoreError` whose message says what to do. */
export function openSqliteStores(options: SqliteOptions): Stores {
  return sqlStores(openSqlite(options));
}

/**
 * The same with the database in a thread of its own, so that a slow disk or a long search never holds up a stream. The
 * server wants this one; the other is for commands and tests.
 */
export async function openSqliteStoresInThread(options: SqliteOptions): Promise<Stores> {
  return sqlStores(await openSqliteThread(options));
}

function sqlStores(database: SqlDatabase): Stores {
  return {
    keys: sqlKeyStore(database),
    requests: sqlRequestLogStore(database),
    settings: sqlSettingStore(database),
    answers: sqlAnswerStore(database),
    queue: new SqlQueueStore(database),
    health: async () => {
      try {
        await database.all(sql`SELECT version FROM schema_version LIMIT 1`);
        return null;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    close: () => database.close(),
  };
}
