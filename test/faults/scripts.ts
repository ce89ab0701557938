import { crc32, gzipSync } from 'node:zlib';
import type { FaultStep } from '../../src/node/testing/fault-server.ts';
import {
  inOrder,
  streamedAnswer,
  streamedCalls,
  wholeAnswer,
  wholeCalls,
  type CallsManner,
  type Events,
  type Variation,
} from './answers.ts';
import type { CataloguedFault, FaultWire } from './catalogue.ts';
import {
  chunkBytes,
  chunkOf,
  END,
  head,
  HOLD,
  json,
  JSON_TYPE,
  LAST_CHUNK,
  latin1,
  RESET,
  stream,
  streamHead,
  wait,
  whole,
  write,
} from './steps.ts';

/** The request that meets a fault. */
export interface Asked {
  readonly wire: FaultWire;
  readonly streamed: boolean;
}

/** What a faulty provider does with a request. */
export type FaultScript = (asked: Asked) => readonly FaultStep[];

/** What the provider does that an entry of the catalogue describes. */
export function scriptOf(entry: CataloguedFault): FaultScript {
  return DESCRIBED[entry.id] ?? ((asked) => recorded(entry, asked));
}

/** A good answer. */
export function healthy({ wire, streamed }: Asked, variation: Variation = {}): readonly FaultStep[] {
  if (!streamed) return json(wholeAnswer(wire, variation.pieces?.join(''), variation));
  return stream(inOrder(streamedAnswer(wire, variation)));
}

/** A good answer that makes the calls. */
export function healthyCalls({ wire, streamed }: Asked): readonly FaultStep[] {
  return streamed ? stream(streamedCalls(wire, 'interleaved')) : json(wholeCalls(wire));
}

// What went over the wire, as it stands in the entry.
function recorded(
  { status, headers, body, phase, cls }: CataloguedFault,
  asked: Asked,
): readonly FaultStep[] {
  if (phase !== 'stream') return whole(status ?? 500, headers, body);
  const waits = cls === 'stall';
  if (asked.streamed) return [streamHead(), chunkOf(body), waits ? HOLD : write(LAST_CHUNK)];
  // Not streamed the same failure comes as the body: what the last event says, or nothing for as long.
  if (waits) return [write(`${head(200, JSON_TYPE)}content-length: 100\r\n\r\n `), HOLD];
  const last = body.trimEnd().split('data: ').at(-1) ?? '';
  return json(last);
}

