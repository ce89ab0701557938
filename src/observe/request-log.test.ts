import { describe, expect, it } from 'vitest';
import { RecordingLog } from '../testing/recording-log.ts';
import { sampleFinished } from '../events/testing/sample-events.ts';
import { settled, VirtualClock } from '../testing/virtual-clock.ts';
import { memoryStores } from '../store/memory/memory-stores.ts';
import { StoreError } from '../store/store-error.ts';
import type { RequestLogRow, RequestLogStore } from '../store/store.ts';
import { RequestLog } from './request-log.ts';

/** A store that can be killed, revived, and made to refuse single rows. */
function mortalStore() {
  const inner = memoryStores({ requestRowsMax: 100_000 }).requests;
  const state = { dead: false, batches: [] as number[], refused: new Set<string>() };
  const store: RequestLogStore = {
    append: async (rows: readonly RequestLogRow[]) => {
      state.batches.push(rows.length);
      if (state.dead) throw new StoreError('unavailable', 'The disk is full.');
      if (rows.some((row) => state.refused.has(row.requestId))) {
        throw new StoreError('rejected', 'A value cannot be stored.');
      }
      await inner.append(rows);
    },
    list: (query) => inner.list(query),
    get: (requestId) => inner.get(requestId),
    prune: (beforeMs, batch) =>
      state.dead ? Promise.reject(new Error('dead')) : inner.prune(beforeMs, batch),
  };
  const count = async () => (await inner.list({ filters: {}, cursor: null, limit: 99_999 })).rows.length;
  return { state, store, count };
}

function setUp(keepMs: number | null = null) {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const { state, store, count } = mortalStore();
  const requestLog = new RequestLog({ store, clock, log, keepMs });
  let id = 0;
  const finish = (rows: number) => {
    for (let i = 0; i < rows; i += 1) {
      id += 1;
      requestLog.hear(sampleFinished({ requestId: `r${id}`, startedAtMs: clock.nowMs() }));
    }
  };
  return { clock, log, state, count, requestLog, finish };
}

describe('RequestLog', () => {
  it('writes what came in a quarter of a second as one batch', async () => {
    const { clock, state, finish, count } = setUp();
    finish(3);
    await clock.advance(100);
    finish(4);
    expect(await count()).toBe(0);
    await clock.advance(150);
    expect([state.batches, await count()]).toEqual([[7], 7]);
  });

  it('does not wait where much has come, and writes it in pieces', async () => {
    const { clock, state, finish } = setUp();
    finish(199);
    await clock.advance(0);
    expect(state.batches).toEqual([]);
    finish(451);
    for (let turn = 0; turn < 5; turn += 1) await clock.advance(0);
    expect(state.batches).toEqual([200, 200, 200, 50]);
  });

  it('ignores other events', async () => {
    const { clock, state, requestLog } = setUp();
    requestLog.hear({ type: 'config-reloaded', atMs: 0, changes: [] });
    await clock.advance(1_000);
    expect(state.batches).toEqual([]);
  });

  it('tells what is wrong while it cannot write, and nothing once it can again', async () => {
    const { clock, state, requestLog, finish } = setUp();
    expect(requestLog.problem).toBeNull();
    state.dead = true;
    finish(1);
    await clock.advance(300);
    expect(requestLog.problem).toBe('The disk is full.');
    state.dead = false;
    await clock.advance(60_000);
    expect(requestLog.problem).toBeNull();
  });

  it('loses nothing over a short failure of the store', async () => {
    const { clock, state, finish, count, requestLog } = setUp();
    state.dead = true;
    finish(700);
    await clock.advance(5_000);
    state.dead = false;
    finish(10);
    await clock.advance(20_000);
    expect([await count(), requestLog.dropped, requestLog.waiting]).toEqual([710, 0, 0]);
  });

  it('holds a bounded number of rows while the store is dead, counts the rest, and asks ever less often', async () => {
    const { clock, state, log, finish, count, requestLog } = setUp();
    state.dead = true;
    for (let minute = 0; minute < 10; minute += 1) {
      finish(10_000);
      await clock.advance(60_000);
    }
    expect(requestLog.waiting).toBeLessThanOrEqual(40_000);
    expect(requestLog.dropped).toBe(100_000 - requestLog.waiting);
    expect(state.batches.length).toBeLessThan(80);
    expect(log.lines.length).toBeLessThan(10);
    state.dead = false;
    const waiting = requestLog.waiting;
    await clock.advance(20_000);
    expect([await count(), requestLog.waiting]).toEqual([waiting, 0]);
  });

  it('drops a row that the store refuses and keeps its neighbours', async () => {
    const { clock, state, log, finish, count, requestLog } = setUp();
    state.refused.add('r2');
    finish(3);
    await clock.advance(250);
    expect([await count(), requestLog.dropped]).toEqual([2, 1]);
    expect(log.lines).toMatchObject([{ level: 'error', fields: { requestId: 'r2' } }]);
  });

  it('writes everything on close and takes nothing after', async () => {
    const { clock, finish, count, requestLog } = setUp();
    finish(1_700);
    const closing = requestLog.close();
    for (let turn = 0; turn < 20; turn += 1) await clock.advance(0);
    await closing;
    finish(1);
    await clock.advance(10_000);
    expect([await count(), clock.timers]).toEqual([1_700, 0]);
  });

  it('closes in time, and says what is lost, where the store is dead', async () => {
    const { state, log, finish, requestLog } = setUp();
    state.dead = true;
    finish(5);
    await requestLog.close();
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { rows: 5 } });
  });

  it('deletes old rows in small batches, and again after a failure', async () => {
    const { clock, state, log, finish, count } = setUp(86_400_000);
    finish(1_300);
    await clock.advance(86_400_000 - 1);
    expect(await count()).toBe(1_300);
    state.dead = true;
    await clock.advance(3_600_000);
    expect(log.lines).toHaveLength(1);
    state.dead = false;
    await clock.advance(3_600_000);
    await settled();
    expect(await count()).toBe(0);
  });
});
