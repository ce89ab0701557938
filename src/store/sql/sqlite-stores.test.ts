import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { describeStores } from '../testing/conformance.ts';
import { temporaryFolders } from '../testing/temporary-folder.ts';
import { openSqliteStores } from './sqlite-stores.ts';

const clock = new VirtualClock();
const newFolder = temporaryFolders();
const open = (path: string) => openSqliteStores({ path, clock });
const newFile = () => join(newFolder(), 'bellwether.db');
const child = new URL('../testing/store-child.ts', import.meta.url).pathname;

describeStores('SQLite in a file', () => open(newFile()));
describeStores('SQLite in memory', () => open(':memory:'));

describe('the SQLite file', () => {
  it('keeps what was written when it is opened again', async () => {
    const path = newFile();
    const first = open(path);
    await first.settings.set('a', '1');
    await first.close();
    await first.close();
    const second = open(path);
    expect(await second.settings.get('a')).toBe('1');
    await second.close();
  });

  it('is made with its folder, readable by its owner alone', async () => {
    const path = join(newFolder(), 'deep', 'folder', 'bellwether.db');
    const stores = open(path);
    await stores.settings.set('a', '1');
    for (const name of readdirSync(join(path, '..'))) {
      expect([name, statSync(join(path, '..', name)).mode & 0o077]).toEqual([name, 0]);
    }
    await stores.close();
  });

  it('is refused to a second owner until the first one closes, with the words to do about it', async () => {
    const path = newFile();
    const first = open(path);
    expect(() => open(path)).toThrow(
      `The database ${path} is in use by another process (process id ${process.pid}). Stop that process first`,
    );
    await first.settings.set('a', '1');
    await first.close();
    await open(path).close();
  });

  it('lets a backup tool read while it is open', async () => {
    const path = newFile();
    const stores = open(path);
    await stores.settings.set('a', '1');
    const reader = new DatabaseSync(path, { readOnly: true });
    expect(reader.prepare('SELECT value FROM setting').all()).toEqual([{ value: '1' }]);
    reader.close();
    await stores.close();
  });

  it.each([
    ['text', Buffer.from('This is a text and no database at all. '.repeat(200)), 'damaged'],
    ['an overwritten head', Buffer.alloc(8_192, 0xff), 'damaged'],
  ])('is refused where it holds %s, and not touched', (_, content, kind) => {
    const path = newFile();
    writeFileSync(path, content);
    expect(() => open(path)).toThrow(expect.objectContaining({ kind }));
    expect(() => open(path)).toThrow(/Restore it from a backup, or move the file away/);
    expect(readFileSync(path)).toEqual(content);
  });

  it('tells of pages that were damaged inside', async () => {
    const path = newFile();
    await open(path).close();
    const content = readFileSync(path);
    content.fill(0xab, 4_096);
    writeFileSync(path, content);
    const opened = () => {
      const stores = open(path);
      return stores.keys.list();
    };
    await expect((async () => opened())()).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('is refused where another program made it', () => {
    const path = newFile();
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE photo (id INTEGER)');
    other.close();
    expect(() => open(path)).toThrow(/of another program/);
  });

  it('is refused where a newer version wrote it', async () => {
    const path = newFile();
    await open(path).close();
    const newer = new DatabaseSync(path);
    newer.exec("INSERT INTO schema_version VALUES (99, 'later', 0)");
    newer.close();
    expect(() => open(path)).toThrow(/schema version 99, but this version of Bellwether knows only/);
  });

  it('gives back the lock when opening fails', async () => {
    const path = newFile();
    writeFileSync(path, 'not a database'.repeat(100));
    expect(() => open(path)).toThrow(/damaged/);
    writeFileSync(path, '');
    await open(path).close();
  });

  it('says that it is closed instead of crashing', async () => {
    const stores = open(newFile());
    await stores.close();
    await expect(stores.keys.list()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await stores.health()).toMatch(/is closed/);
  });

  it('refuses a value that no column takes and goes on with the next', async () => {
    const stores = open(newFile());
    await expect(stores.keys.update('key-1', { expiresAtMs: Number.POSITIVE_INFINITY })).resolves.toBeNull();
    const tooBig = { name: 'x', value: 2n ** 70n };
    await expect(stores.settings.set(tooBig.name, tooBig.value as never)).rejects.toMatchObject({
      kind: 'rejected',
    });
    await stores.settings.set('x', '1');
    await stores.close();
  });
});

describe('a process that dies', () => {
  it('leaves every batch whole or not there at all when it is killed in mid-write, and its lock free', async () => {
    const path = newFile();
    for (let round = 0; round < 3; round += 1) {
      const writer = spawn(process.execPath, [child, 'write', path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let written = 0;
      for await (const chunk of writer.stdout) {
        written += String(chunk).split('\n').length - 1;
        if (written >= 20) writer.kill('SIGKILL');
      }
      if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
      expect(writer.signalCode).toBe('SIGKILL');
    }
    const stores = open(path);
    const database = new DatabaseSync(path, { readOnly: true });
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const batches = database
      .prepare("SELECT detail ->> 'routeReason' AS batch, count(*) AS n FROM request_log GROUP BY batch")
      .all();
    expect(batches.length).toBeGreaterThanOrEqual(60);
    expect(batches.filter((batch) => batch['n'] !== 50)).toEqual([]);
    database.close();
    await stores.close();
  });

  it('is named to whoever tries to open its file meanwhile', async () => {
    const path = newFile();
    const holder = spawn(process.execPath, [child, 'hold', path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    expect(() => open(path)).toThrow(`process id ${holder.pid}`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await open(path).close();
  });
});

describe('a file that may not be written', () => {
  // Root may write everything, so the attempt is made as the user nobody where the tests run as root.
  const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const canRun =
    spawnSync(process.execPath, ['-e', 'fs.accessSync(process.argv[1])', child], unprivileged).status === 0;
  if (!canRun) process.stderr.write('skipped: an unprivileged user cannot read this repository\n');

  it.runIf(canRun)('is refused with the words to do about it', async () => {
    const path = newFile();
    await open(path).close();
    chmodSync(path, 0o444);
    chmodSync(join(path, '..'), 0o555);
    chmodSync(join(path, '..', '..'), 0o755);
    const result = spawnSync(process.execPath, [child, 'open', path], { ...unprivileged, encoding: 'utf8' });
    expect(result.stdout).toMatch(/^read-only: The database .* cannot be (opened for writing|written)/);
    expect(result.stdout).toMatch(/--data DIR/);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
});
