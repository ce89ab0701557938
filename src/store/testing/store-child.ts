// A process of its own for tests: `write` appends batches until it is killed, `hold` opens and stays, `open` tells how it
// went, `idle-thread` opens in a thread and has nothing more to do.
import { sampleFinished } from '../../events/testing/sample-events.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { openSqliteStores, openSqliteStoresInThread } from '../sql/sqlite-stores.ts';
import { StoreError } from '../store-error.ts';

const [mode, path] = process.argv.slice(2) as ['write' | 'hold' | 'open' | 'idle-thread', string];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function write(): Promise<void> {
  const stores = openSqliteStores({ path, clock: new VirtualClock() });
  for (let batch = 0; ; batch += 1) {
    const routeReason = `${process.pid}-${batch}`;
    const rows = Array.from({ length: 50 }, (_, index) =>
      sampleFinished({ requestId: `${routeReason}-${index}`, routeReason }),
    );
    await stores.requests.append(rows);
    say('batch');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

try {
  if (mode === 'write') await write();
  const clock = new VirtualClock();
  const stores =
    mode === 'idle-thread'
      ? await openSqliteStoresInThread({ path, clock })
      : openSqliteStores({ path, clock });
  say('open');
  if (mode === 'hold') process.stdin.resume();
  else if (mode === 'open') await stores.close();
} catch (error) {
  say(error instanceof StoreError ? `${error.kind}: ${error.message}` : String(error));
}
