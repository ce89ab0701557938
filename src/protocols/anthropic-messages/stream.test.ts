import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textToBytes } from '../../base/bytes.ts';
import { asString, field, fieldAt, parseJsonOr, type JsonObject } from '../../base/json.ts';
import type { StreamPart } from '../../spec/stream.ts';
import { UNKNOWN_USAGE } from '../../spec/usage.ts';
import type { WireEvent } from '../../spec/wire.ts';
import { SEED } from '../testing/arbitraries.ts';
import { collect } from '../testing/collect.ts';
import { contextOf, decodePieces } from '../testing/describe-protocol.ts';
import { anthropicMessages } from './protocol.ts';
import { checkOrder } from './testing/order.ts';

const START: StreamPart = { type: 'start', id: 'chatcmpl-1', model: 'gpt-4.1' };
const STOP: StreamPart = { type: 'finish', finish: { reason: 'stop' } };
const CALLS: StreamPart = { type: 'finish', finish: { reason: 'tool-calls' } };

describe('streams towards a client', () => {
  it('writes interleaved calls one after the other', () => {
    const events = encode([
      START,
      call(0, 'call_a', 'first'),
      call(1, 'call_b', 'second'),
      input(0, '{"a"'),
      input(1, '{"b"'),
      input(0, ':1}'),
      input(1, ':2}'),
      end(0),
      end(1),
      CALLS,
    ]);
    expect(checkOrder(events)).toBe('complete');
    expect(content(events)).toMatchObject([
      { id: 'call_a', name: 'first', arguments: '{"a":1}' },
      { id: 'call_b', name: 'second', arguments: '{"b":2}' },
    ]);
  });

  it('keeps any interleaving of calls whole and in order', () => {
    const schedule = fc.array(fc.nat(2), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(schedule, (turns) => {
        const parts: StreamPart[] = [START, call(0, 'a', 'f'), call(1, 'b', 'f'), call(2, 'c', 'f')];
        const sent = ['', '', ''];
        for (const [i, index] of turns.entries()) {
          const fragment = `x${i}`;
          sent[index] += fragment;
          parts.push(input(index, fragment));
        }
        const events = encode([...parts, end(2), end(0), end(1), CALLS]);
        expect(checkOrder(events)).toBe('complete');
        const texts = content(events).map((part) => (part.type === 'tool-call' ? part.arguments : ''));
        // A call of one fragment is held back, so its broken arguments could be wrapped.
        const heard = texts.map((one) => asString(field(parseJsonOr(one, null), '_raw_arguments')) ?? one);
        expect(heard.map((one) => (one === '{}' ? '' : one))).toEqual(sent);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('writes no empty text block before a call', () => {
    const events = encode([START, text(0), end(0), call(1, 'call_a', 'f'), end(1), CALLS]);
    expect(checkOrder(events)).toBe('complete');
    expect(content(events)).toEqual([{ type: 'tool-call', id: 'call_a', name: 'f', arguments: '{}' }]);
  });

  it('says tool_use where a provider calls tools and ends with an ordinary stop', () => {
    const events = encode([START, call(0, 'call_a', 'f'), end(0), STOP]);
    expect(payload(events, 'message_delta')).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });

  it('announces the estimate and ends with the truth that came after the finish', () => {
    const usage = { ...UNKNOWN_USAGE, input: 90, cacheRead: 10, output: 5, reasoning: 3 };
    const events = encode([START, text(0), words(0, 'hi'), end(0), STOP, { type: 'usage', usage }]);
    expect(payload(events, 'message_start')).toMatchObject({ message: { usage: { input_tokens: 7 } } });
    expect(payload(events, 'message_delta')['usage']).toEqual({
      input_tokens: 90,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: 10,
      output_tokens: 8,
      output_tokens_details: { thinking_tokens: 3 },
    });
  });

  it('estimates the output where a provider ends its answer without a count', () => {
    const text: StreamPart = { type: 'text-delta', index: 0, text: 'x'.repeat(41) };
    const block: StreamPart = { type: 'block-start', index: 0, block: { type: 'text' } };
    const events = encode([START, block, text, end(0), STOP]);
    expect(payload(events, 'message_start')).toMatchObject({ message: { usage: { output_tokens: 0 } } });
    expect(payload(events, 'message_delta')).toMatchObject({ usage: { input_tokens: 7, output_tokens: 11 } });
  });

  it('never ends a stream that has no finish', () => {
    const events = encode([START, text(0), words(0, 'hal')]);
    expect(checkOrder(events)).toBe('broken-off');
  });

  it('tells an error inside of the stream and nothing after it', () => {
    const error: StreamPart = { type: 'error', kind: 'upstream_overloaded', message: 'Overloaded.' };
    const events = encode([START, text(0), words(0, 'hal'), error, words(0, 'f'), STOP]);
    expect(checkOrder(events)).toBe('error');
    expect(payload(events, 'error')).toMatchObject({
      error: { type: 'overloaded_error', message: 'Overloaded.' },
    });
  });

  it('closes what a provider left open before its finish', () => {
    const events = encode([START, text(0), words(0, 'a'), call(1, 'call_a', 'f'), input(1, '{}'), CALLS]);
    expect(checkOrder(events)).toBe('complete');
    expect(content(events)).toHaveLength(2);
  });
});

describe('a stream that is taken over from a provider that died', () => {
  const start: StreamPart = { ...START, id: 'msg_1' };

  it('goes on in the block that is open, and counts on behind it', () => {
    const events = resume(
      [start, call(0, 'call_a', 'f'), input(0, '{"a"'), end(0), call(1, 'call_b', 'f'), input(1, '{"b"')],
      [input(1, ':2}'), end(1), call(2, 'call_c', 'f'), input(2, '{"c":'), input(2, '3}'), end(2), CALLS],
    );
    expect(inputsOf(events)).toEqual([
      [1, ':2}'],
      [2, '{"c":'],
      [2, '3}'],
    ]);
    expect(indexesOf(events, 'content_block_start')).toEqual([2]);
    expect(indexesOf(events, 'content_block_stop')).toEqual([1, 2]);
  });

  it('goes on in all blocks that the provider left open at once, and opens others behind them', () => {
    const events = resume(
      [start, call(0, 'call_a', 'f'), call(1, 'call_b', 'f'), input(0, '{"a"'), input(1, '{"b"')],
      [
        call(2, 'call_c', 'f'),
        input(2, '{"c":'),
        input(1, ':2}'),
        input(0, ':1}'),
        end(0),
        input(2, '3}'),
        end(2),
        end(1),
        CALLS,
      ],
    );
    expect(inputsOf(events)).toEqual([
      [1, ':2}'],
      [0, ':1}'],
      [2, '{"c":'],
      [2, '3}'],
    ]);
    expect(indexesOf(events, 'content_block_start')).toEqual([2]);
    expect(indexesOf(events, 'content_block_stop')).toEqual([0, 1, 2]);
    expect(events.at(-1)?.name).toBe('message_stop');
  });

  it('closes at the finish what is open still, each once', () => {
    const events = resume(
      [start, call(0, 'call_a', 'f'), call(1, 'call_b', 'f'), input(0, '{}'), input(1, '{}')],
      [end(1), CALLS],
    );
    expect(indexesOf(events, 'content_block_stop')).toEqual([1, 0]);
    expect(events.filter(({ name }) => name === 'message_stop')).toHaveLength(1);
    expect(payload(events, 'message_delta')).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });
});

describe('signed state of other wires', () => {
  const opaque = { origin: 'gemini', value: 'sig/+=.with.dots' };

  it('comes back on the call that it was attached to', () => {
    const events = encode([START, call(0, 'call:1', 'f'), input(0, '{"a":1}'), end(0, opaque), CALLS]);
    expect(checkOrder(events)).toBe('complete');
    expect(returned(events)).toEqual([
      { type: 'tool-call', id: 'call:1', name: 'f', arguments: '{"a":1}', opaque },
    ]);
  });

  it('comes back on its call when the call came in fragments, and with a second one beside it', () => {
    const events = encode([
      START,
      call(0, 'call_a', 'f'),
      input(0, '{"a"'),
      input(0, ':1}'),
      end(0, opaque),
      call(1, 'call_b', 'f'),
      end(1),
      CALLS,
    ]);
    expect(returned(events)).toEqual([
      { type: 'tool-call', id: 'call_a', name: 'f', arguments: '{"a":1}', opaque },
      { type: 'tool-call', id: 'call_b', name: 'f', arguments: '{}' },
    ]);
  });

  it('comes back on text, on an empty text and on reasoning', () => {
    const events = encode([
      START,
      { type: 'block-start', index: 0, block: { type: 'reasoning' } },
      { type: 'reasoning-delta', index: 0, text: 'hm' },
      end(0, { origin: 'openai-responses', value: 'enc' }),
      { type: 'block-start', index: 1, block: { type: 'reasoning' } },
      end(1, { origin: 'openai-responses', value: 'hidden' }),
      text(2),
      words(2, 'Paris'),
      end(2, opaque),
      text(3),
      end(3, opaque),
      STOP,
    ]);
    expect(checkOrder(events)).toBe('complete');
    expect(returned(events)).toEqual([
      { type: 'reasoning', text: 'hm', opaque: { origin: 'openai-responses', value: 'enc' } },
      { type: 'reasoning', text: null, opaque: { origin: 'openai-responses', value: 'hidden' } },
      { type: 'text', text: 'Paris', opaque },
      { type: 'text', text: '', opaque },
    ]);
  });
});

describe('streams of providers', () => {
  it('takes an omitted thought for shown as nothing, and a redacted one for hidden', () => {
    const parts = decode([
      { type: 'message_start', message: { id: 'msg_1', model: 'claude', usage: {} } },
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'thinking', thinking: '', signature: '' },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'sig' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'secret' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
      { type: 'message_stop' },
    ]);
    expect(checkOrder(encode(parts))).toBe('complete');
    const types = encode(parts).map(
      (event) => JSON.parse(event.data) as { content_block?: { type: string } },
    );
    expect(types.flatMap((one) => one.content_block?.type ?? [])).toEqual(['thinking', 'redacted_thinking']);
  });

  it('opens a block of its own for a delta of another kind', () => {
    const parts = decode([
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
    ]);
    const { result, finish } = collect(parts);
    expect(result.parts.slice(-2)).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'hello' },
    ]);
    expect(finish).toEqual({ reason: 'stop', raw: 'end_turn' });
  });

  it('takes the last value of each counter and keeps the breakdown of cache writes', () => {
    const start = {
      input_tokens: 500,
      cache_creation_input_tokens: 10,
      cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 6 },
      output_tokens: 1,
    };
    const parts = decode([
      { type: 'message_start', message: { id: 'm', model: 'kimi', usage: start } },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: {
          input_tokens: 20,
          cache_creation_input_tokens: 10,
          cache_read_input_tokens: 470,
          output_tokens: 9,
        },
      },
      { type: 'message_stop' },
    ]);
    expect(collect(parts).result.usage).toMatchObject({
      input: 20,
      cacheRead: 470,
      cacheWrite5m: 4,
      cacheWrite1h: 6,
      output: 9,
    });
  });

  it('calls what is no JSON garbled', () => {
    expect(decodePieces(anthropicMessages, [textToBytes('data: {"type":\n\n')]).at(-1)).toMatchObject({
      type: 'error',
      kind: 'upstream_garbled',
    });
  });

  it('knows words of the future and goes on', () => {
    const parts = decode([
      { type: 'message_start', message: { id: 'm', model: 'claude', usage: {} } },
      { type: 'message_pondered', depth: 3 },
      { type: 'message_delta', delta: { stop_reason: 'bored' }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ]);
    expect(collect(parts).finish).toEqual({ reason: 'stop', raw: 'bored' });
  });
});

