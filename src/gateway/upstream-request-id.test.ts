import { expect, it } from 'vitest';
import type { Headers } from '../spec/wire.ts';
import { upstreamRequestId } from './upstream-request-id.ts';

it.each<[string, Headers, string | null]>([
  ["OpenAI's", [['x-request-id', 'req_1']], 'req_1'],
  ["Anthropic's", [['request-id', 'req_2']], 'req_2'],
  [
    'the more common one of two',
    [
      ['request-id', 'b'],
      ['x-request-id', 'a'],
    ],
    'a',
  ],
  [
    'another where one is too long to be an id',
    [
      ['x-request-id', 'x'.repeat(201)],
      ['request-id', 'b'],
    ],
    'b',
  ],
  ['none where there is none', [['content-type', 'application/json']], null],
])("takes a provider's id of a request: %s", (_name, headers, id) => {
  expect(upstreamRequestId(headers)).toBe(id);
});