// Entries that describe in words what happens.
const DESCRIBED: { readonly [id: string]: FaultScript | undefined } = {
  'bedrock-stream-exception': ({ streamed }) =>
    streamed
      ? [
          write(
            `${head(200, { 'content-type': 'application/vnd.amazon.eventstream' })}transfer-encoding: chunked\r\n\r\n`,
          ),
          write(
            chunkBytes(
              exceptionFrame('modelStreamErrorException', '{"message":"...","originalStatusCode":500}'),
            ),
          ),
          write(LAST_CHUNK),
        ]
      : whole(
          424,
          { ...JSON_TYPE, 'x-amzn-errortype': 'ModelErrorException' },
          '{"message":"The model failed."}',
        ),
  'net-reset-before-headers': () => [RESET],
  'net-reset-after-headers': ({ streamed }) =>
    streamed ? [streamHead(), RESET] : [write(`${head(200, JSON_TYPE)}content-length: 500\r\n\r\n`), RESET],
  'net-hang-headers': () => [HOLD],
  'net-hang-body': ({ streamed }) =>
    streamed ? [streamHead(), HOLD] : [write(`${head(200, JSON_TYPE)}content-length: 500\r\n\r\n`), HOLD],
  'net-hang-midstream': (asked) => begun(asked, [HOLD]),
  'net-dribble': (asked) => {
    const bytes = asked.streamed
      ? latin1(streamedAnswer(asked.wire).pieces[0] ?? '')
      : wholeAnswer(asked.wire);
    const begin = asked.streamed
      ? streamHead()
      : write(`${head(200, JSON_TYPE)}transfer-encoding: chunked\r\n\r\n`);
    const drops = Array.from(bytes.slice(0, 20), (byte) => [write(chunkBytes(byte)), wait(60)]).flat();
    return [begin, ...drops, HOLD];
  },
  'net-latency-10x': (asked) => [wait(120), ...healthy(asked)],
  'net-jitter': (asked) => {
    if (!asked.streamed) return [wait(60), ...healthy(asked)];
    const events = inOrder(streamedAnswer(asked.wire)).map((text, i) => [
      ...(i % 3 === 0 ? [wait(40)] : []),
      chunkOf(text),
    ]);
    return [streamHead(), ...events.flat(), write(LAST_CHUNK)];
  },
  'region-only': () => [RESET],
  'h2-goaway': () => [END],
  'json-null-choices': ({ wire }) => json(NO_CONTENT[wire]),
  'empty-completion': ({ wire, streamed }) =>
    streamed ? stream(inOrder(streamedAnswer(wire, { pieces: [] }))) : json(wholeAnswer(wire, '')),
  'sse-no-done': cutEvents(({ start, pieces, finish }) => [...start, ...pieces, ...finish]),
  'sse-no-finish': (asked) => begun(asked, [write(LAST_CHUNK)]),
  'sse-cut-mid-event': (asked) =>
    begun(asked, [chunkOf('data: {"id":"chatcmpl-1","choi'), write(LAST_CHUNK)]),
  'sse-split-utf8': (asked) =>
    asked.streamed
      ? [streamHead(), ...splitCharacters(inOrder(streamedAnswer(asked.wire)).join('')), write(LAST_CHUNK)]
      : healthy(asked),
  'sse-crlf': ({ wire, streamed }) =>
    streamed
      ? [
          streamHead(),
          chunkOf(`\ufeff: a comment\r\n\r\n${inOrder(streamedAnswer(wire)).map(oddly).join('')}`),
          write(LAST_CHUNK),
        ]
      : json(`\r\n ${wholeAnswer(wire)}\r\n`),
  'sse-dup-chunk': cutEvents(({ start, pieces, finish, end }) => [
    ...start,
    ...pieces.slice(0, 3),
    ...pieces.slice(2),
    ...finish,
    ...end,
  ]),
  'sse-after-done': cutEvents(({ start, pieces, finish, end }) => [
    ...start,
    ...pieces,
    ...finish,
    ...end,
    ': bye\n\n',
    ...end,
  ]),
  'sse-two-finish': cutEvents(({ start, pieces, finish, end }) => [
    ...start,
    ...pieces,
    ...finish,
    ...finish,
    ...end,
  ]),
  'sse-tool-interleaved': calls('interleaved'),
  'sse-tool-missing-id': calls('without-ids'),
  'sse-tool-truncated': calls('truncated'),
  'sse-usage-missing': (asked) => healthy(asked, { usage: null }),
  'sse-usage-null': (asked) => healthy(asked, { usage: null }),
  'sse-usage-negative': (asked) => healthy(asked, { usage: ODD_USAGE[asked.wire] }),
  'sse-json-in-stream': ({ wire }) => json(wholeAnswer(wire)),
  'gzip-undeclared': ({ wire }) => zipped(wholeAnswer(wire), {}),
  'gzip-truncated': ({ wire }) => zipped(wholeAnswer(wire), { 'content-encoding': 'gzip' }, 40),
  'gzip-bomb': () => BOMB,
  'len-mismatch': ({ wire }) => {
    const body = latin1(wholeAnswer(wire));
    return [
      write(`${head(200, JSON_TYPE)}content-length: ${body.length + 50}\r\n\r\n${body.slice(0, -2)}`),
      END,
    ];
  },
  'huge-header': () => [write(`${head(200, { 'x-filler': 'a'.repeat(65_536) })}content-length: 0\r\n\r\n`)],
  'huge-event': ({ streamed }) => [
    streamed ? streamHead() : write(`${head(200, JSON_TYPE)}transfer-encoding: chunked\r\n\r\n`),
    write(chunkBytes('data: {"x":"')),
    // 65 MiB in all; the last chunk never comes.
    ...Array.from({ length: 65 }, () => HUGE_CHUNK),
    HOLD,
  ],
  'clock-skew': () =>
    whole(
      429,
      { ...JSON_TYPE, date: 'Wed, 21 Oct 2026 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2026 07:28:20 GMT' },
      '{}',
    ),
  'early-100-hints': (asked) => [
    write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n'),
    ...healthy(asked),
  ],
};

