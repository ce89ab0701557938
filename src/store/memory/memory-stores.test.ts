import { expect, it } from 'vitest';
import { sampleFinished } from '../../events/testing/sample-events.ts';
import { describeStores } from '../testing/conformance.ts';
import { textToBytes } from '../../base/bytes.ts';
import type { KeptAnswer } from '../store.ts';
import { MemoryAnswerStore } from './answer-store.ts';
import { memoryStores } from './memory-stores.ts';

describeStores('memory', () => memoryStores());

it('keeps the latest requests and lets the oldest go', async () => {
  const { requests } = memoryStores({ requestRowsMax: 3 });
  for (let id = 1; id <= 5; id += 1) await requests.append([sampleFinished({ requestId: `r${id}` })]);
  const page = await requests.list({ filters: {}, cursor: null, limit: 10 });
  expect(page.rows.map((row) => row.requestId)).toEqual(['r5', 'r4', 'r3']);
});

it('keeps as many answers as fit, and lets the oldest go', async () => {
  const store = new MemoryAnswerStore(10_000);
  const kept = (id: string, length: number): KeptAnswer => ({
    id,
    keyId: 'key',
    fingerprint: '',
    answer: {
      status: 200,
      headers: [],
      stream: false,
      body: textToBytes('x'.repeat(length)),
      trailers: [],
      whole: true,
    },
    createdAtMs: 0,
    expiresAtMs: 1,
  });
  for (let round = 0; round < 3; round += 1) {
    await store.put([kept('a', 3_000), kept('b', 3_000), kept('c', 3_000)]);
    expect([await store.get('a'), (await store.get('b'))?.id, (await store.get('c'))?.id]).toEqual([
      null,
      'b',
      'c',
    ]);
  }
  await store.prune({ expiredBeforeMs: 1, forgottenBeforeMs: 0, entriesMax: 10 });
  await store.put([kept('d', 6_000)]);
  expect((await store.get('b'))?.answer).toBeNull();
});
