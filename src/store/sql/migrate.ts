import { readdirSync, readFileSync } from 'node:fs';
import { assert } from '../../base/assert.ts';
import { StoreError } from '../store-error.ts';

/** One step of the schema: forward only, never edited after a release. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly text: string;
}

/** What migrating needs of a connection; it is synchronous because nothing else runs yet. */
export interface MigrationTarget {
  /** Highest version applied; 0 for an empty database. */
  version(): number;
  /** Applies the text and notes the version, in one transaction. */
  apply(migration: Migration): void;
}

/** Reads the migrations that this version of the program carries. */
export function loadMigrations(): readonly Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
  assert(names.length > 0, 'the migrations are missing from the installation');
  return names.map((name, index) => {
    const version = Number(name.slice(0, 4));
    assert(version === index + 1, `migration ${name} leaves a gap`);
    return { version, name: name.slice(0, -4), text: readFileSync(new URL(name, folder), 'utf8') };
  });
}

/** Brings a database to the newest version; refuses one that is newer than this program. Returns what was applied. */
export function migrate(target: MigrationTarget, migrations: readonly Migration[]): readonly Migration[] {
  const present = target.version();
  const newest = migrations.length;
  if (present > newest) {
    throw new StoreError(
      'newer',
      `The database has schema version ${present}, but this version of Bellwether knows only ${newest}. ` +
        'Start the newer version again, or restore a backup that was made before the upgrade.',
    );
  }
  const due = migrations.slice(present);
  for (const migration of due) target.apply(migration);
  return due;
}
