import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Clock } from '../../spec/ports.ts';
import { StoreError } from '../store-error.ts';
import { loadMigrations, migrate, type Migration } from './migrate.ts';
import type { SqlBatch, SqlDatabase, SqlQuery, SqlRow } from './sql.ts';
import { sqliteError } from './sqlite-error.ts';
import { lockFile, type FileLock } from './sqlite-lock.ts';

export interface SqliteOptions {
  /** The file, made where it is not there; `:memory:` keeps everything in memory. */
  readonly path: string;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/**
 * Opens a SQLite database as its only owner and brings its schema up to date. Written data survives a crash of the process;
 * with `synchronous = NORMAL` a power cut may take the last moments of the log with it, but never damages the file
 * (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
export function openSqlite({ path, clock }: SqliteOptions): SqlDatabase {
  const open: { lock?: FileLock; database?: DatabaseSync } = {};
  try {
    if (path !== MEMORY) {
      makePrivateFile(path);
      makePrivateFile(`${path}-owner`);
      open.lock = lockFile(path);
    }
    // Only the opening may wait: later on, a busy database must not hold up the event loop.
    open.database = new DatabaseSync(path, {
      timeout: 5_000,
      enableForeignKeyConstraints: true,
      readBigInts: true, // Amounts use all 64 bits; the stores turn what is a count into numbers.
    });
    refuseForeign(open.database, path);
    open.database.exec(SETTINGS);
    migrate(migrationTarget(open.database, clock), loadMigrations());
    open.database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return new SqliteDatabase(path, open.database, open.lock ?? null);
  } catch (error) {
    open.database?.close();
    open.lock?.release();
    throw sqliteError(error, path);
  }
}

const MEMORY = ':memory:';
const BUSY_TIMEOUT_MS = 250;
/** Marks our files for `file` and for us: "Bell" in ASCII (https://www.sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x42656c6c;
const SETTINGS = `
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA journal_size_limit = 67108864;
`;

class SqliteDatabase implements SqlDatabase {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #lock: FileLock | null;
  // Statements are prepared once per place in the source; those with woven parts once per text.
  readonly #byPlace = new WeakMap<readonly string[], StatementSync>();
  readonly #byText = new Map<string, StatementSync>();

  constructor(path: string, database: DatabaseSync, lock: FileLock | null) {
    this.#path = path;
    this.#database = database;
    this.#lock = lock;
  }

  async all(query: SqlQuery): Promise<readonly SqlRow[]> {
    return this.#translated(() => this.#statement(query).all(...query.values));
  }

  async run(query: SqlQuery): Promise<number> {
    return this.#translated(() => Number(this.#statement(query).run(...query.values).changes));
  }

  async durably(query: SqlQuery): Promise<readonly SqlRow[]> {
    return this.#translated(() => {
      // Between two transactions the setting may change, and it holds for the one statement that follows.
      this.#database.exec('PRAGMA synchronous = FULL');
      try {
        return this.#statement(query).all(...query.values);
      } finally {
        this.#database.exec('PRAGMA synchronous = NORMAL');
      }
    });
  }

  async batch({ strings, width, values }: SqlBatch): Promise<void> {
    this.#translated(() => {
      const statement = this.#statement({ strings });
      inTransaction(this.#database, () => {
        for (let at = 0; at < values.length; at += width) statement.run(...values.slice(at, at + width));
      });
    });
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    this.#database.close();
    this.#lock?.release();
  }

  #statement({ strings }: Pick<SqlQuery, 'strings'>): StatementSync {
    const known = this.#byPlace.get(strings);
    if (known !== undefined) return known;
    const text = strings.join('?');
    let statement = this.#byText.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      if (this.#byText.size >= STATEMENTS_MAX) this.#byText.clear();
      this.#byText.set(text, statement);
    }
    this.#byPlace.set(strings, statement);
    return statement;
  }

  #translated<Result>(work: () => Result): Result {
    if (!this.#database.isOpen) throw new StoreError('unavailable', `The database ${this.#path} is closed.`);
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }
}

const STATEMENTS_MAX = 200;

// Made before SQLite makes it, so that nobody else can read digests and logs; the journal inherits the permissions.
function makePrivateFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const denied = error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EPERM';
    throw new StoreError(
      denied ? 'read-only' : 'unavailable',
      `The database ${path} cannot be opened for writing (${error.message}). Check the folder and its permissions, or ` +
        'choose another with --data DIR or BELLWETHER_DATA.',
      error,
    );
  }
}

function refuseForeign(database: DatabaseSync, path: string): void {
  const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
  const tables = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'];
  if (id === BigInt(APPLICATION_ID) || tables === 0n) return;
  throw new StoreError(
    'foreign',
    `The file ${path} is a SQLite database of another program. Nothing was changed; choose another path for store.url.`,
  );
}

function migrationTarget(database: DatabaseSync, clock: SqliteOptions['clock']) {
  database.exec(
    'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at_ms INTEGER NOT NULL) STRICT',
  );
  return {
    version: () => Number(database.prepare('SELECT max(version) AS v FROM schema_version').get()?.['v'] ?? 0),
    apply: (migration: Migration) =>
      inTransaction(database, () => {
        database.exec(migration.text);
        database
          .prepare('INSERT INTO schema_version VALUES (?, ?, ?)')
          .run(migration.version, migration.name, Math.round(clock.nowMs()));
      }),
  };
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    // A full disk or a lost file may have rolled it back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
