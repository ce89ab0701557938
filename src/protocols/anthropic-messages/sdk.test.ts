import Anthropic from '@anthropic-ai/sdk';
import AnthropicBefore from 'anthropic-sdk-0';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../spec/error.ts';
import type { StreamPart } from '../../spec/stream.ts';
import { UNKNOWN_USAGE } from '../../spec/usage.ts';
import { contextOf } from '../testing/describe-protocol.ts';
import { anthropicMessages } from './protocol.ts';

const { downstream } = anthropicMessages;
const PARAMS = { model: 'auto', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }] };

interface Client {
  readonly messages: {
    stream(params: typeof PARAMS): { finalMessage(): Promise<unknown> };
    create(params: typeof PARAMS): PromiseLike<unknown>;
  };
}

interface Options {
  readonly apiKey: string;
  readonly maxRetries: number;
  readonly fetch: () => Promise<Response>;
}

const CLIENTS: readonly { readonly version: string; readonly make: (options: Options) => Client }[] = [
  { version: '2026-10-21', make: (options) => new Anthropic(options) },
  { version: '2023-06-01', make: (options) => new AnthropicBefore(options) },
];

describe.each(CLIENTS)('the official client of API version $version', ({ make }) => {
  const clientOf = (status: number, body: string, contentType: string): Client =>
    make({
      apiKey: 'key',
      maxRetries: 0,
      fetch: async () => new Response(body, { status, headers: { 'content-type': contentType } }),
    });

  it('puts a stream with reasoning, interleaved calls and foreign state together', async () => {
    const pump = downstream.encodeStream(contextOf());
    const events = [...PARTS.flatMap((part) => [...pump.push(part)]), ...pump.end()];
    const client = clientOf(200, downstream.frame(events), 'text/event-stream');
    const message = await client.messages.stream(PARAMS).finalMessage();
    expect(message).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'gw1.gemini.sig' },
        { type: 'text', text: 'Paris' },
        { type: 'tool_use', id: 'call_a', name: 'first', input: { a: 1 } },
        { type: 'tool_use', id: 'call_b', name: 'second', input: {} },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 12, output_tokens: 34 },
    });
  });

  it('reads a whole answer', async () => {
    const body = downstream.encodeResult(
      {
        id: null,
        model: null,
        parts: [{ type: 'text', text: 'Paris' }],
        finish: { reason: 'length' },
        usage: { ...UNKNOWN_USAGE, output: 3 },
      },
      contextOf(),
    );
    const client = clientOf(200, JSON.stringify(body), 'application/json');
    const message = await client.messages.create(PARAMS);
    expect(message).toMatchObject({
      id: 'msg_req_test',
      model: 'public-model',
      content: [{ type: 'text', text: 'Paris' }],
      stop_reason: 'max_tokens',
      usage: { input_tokens: 7, output_tokens: 3 },
    });
  });

  it('throws the error of an envelope with its status and type', async () => {
    const { status, body } = downstream.encodeError(new GatewayError('rate_limited', 'Too fast.'), 'req_1');
    const client = clientOf(status, JSON.stringify(body), 'application/json');
    await expect(client.messages.create(PARAMS)).rejects.toMatchObject({
      status: 429,
      error: { error: { type: 'rate_limit_error', message: 'Too fast.' } },
    });
  });

  it('throws an error in the middle of a stream', async () => {
    const error = new GatewayError('upstream_unavailable', 'The provider failed.');
    const start = downstream.encodeStream(contextOf()).push({ type: 'start', id: 'a', model: 'm' });
    const text = downstream.frame([...start, ...downstream.encodeStreamError(error, 'req_1')]);
    const client = clientOf(200, text, 'text/event-stream');
    await expect(client.messages.stream(PARAMS).finalMessage()).rejects.toThrow(/The provider failed/);
  });
});

const PARTS: readonly StreamPart[] = [
  { type: 'start', id: 'chatcmpl-1', model: 'gemini-3' },
  { type: 'block-start', index: 0, block: { type: 'reasoning' } },
  { type: 'reasoning-delta', index: 0, text: 'hm' },
  { type: 'block-end', index: 0, opaque: { origin: 'gemini', value: 'sig' } },
  { type: 'block-start', index: 1, block: { type: 'text' } },
  { type: 'text-delta', index: 1, text: 'Par' },
  { type: 'text-delta', index: 1, text: 'is' },
  { type: 'block-end', index: 1 },
  { type: 'block-start', index: 2, block: { type: 'tool-call', id: 'call_a', name: 'first' } },
  { type: 'block-start', index: 3, block: { type: 'tool-call', id: 'call_b', name: 'second' } },
  { type: 'tool-input-delta', index: 2, text: '{"a"' },
  { type: 'tool-input-delta', index: 3, text: '{}' },
  { type: 'tool-input-delta', index: 2, text: ':1}' },
  { type: 'block-end', index: 2 },
  { type: 'block-end', index: 3 },
  { type: 'finish', finish: { reason: 'tool-calls' } },
  { type: 'usage', usage: { ...UNKNOWN_USAGE, input: 12, output: 34 } },
];
