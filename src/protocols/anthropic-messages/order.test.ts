import { describe, expect, it } from 'vitest';
import { describeShared } from '../../../test/shared.ts';
import { textToBytes } from '../../base/bytes.ts';
import type { WireEvent } from '../../spec/wire.ts';
import { SseDecoder, toWireEvent } from '../framing/sse.ts';
import { checkOrder } from './testing/order.ts';
import { recorded } from './testing/recorded.ts';

describeShared('the order of recorded streams', () => {
  it.each(recorded('messages').filter((one) => one.stream?.includes('"message_stop"')))(
    'is kept by $id',
    ({ stream }) => {
      const framing = new SseDecoder();
      const events = [...framing.push(textToBytes(stream!)), ...framing.end()].map(toWireEvent);
      expect(checkOrder(events)).toBe('complete');
    },
  );
});

describe('the order of events', () => {
  const start = { type: 'message_start' };
  const open = (index: number, type = 'text') => ({
    type: 'content_block_start',
    index,
    content_block: { type },
  });
  const delta = (index: number, type = 'text_delta') => ({
    type: 'content_block_delta',
    index,
    delta: { type },
  });
  const close = (index: number) => ({ type: 'content_block_stop', index });
  const ending = [{ type: 'message_delta' }, { type: 'message_stop' }];

  it.each([
    ['a block inside of another', [start, open(0), delta(0), open(1)]],
    ['a delta of another kind', [start, open(0), delta(0, 'thinking_delta')]],
    ['an index that was skipped', [start, open(1)]],
    ['a block that stays open', [start, open(0), delta(0), ...ending]],
    ['an empty text', [start, open(0), close(0), ...ending]],
    ['a stop without its delta', [start, { type: 'message_stop' }]],
    ['two starts', [start, start]],
    ['an event after the end', [start, ...ending, { type: 'ping' }]],
    ['an event after an error', [start, { type: 'error' }, ...ending]],
  ])('is broken by %s', (_, payloads) => {
    expect(() => checkOrder(payloads.map(named))).toThrow(/^event \d+: /);
  });

  it('is broken by an event without its name', () => {
    expect(() => checkOrder([{ ...named(start), name: '' }])).toThrow(/is named ""/);
  });
});

function named(payload: { readonly type: string }): WireEvent {
  return { name: payload.type, data: JSON.stringify(payload) };
}