/** Faults besides the catalogue, of the kind that only real connections have. */
export const MORE_FAULTS: { readonly [id: string]: FaultScript } = {
  'slow-head': (asked) => [
    ...Array.from('HTTP/1.1 200 OK\r\nx-a: ', (byte) => [write(byte), wait(5)]).flat(),
    write(`b\r\n`),
    ...healthy(asked).map((step, i) =>
      i === 0 && step.type === 'write' ? write(step.bytes.slice(step.bytes.indexOf('\r\n') + 2)) : step,
    ),
  ],
  'head-never-ends': () => [write('HTTP/1.1 200 OK\r\nx-a: '), HOLD],
  'half-closed-body': (asked) => begun(asked, [END]),
  'stops-within-a-chunk': (asked) => begun(asked, [write('ff\r\ndata: {"id"'), END]),
  'reset-within-a-chunk': (asked) => begun(asked, [write('ff\r\ndata: {"id"'), RESET]),
  'bad-chunk-size': (asked) => begun(asked, [write('0x5\r\nwrong\r\n')]),
  'length-too-short': ({ wire }) => {
    const body = latin1(wholeAnswer(wire));
    return [write(`${head(200, JSON_TYPE)}content-length: 20\r\n\r\n${body}`)];
  },
  'not-http': () => [write('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
  // Its words reach the caller, whose request it is about.
  'echoes-the-key': () =>
    whole(
      400,
      JSON_TYPE,
      '{"error":{"message":"Bad field. The headers were authorization: Bearer sk-provider and sk-provider, the path ?key=sk-provider","type":"invalid_request_error"}}',
    ),
  'error-after-start-up': ({ wire, streamed }) =>
    streamed
      ? stream([...streamedAnswer(wire).start, ERROR_EVENTS[wire]])
      : json(ERROR_EVENTS[wire].slice(ERROR_EVENTS[wire].indexOf('{'))),
  'error-in-the-middle': (asked) => begun(asked, [chunkOf(ERROR_EVENTS[asked.wire]), write(LAST_CHUNK)]),
};

/** A good stream that is cut behind this many of its bytes; whole answers likewise. */
export function cutAfter(bytes: number, ending: 'reset' | 'end'): FaultScript {
  return (asked) => {
    const last: FaultStep = { type: ending };
    if (!asked.streamed) {
      const body = latin1(wholeAnswer(asked.wire));
      return [
        write(`${head(200, JSON_TYPE)}content-length: ${body.length}\r\n\r\n${body.slice(0, bytes)}`),
        last,
      ];
    }
    const text = latin1(inOrder(streamedAnswer(asked.wire)).join('')).slice(0, bytes);
    return [streamHead(), ...(text === '' ? [] : [write(chunkBytes(text))]), last];
  };
}

// The start of a good answer with some of its text, and then something else.
function begun({ wire, streamed }: Asked, then: readonly FaultStep[]): readonly FaultStep[] {
  const { start, pieces } = streamedAnswer(wire);
  if (streamed) return [streamHead(), ...[...start, ...pieces.slice(0, 4)].map(chunkOf), ...then];
  const body = latin1(wholeAnswer(wire));
  const half = body.slice(0, body.length / 2);
  return [write(`${head(200, JSON_TYPE)}transfer-encoding: chunked\r\n\r\n${chunkBytes(half)}`), ...then];
}

function cutEvents(choose: (events: Events) => readonly string[]): FaultScript {
  return (asked) => (asked.streamed ? stream(choose(streamedAnswer(asked.wire))) : healthy(asked));
}

function calls(manner: CallsManner): FaultScript {
  return ({ wire, streamed }) => {
    if (streamed) return stream(streamedCalls(wire, manner));
    return manner === 'truncated' ? json(wholeCalls(wire).slice(0, -60)) : json(wholeCalls(wire));
  };
}

// An event with CRLF, an id, a retry hint and its data on two lines.
function oddly(text: string): string {
  const lines = text.trimEnd().replace(/^(data: .*?),(?=")/m, '$1,\ndata: ');
  return `id: 1\r\nretry: 1000\r\n${lines.replaceAll('\n', '\r\n')}\r\n\r\n`;
}

// Every byte beyond ASCII begins a chunk, a moment after the one before.
function splitCharacters(text: string): readonly FaultStep[] {
  return latin1(text)
    .split(/(?=[\u0080-\u00ff])/)
    .flatMap((bytes) => [write(chunkBytes(bytes)), wait(0)]);
}

function zipped(
  text: string,
  headers: { readonly [name: string]: string },
  bytes?: number,
): readonly FaultStep[] {
  const body = gzipSync(text).toString('latin1').slice(0, bytes);
  return [write(`${head(200, { ...JSON_TYPE, ...headers })}content-length: ${body.length}\r\n\r\n${body}`)];
}

const BOMB: readonly FaultStep[] = zipped(' '.repeat(65 * 1024 * 1024), { 'content-encoding': 'gzip' });
const HUGE_CHUNK = write(chunkBytes('x'.repeat(1024 * 1024)));

const NO_CONTENT: { readonly [wire in FaultWire]: string } = {
  chat: '{"id":"x","choices":[]}',
  messages: '{"id":"x"}',
  gemini: '{"responseId":"x","candidates":[]}',
};

const ODD_USAGE = {
  chat: { prompt_tokens: -9, completion_tokens: 1.5, total_tokens: 1e300 },
  messages: { input_tokens: -9, output_tokens: 1.5 },
  gemini: { promptTokenCount: -9, candidatesTokenCount: 1.5, totalTokenCount: 1e300 },
} as const;

const ERROR_EVENTS: { readonly [wire in FaultWire]: string } = {
  chat: 'data: {"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}\n\n',
  messages:
    'event: error\ndata: {"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"}}\n\n',
  gemini: 'data: {"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}\n\n',
};

// A frame of Amazon's event stream encoding: lengths, headers, payload, and a checksum of each part.
function exceptionFrame(exception: string, payload: string): string {
  const headers = Buffer.concat(
    [
      [':message-type', 'exception'],
      [':exception-type', exception],
    ].map(([name = '', value = '']) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(value.length);
      return Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.from([7]),
        length,
        Buffer.from(value),
      ]);
    }),
  );
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  const message = Buffer.concat([prelude, checksum(prelude), headers, Buffer.from(payload)]);
  return Buffer.concat([message, checksum(message)]).toString('latin1');
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}
