import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { arrayToBytes, textToBytes } from '../../base/bytes.ts';
import { sampleAttempt, sampleFailure, sampleFinished } from '../../events/testing/sample-events.ts';
import { ATTEMPT_PURPOSES, RESUME_METHODS, type Attempt } from '../../spec/attempt.ts';
import { ERROR_KINDS, type ErrorKind } from '../../spec/error.ts';
import { FINISH_REASONS, type Finish, type Warning } from '../../spec/generate.ts';
import type { VirtualKey } from '../../spec/identity.ts';
import type { Usage } from '../../spec/usage.ts';
import type {
  AnswerStore,
  FinishedAnswer,
  KeptAnswer,
  RequestLogFilters,
  RequestLogRow,
  RequestLogStore,
  Stores,
} from '../store.ts';
import { describeQueue } from './queue-conformance.ts';

/** The cases that every implementation of the stores passes. `open` gives empty ones. */
export function describeStores(name: string, open: () => Stores | Promise<Stores>): void {
  describe(`stores: ${name}`, () => {
    let stores: Stores;
    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores.close());
    describeKeys(() => stores);
    describeRequests(() => stores.requests);
    describeSettings(() => stores);
    describeQueue(() => stores.queue);
    describeAnswers(() => stores.answers);

    it('reports that it works', async () => {
      expect(await stores.health()).toBeNull();
    });
  });
}

/** A key at rest; override what a test is about. */
function sampleKey(changes: Partial<VirtualKey> = {}): VirtualKey {
  return {
    keyId: 'key-1',
    hash: 'a'.repeat(64),
    hint: 'bw_live_3fK…x9Qz',
    name: 'Search',
    role: 'inference',
    models: ['gpt-4.1'],
    directTargets: false,
    tags: ['team:search'],
    createdAtMs: 1_800_000_000_000,
    expiresAtMs: null,
    revokedAtMs: null,
    ...changes,
  };
}

function describeKeys(stores: () => Stores): void {
  it('gives back a key as it was created', async () => {
    const { keys } = stores();
    const plain = sampleKey();
    const other = sampleKey({
      keyId: 'key-2',
      hash: 'b'.repeat(64),
      role: 'admin',
      models: null,
      directTargets: true,
      tags: [],
      name: "O'Neil \u2028 \u0000 ☂; DROP TABLE virtual_key",
      createdAtMs: plain.createdAtMs + 1,
      expiresAtMs: 1_900_000_000_000,
    });
    await keys.create(other);
    await keys.create(plain);
    expect(await keys.get('key-1')).toEqual(plain);
    expect(await keys.list()).toEqual([plain, other]);
    expect(await keys.get("' OR 1=1 --")).toBeNull();
  });

  it('refuses a second key with the same id or the same digest', async () => {
    const { keys } = stores();
    await keys.create(sampleKey());
    await expect(keys.create(sampleKey({ hash: 'c'.repeat(64) }))).rejects.toMatchObject({
      kind: 'conflict',
    });
    await expect(keys.create(sampleKey({ keyId: 'key-2' }))).rejects.toMatchObject({ kind: 'conflict' });
    expect(await keys.list()).toHaveLength(1);
  });

  it.each([
    ['a name', { name: 'New' }],
    ['the models', { models: [] }],
    ['all models', { models: null }],
    ['the tags', { tags: ['a', 'b'] }],
    ['direct targets', { directTargets: true }],
    ['an expiry', { expiresAtMs: 1_900_000_000_000 }],
    ['nothing', {}],
    ['several fields', { name: 'x', tags: [], expiresAtMs: null }],
  ])('changes %s and leaves the rest', async (_, change) => {
    const { keys } = stores();
    const key = sampleKey({ expiresAtMs: 1 });
    await keys.create(key);
    const changed = { ...key, ...change };
    expect(await keys.update('key-1', change)).toEqual(changed);
    expect(await keys.get('key-1')).toEqual(changed);
    expect(await keys.update('nobody', change)).toBeNull();
  });

  it('revokes a key once and for all', async () => {
    const { keys } = stores();
    await keys.create(sampleKey());
    expect(await keys.revoke('key-1', 5)).toMatchObject({ revokedAtMs: 5 });
    expect(await keys.revoke('key-1', 9)).toMatchObject({ revokedAtMs: 5 });
    expect(await keys.revoke('nobody', 9)).toBeNull();
  });
}