function call(index: number, id: string, name: string): StreamPart {
  return { type: 'block-start', index, block: { type: 'tool-call', id, name } };
}

function input(index: number, fragment: string): StreamPart {
  return { type: 'tool-input-delta', index, text: fragment };
}

function text(index: number): StreamPart {
  return { type: 'block-start', index, block: { type: 'text' } };
}

function words(index: number, delta: string): StreamPart {
  return { type: 'text-delta', index, text: delta };
}

function end(index: number, opaque?: { origin: string; value: string }): StreamPart {
  return { type: 'block-end', index, ...(opaque === undefined ? {} : { opaque }) };
}

function encode(parts: readonly StreamPart[]): readonly WireEvent[] {
  const pump = anthropicMessages.downstream.encodeStream(contextOf());
  return [...parts.flatMap((part) => [...pump.push(part)]), ...pump.end()];
}

function resume(seen: readonly StreamPart[], parts: readonly StreamPart[]): readonly WireEvent[] {
  const pump = anthropicMessages.downstream.resumeStream(contextOf(), seen);
  return [...parts.flatMap((part) => [...pump.push(part)]), ...pump.end()];
}

function inputsOf(events: readonly WireEvent[]): readonly (readonly [index: unknown, text: unknown])[] {
  return events
    .filter(({ name }) => name === 'content_block_delta')
    .map(({ data }) => parseJsonOr(data, null))
    .map((data) => [field(data, 'index'), fieldAt(data, 'delta', 'partial_json')]);
}

