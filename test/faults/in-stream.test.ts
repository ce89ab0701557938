import { describe, expect, it } from 'vitest';
import { brandText } from '../../src/base/brand.ts';
import type { Bytes } from '../../src/base/bytes.ts';
import { SseDecoder } from '../../src/protocols/framing/sse.ts';
import { PROTOCOLS } from '../../src/protocols/index.ts';
import type { Heard, Protocol } from '../../src/protocols/protocol.ts';
import { decodePieces, PLAIN_TARGET } from '../../src/protocols/testing/describe-protocol.ts';
import type { ErrorKind } from '../../src/spec/error.ts';
import { streamedAnswer } from './answers.ts';
import { PROTOCOL_OF, type FaultWire } from './catalogue.ts';
import { latin1 } from './steps.ts';

const ERRORS: readonly (readonly [name: string, event: string, kind: ErrorKind])[] = [
  ['OpenAI', 'data: {"error":{"message":"Sorry","type":"server_error","code":null}}', 'upstream_unavailable'],
  ['OpenAI with spaces', 'data: {"error": {"message": "Slow", "code": "slow_down"}}', 'upstream_overloaded'],
  [
    'OpenRouter',
    'data: {"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"gone"}}',
    'upstream_unavailable',
  ],
  [
    'Anthropic',
    'event: error\ndata: {"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"} }',
    'upstream_overloaded',
  ],
  [
    'Google',
    'data: {"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}',
    'upstream_overloaded',
  ],
  [
    'Google in a list',
    'data: [{"error":{"code":429,"message":"Resource exhausted","status":"RESOURCE_EXHAUSTED"}}]',
    'upstream_rate_limited',
  ],
  ['Mistral', 'data: {"object":"error","message":"Busy","code":"3505"}', 'upstream_rate_limited'],
  ['text', 'data: {"error":"Incorrect API key provided."}', 'upstream_misconfigured'],
  [
    'Responses',
    'event: error\ndata: {"type":"error","code":"rate_limit_exceeded","message":"Too many requests","param":null}',
    'upstream_rate_limited',
  ],
  [
    'Responses, failed',
    'event: response.failed\ndata: {"type":"response.failed","response":{"error":{"code":"server_error","message":"No"}}}',
    'upstream_unavailable',
  ],
];

const WIRES: readonly FaultWire[] = ['chat', 'messages', 'gemini'];

describe.each(WIRES)('an error inside a stream of %s', (wire) => {
  const protocol = protocolOf(wire);
  const { start, pieces } = streamedAnswer(wire);
  const places: readonly (readonly [where: string, before: readonly string[]])[] = [
    ['as the first event', []],
    ['after the start-up events', start],
    ['in the middle', [...start, ...pieces.slice(0, 3)]],
  ];

  it.each(places.flatMap(([where, before]) => ERRORS.map((each) => [...each, where, before] as const)))(
    'in the form of %s',
    (...[, event, kind, , before]) => {
      const stream = latin1([...before, `${event}\n\n`].join(''));
      const parts = decodePieces(protocol, [stream]);
      expect(parts.at(-1)).toMatchObject({ type: 'error', kind });
      expect(heardOf(protocol, stream)).toMatchObject({
        error: { kind },
        content: before.length > start.length,
      });
    },
  );
});

describe('events behind the end of an answer', () => {
  it('are hidden from a client of the wire that has an end', () => {
    const { start, pieces, finish, end } = streamedAnswer('messages');
    const listener = protocolOf('messages').passthrough.listener(PLAIN_TARGET);
    const events = new SseDecoder().push(
      brandText<Bytes>(latin1([...start, ...pieces, ...finish, ...end, ...end].join(''))),
    );
    const hidden = events.map(({ name, data }) => {
      listener.readEvent(name, data);
      return listener.hides?.(name, data) ?? false;
    });
    expect(hidden.filter((each) => each)).toHaveLength(1);
    expect(hidden.at(-1)).toBe(true);
    expect(listener.worthReading('event: content_block_delta')).toBe(true);
  });
});

// As the gateway does it: everything until content came, then what is worth it.
function heardOf(protocol: Protocol, stream: string): Heard {
  const listener = protocol.passthrough.listener(PLAIN_TARGET);
  for (const text of stream.split(/(?<=\n\n)/)) {
    if (listener.heard.content && !listener.worthReading(text)) continue;
    for (const { name, data } of new SseDecoder().push(brandText<Bytes>(text)))
      listener.readEvent(name, data);
  }
  return listener.heard;
}

function protocolOf(wire: FaultWire): Protocol {
  const protocol = PROTOCOLS.find(({ id }) => id === PROTOCOL_OF[wire]);
  if (protocol === undefined) throw new Error(`no protocol speaks ${wire}`);
  return protocol;
}