function describeRequests(requests: () => RequestLogStore): void {
  it('gives back any request as it was appended', async () => {
    const log = requests();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 5 }), async (rows) => {
        run += 1;
        const own = rows.map((row, index) => ({ ...row, requestId: `${run}-${index}-${row.requestId}` }));
        await log.append(own);
        for (const row of own) expect(await log.get(row.requestId)).toEqual(row);
      }),
    );
  });

  it('takes a batch twice without doubling its rows', async () => {
    const rows = [row(1), row(2)];
    await requests().append(rows);
    await requests().append([...rows, row(3)]);
    expect(await idsOf(requests(), {})).toEqual(['r3', 'r2', 'r1']);
  });

  it('pages through everything once, newest start first, while new requests come in', async () => {
    const log = requests();
    const rows = Array.from({ length: 25 }, (_, index) => row(index, { startedAtMs: 1_000 + (index % 7) }));
    await log.append(rows);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await log.list({ filters: {}, cursor, limit: 4 });
      seen.push(...page.rows.map((found) => found.requestId));
      cursor = page.nextCursor;
      await log.append([row(100 + seen.length, { startedAtMs: 5_000 })]);
    } while (cursor !== null);
    const expected = rows
      .toReversed()
      .toSorted((a, b) => b.startedAtMs - a.startedAtMs)
      .map((found) => found.requestId);
    expect(seen).toEqual(expected);
  });

  it.each<[string, RequestLogFilters, string[]]>([
    ['time', { fromMs: 1_001, toMs: 1_003 }, ['r2', 'r1']],
    ['key', { keyId: 'key-b' }, ['r3', 'r1']],
    ['model', { model: 'other' }, ['r2']],
    ['target', { target: 'none/at-all' }, []],
    ['status', { status: 502 }, ['r3']],
    ['an ordinary status', { status: 200 }, ['r2', 'r1', 'r0']],
    ['failures', { outcome: 'failed' }, ['r3']],
    ['recoveries', { outcome: 'recovered' }, ['r2', 'r1']],
    ['answers that went on', { outcome: 'resumed' }, ['r2']],
    ['all together', { keyId: 'key-b', outcome: 'recovered', fromMs: 0, status: 200 }, ['r1']],
    ['text that is not SQL', { model: "' OR '1'='1" }, []],
  ])('filters by %s', async (_, filters, expected) => {
    await requests().append([
      row(0),
      // A text that reads like what another filter looks for.
      row(1, {
        keyId: 'key-b',
        attempts: [sampleFailure(), sampleAttempt({ number: 2, upstreamRequestId: '{"purpose":"resume"}' })],
      }),
      row(2, {
        model: 'other',
        attempts: [sampleFailure(), sampleAttempt({ number: 2, purpose: 'resume', resume: 'continue' })],
      }),
      row(3, {
        keyId: 'key-b',
        status: 502,
        error: { kind: 'upstream_unavailable', message: 'm' },
        target: null,
        attempts: [sampleFailure(), sampleFailure({ number: 2 })],
      }),
    ]);
    expect(await idsOf(requests(), filters)).toEqual(expected);
  });

  it('prunes the oldest rows in batches and nothing else', async () => {
    const log = requests();
    await log.append([row(4), row(1), row(3), row(0), row(2)]);
    expect(await log.prune(1_003, 2)).toBe(2);
    expect(await idsOf(log, {})).toEqual(['r4', 'r3', 'r2']);
    expect(await log.prune(1_003, 2)).toBe(1);
    expect(await log.prune(1_003, 2)).toBe(0);
    expect(await idsOf(log, {})).toEqual(['r4', 'r3']);
  });

  it('refuses a cursor that it never gave out', async () => {
    for (const cursor of ['', 'x', '1-2-3', "1-1' OR 1=1"]) {
      await expect(requests().list({ filters: {}, cursor, limit: 1 })).rejects.toMatchObject({
        kind: 'bad-cursor',
      });
    }
  });
}

function describeSettings(stores: () => Stores): void {
  it('keeps the last value of a setting', async () => {
    const { settings } = stores();
    expect(await settings.get('a')).toBeNull();
    await settings.set('a', '1');
    await settings.set('a', '2');
    expect(await settings.get('a')).toBe('2');
  });
}

