import { expect, it } from 'vitest';
import { sampleFinished } from '../../events/testing/sample-events.ts';
import { describeStores } from '../testing/conformance.ts';
import { memoryStores } from './memory-stores.ts';

describeStores('memory', () => memoryStores());

it('keeps the latest requests and lets the oldest go', async () => {
  const { requests } = memoryStores({ requestRowsMax: 3 });
  for (let id = 1; id <= 5; id += 1) await requests.append([sampleFinished({ requestId: `r${id}` })]);
  const page = await requests.list({ filters: {}, cursor: null, limit: 10 });
  expect(page.rows.map((row) => row.requestId)).toEqual(['r5', 'r4', 'r3']);
});