function indexesOf(events: readonly WireEvent[], type: string): readonly unknown[] {
  return events
    .filter(({ name }) => name === type)
    .map(({ data }) => field(parseJsonOr(data, null), 'index'));
}

function decode(payloads: readonly (JsonObject & { readonly type: string })[]): readonly StreamPart[] {
  const frames = payloads.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`);
  return decodePieces(anthropicMessages, [textToBytes(frames.join(''))]);
}

function content(events: readonly WireEvent[]) {
  const frames = anthropicMessages.downstream.frame(events);
  return collect(decodePieces(anthropicMessages, [textToBytes(frames)])).result.parts;
}

// What a client that stores the blocks it heard would send back in its next request.
function returned(events: readonly WireEvent[]) {
  const blocks: Record<string, string>[] = [];
  for (const { data } of events) {
    const one = JSON.parse(data) as {
      type: string;
      content_block: Record<string, string>;
      delta: Record<string, string>;
    };
    const last = blocks.at(-1)!;
    if (one.type === 'content_block_start') blocks.push({ ...one.content_block });
    if (one.type !== 'content_block_delta') continue;
    const { type, partial_json, ...rest } = one.delta;
    for (const [key, value] of Object.entries(rest)) last[key] = `${last[key]}${value}`;
    if (type === 'input_json_delta') last['json'] = `${last['json'] ?? ''}${partial_json}`;
  }
  const sent = blocks.map(({ json, ...block }) =>
    json === undefined ? block : { ...block, input: JSON.parse(json) as unknown },
  );
  const body = { model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content: sent as never }] };
  return anthropicMessages.downstream.decodeRequest(body, {}).messages[0]!.parts;
}

function payload(events: readonly WireEvent[], name: string): Record<string, unknown> {
  return JSON.parse(events.find((event) => event.name === name)!.data) as Record<string, unknown>;
}
