import type { VirtualKey } from '../../spec/identity.ts';
import type { KeyStore, KeyUpdate } from '../store.ts';
import { flagOf, jsonOf, numberOf, numberOrNull, textOf, textsOf, wholeMs } from './columns.ts';
import { listOf, sql, type SqlDatabase, type SqlQuery, type SqlRow } from './sql.ts';

/** Virtual keys in a SQL database. */
export function sqlKeyStore(database: SqlDatabase): KeyStore {
  const get = async (keyId: string) => {
    const [row] = await database.all(sql`SELECT * FROM virtual_key WHERE key_id = ${keyId}`);
    return row === undefined ? null : readKey(row);
  };
  return {
    get,
    create: async (key) => {
      await database.run(insertKey(key));
    },
    list: async () => {
      const rows = await database.all(sql`SELECT * FROM virtual_key ORDER BY created_at_ms, key_id`);
      return rows.map(readKey);
    },
    update: async (keyId, change) => {
      const [first, ...rest] = assignments(change);
      if (first !== undefined) {
        await database.run(sql`UPDATE virtual_key SET ${listOf(first, ...rest)} WHERE key_id = ${keyId}`);
      }
      return get(keyId);
    },
    revoke: async (keyId, atMs) => {
      await database.run(
        sql`UPDATE virtual_key SET revoked_at_ms = ${wholeMs(atMs)} WHERE key_id = ${keyId} AND revoked_at_ms IS NULL`,
      );
      return get(keyId);
    },
  };
}

function insertKey(key: VirtualKey): SqlQuery {
  return sql`INSERT INTO virtual_key (
      key_id, hash, hint, name, role, models, direct_targets, tags, created_at_ms, expires_at_ms, revoked_at_ms
    ) VALUES (
      ${key.keyId}, ${key.hash}, ${key.hint}, ${key.name}, ${key.role}, ${jsonTexts(key.models)},
      ${key.directTargets}, ${jsonTexts(key.tags)}, ${wholeMs(key.createdAtMs)}, ${timeOrNull(key.expiresAtMs)},
      ${timeOrNull(key.revokedAtMs)}
    )`;
}

function assignments(change: KeyUpdate): readonly SqlQuery[] {
  const result: SqlQuery[] = [];
  if (change.name !== undefined) result.push(sql`name = ${change.name}`);
  if (change.models !== undefined) result.push(sql`models = ${jsonTexts(change.models)}`);
  if (change.directTargets !== undefined) result.push(sql`direct_targets = ${change.directTargets}`);
  if (change.tags !== undefined) result.push(sql`tags = ${jsonTexts(change.tags)}`);
  if (change.expiresAtMs !== undefined) {
    result.push(sql`expires_at_ms = ${timeOrNull(change.expiresAtMs)}`);
  }
  return result;
}

function readKey(row: SqlRow): VirtualKey {
  return {
    keyId: textOf(row, 'key_id'),
    hash: textOf(row, 'hash'),
    hint: textOf(row, 'hint'),
    name: textOf(row, 'name'),
    role: textOf(row, 'role') === 'admin' ? 'admin' : 'inference',
    models: jsonOf(row, 'models') === null ? null : textsOf(row, 'models'),
    directTargets: flagOf(row, 'direct_targets'),
    tags: textsOf(row, 'tags'),
    createdAtMs: numberOf(row, 'created_at_ms'),
    expiresAtMs: numberOrNull(row, 'expires_at_ms'),
    revokedAtMs: numberOrNull(row, 'revoked_at_ms'),
  };
}

function jsonTexts(texts: readonly string[] | null): string | null {
  return texts === null ? null : JSON.stringify(texts);
}

function timeOrNull(ms: number | null) {
  return ms === null ? null : wholeMs(ms);
}
