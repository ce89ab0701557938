import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleFinished } from '../../events/testing/sample-events.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { describeStores } from '../testing/conformance.ts';
import { temporaryFolders } from '../testing/temporary-folder.ts';
import { openSqliteStores, openSqliteStoresInThread } from './sqlite-stores.ts';

const clock = new VirtualClock();
const newFolder = temporaryFolders();
const open = (path: string) => openSqliteStoresInThread({ path, clock });
const newFile = () => join(newFolder(), 'bellwether.db');

describeStores('SQLite in a thread', () => open(newFile()));

describe('a SQLite database in a thread', () => {
  it('is refused for the same reasons and in the same words', async () => {
    const path = newFile();
    const first = openSqliteStores({ path, clock });
    await expect(open(path)).rejects.toMatchObject({
      kind: 'locked',
      message: expect.stringContaining('--data DIR'),
    });
    await first.close();
    writeFileSync(path, 'no database'.repeat(500));
    await expect(open(path)).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('gives its file back when it is closed, also twice, and says so to whoever asks later', async () => {
    const path = newFile();
    const stores = await open(path);
    const written = stores.settings.set('a', '1');
    await Promise.all([stores.close(), stores.close(), written]);
    await expect(stores.settings.get('a')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await stores.health()).toMatch(/is closed/);
    const again = openSqliteStores({ path, clock });
    expect(await again.settings.get('a')).toBe('1');
    await again.close();
  });

  it('does not hold up this thread while it works', async () => {
    const stores = await open(newFile());
    const rows = Array.from({ length: 5_000 }, (_, id) => sampleFinished({ requestId: `r${id}` }));
    let done = false;
    const appending = stores.requests.append(rows).then(() => (done = true));
    let turns = 0;
    while (!done) {
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await appending;
    expect(turns).toBeGreaterThan(10);
    await stores.close();
  });

  it('does not keep an idle process alive', () => {
    const child = new URL('../testing/store-child.ts', import.meta.url).pathname;
    const result = spawnSync(process.execPath, [child, 'idle-thread', newFile()], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect([result.status, result.stdout]).toEqual([0, 'open\n']);
  });
});