function describeAnswers(answers: () => AnswerStore): void {
  const kept = (id: string, changes: Partial<KeptAnswer> = {}): KeptAnswer => ({
    id,
    keyId: 'key-1',
    fingerprint: 'f'.repeat(64),
    answer: {
      status: 200,
      headers: ['content-type', 'application/json'],
      stream: false,
      body: textToBytes('{"text":"☂ \u0000"}'),
      trailers: [],
      whole: true,
    },
    createdAtMs: 1_000,
    expiresAtMs: 2_000,
    ...changes,
  });

  it('gives back any answer as it was put, and the last of the same id', async () => {
    const bytes = fc.uint8Array({ maxLength: 50 }).map((array) => arrayToBytes(array));
    const anyAnswer: fc.Arbitrary<FinishedAnswer> = fc.record({
      status: fc.integer({ min: 200, max: 599 }),
      headers: fc.array(text),
      stream: fc.boolean(),
      body: bytes,
      trailers: fc.array(text),
      whole: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(orNull(anyAnswer), { maxLength: 3 }), async (list) => {
        for (const answer of list) {
          const row = kept('same', { answer });
          await answers().put([kept('other'), row]);
          expect(await answers().get('same')).toEqual(row);
        }
      }),
      { numRuns: 30 },
    );
    expect(await answers().get("' OR 1=1 --")).toBeNull();
  });

  it('forgets contents when their time is over, later the whole, and the oldest of too many', async () => {
    const rows = ['a', 'b', 'c', 'd'].map((id, index) =>
      kept(id, { createdAtMs: index, expiresAtMs: 1_000 * (index + 1) }),
    );
    await answers().put(rows);
    await answers().prune({ expiredBeforeMs: 2_000, forgottenBeforeMs: 1_000, entriesMax: 100 });
    const left = async () => Promise.all(rows.map(async ({ id }) => (await answers().get(id))?.answer));
    expect(await left()).toEqual([undefined, null, rows[2]?.answer, rows[3]?.answer]);
    await answers().prune({ expiredBeforeMs: 0, forgottenBeforeMs: 0, entriesMax: 1 });
    expect(await left()).toEqual([undefined, undefined, undefined, rows[3]?.answer]);
  });
}

function row(index: number, changes: Partial<RequestLogRow> = {}): RequestLogRow {
  const { type: _type, ...rest } = sampleFinished({ requestId: `r${index}`, startedAtMs: 1_000 + index });
  return { ...rest, ...changes };
}

async function idsOf(log: RequestLogStore, filters: RequestLogFilters): Promise<string[]> {
  const page = await log.list({ filters, cursor: null, limit: 100 });
  return page.rows.map((found) => found.requestId);
}

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const orNull = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });
const count = orNull(fc.nat());
const duration = fc.double({ min: 0, max: 1e7, noNaN: true });
const cost = orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const kind = fc.constantFrom(...(Object.keys(ERROR_KINDS) as ErrorKind[]));

const anyUsage: fc.Arbitrary<Usage> = fc.record({
  input: count,
  inputAudio: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
  output: count,
  outputAudio: count,
  reasoning: count,
  webSearches: count,
  source: fc.constantFrom('reported', 'estimated'),
});

const anyFinish: fc.Arbitrary<Finish> = fc.record(
  { reason: fc.constantFrom(...FINISH_REASONS), stopSequence: text, raw: text },
  { requiredKeys: ['reason'] },
);

const anyWarning: fc.Arbitrary<Warning> = fc.record({
  code: fc.constantFrom('dropped', 'clamped', 'emulated', 'repaired'),
  field: text,
  message: text,
});

const anyAttempt: fc.Arbitrary<Attempt> = fc.record({
  number: fc.nat(),
  target: text,
  provider: text,
  model: text,
  keyIndex: fc.nat(),
  purpose: fc.constantFrom(...ATTEMPT_PURPOSES),
  resume: fc.constantFrom(null, ...RESUME_METHODS),
  startedAtMs: fc.nat(),
  headMs: orNull(duration),
  firstTokenMs: orNull(duration),
  durationMs: duration,
  outcome: fc.oneof(
    fc.record({ type: fc.constant('answered'), finish: orNull(anyFinish) }),
    fc.record({
      type: fc.constant('failed'),
      kind,
      message: text,
      status: count,
      retryAfterMs: count,
      committed: fc.boolean(),
    }),
  ),
  usage: orNull(anyUsage),
  costNanodollars: cost,
  upstreamRequestId: orNull(text),
  warnings: fc.array(anyWarning, { maxLength: 2 }),
});

const anyRow: fc.Arbitrary<RequestLogRow> = fc.record({
  requestId: text,
  startedAtMs: fc.nat(),
  durationMs: duration,
  overheadMs: duration,
  firstTokenMs: orNull(duration),
  protocol: text,
  operation: text,
  model: orNull(text),
  modelKnown: fc.boolean(),
  keyId: orNull(text),
  tags: fc.array(text, { maxLength: 3 }),
  stream: fc.boolean(),
  status: fc.nat(599),
  error: orNull(fc.record({ kind, message: text })),
  attempts: fc.array(anyAttempt, { maxLength: 3 }),
  target: orNull(text),
  routeReason: orNull(text),
  finish: orNull(anyFinish),
  usage: orNull(anyUsage),
  costNanodollars: cost,
  warnings: fc.array(anyWarning, { maxLength: 2 }),
  requestBytes: fc.nat(),
  answerBytes: fc.nat(),
});
