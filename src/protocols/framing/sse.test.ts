import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brandText } from '../../base/brand.ts';
import { textToBytes, type Bytes } from '../../base/bytes.ts';
import { GatewayError } from '../../spec/error.ts';
import { encodeSse, SseDecoder, toWireEvent, type SseEvent } from './sse.ts';

function decode(pieces: readonly string[], eventBytesMax?: number): SseEvent[] {
  const decoder = new SseDecoder(eventBytesMax);
  const events = pieces.flatMap((piece) => decoder.push(brandText<Bytes>(piece)));
  return [...events, ...decoder.end()];
}

const cases: readonly (readonly [
  name: string,
  stream: string,
  events: readonly (readonly [string, string])[],
])[] = [
  [
    'line feeds',
    'data: a\n\ndata: b\n\n',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'CRLF',
    'event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n',
    [
      ['x', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'carriage returns alone',
    'event: x\rdata: a\r\rdata: b\r\r',
    [
      ['x', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'mixed line ends',
    'data: a\r\n\ndata: b\n\r\ndata: c\r\r\n',
    [
      ['', 'a'],
      ['', 'b'],
      ['', 'c'],
    ],
  ],
  ['no space after the colon', 'data:a\n\n', [['', 'a']]],
  ['only one space is taken away', 'data:  a\n\n', [['', ' a']]],
  ['several data lines', 'data: a\ndata: b\n\n', [['', 'a\nb']]],
  ['comments between and inside events', ': hello\n\ndata: a\n: PROCESSING\ndata: b\n\n:\n', [['', 'a\nb']]],
  ['a byte order mark', '\u00ef\u00bb\u00bfdata: a\n\n', [['', 'a']]],
  ['a byte order mark later is not skipped', 'data: a\n\n\u00ef\u00bb\u00bfdata: b\n\n', [['', 'a']]],
  ['unknown fields', 'id: 7\nretry: 100\ndatabase: x\neventful: y\nfoo\ndata: a\n\n', [['', 'a']]],
  ['an event without data is none', 'event: ping\n\ndata: a\n\n', [['', 'a']]],
  ['a data field without a colon', 'data\n\n', [['', '']]],
  [
    'the name does not outlive its event',
    'event: x\ndata: a\n\ndata: b\n\n',
    [
      ['x', 'a'],
      ['', 'b'],
    ],
  ],
  ['a last event without blank line', 'data: {"a":1}\n', [['', '{"a":1}']]],
  ['a last event without any line end', 'data: {"a":1}', [['', '{"a":1}']]],
  [
    'a terminator without blank line',
    'data: {}\n\ndata: [DONE]',
    [
      ['', '{}'],
      ['', '[DONE]'],
    ],
  ],
  ['a last event that was cut off', 'data: {}\n\ndata: {"a":', [['', '{}']]],
];

describe('SseDecoder', () => {
  it.each(cases)('reads %s', (_, stream, expected) => {
    expect(decode([stream]).map((event) => [event.name, event.data])).toEqual(expected);
  });

  it.each(cases)('reads %s byte by byte', (_, stream, expected) => {
    expect(decode(stream.split('')).map((event) => [event.name, event.data])).toEqual(expected);
  });

  it('gives the same events however the stream is cut', () => {
    const text = fc.array(
      fc.constantFrom(
        'data: ',
        'data:',
        'event: ',
        ':',
        '\n',
        '\r\n',
        '\r',
        '\n\n',
        'ü',
        '😀',
        '{"a":1}',
        'x',
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(8), { minLength: 1, maxLength: 40 }), (words, sizes) => {
        const stream = textToBytes(words.join(''));
        expect(decode(cut(stream, sizes))).toEqual(decode([stream]));
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });

  it('reads back what encodeSse writes, whole characters included', () => {
    const wireEvent = fc.record({
      name: fc.constantFrom('', 'message_start', 'ping'),
      data: fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\r', '\n')),
    });
    fc.assert(
      fc.property(fc.array(wireEvent), fc.array(fc.nat(5), { minLength: 1 }), (events, sizes) => {
        const stream = textToBytes(encodeSse(events));
        expect(decode(cut(stream, sizes)).map(toWireEvent)).toEqual(events);
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });

  it('reads an event of a megabyte in pieces of one to seven bytes without quadratic work', () => {
    const payload = JSON.stringify({ image: 'QUJD'.repeat(256 * 1024) });
    const stream = `data: ${payload}\n\n`;
    const pieces: string[] = [];
    for (let at = 0, size = 1; at < stream.length; at += size, size = (size % 7) + 1) {
      pieces.push(stream.slice(at, at + size));
    }
    const startedAtMs = performance.now();
    const events = decode(pieces);
    // Quadratic work would be some 10^11 steps: minutes. Linear work takes well under a second.
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
    expect(events).toHaveLength(1);
    expect(events[0]!.data === payload).toBe(true);
  });

  it('refuses an event larger than the limit, with or without a line end', () => {
    const oversized = [
      'data: ' + 'x'.repeat(200),
      'data: ' + 'x'.repeat(60) + '\ndata: ' + 'x'.repeat(60) + '\n',
    ];
    for (const stream of oversized) {
      expect(() => decode([stream], 100)).toThrow(GatewayError);
      expect(() => decode(stream.split(''), 100)).toThrow(/larger than 100 bytes/);
    }
    expect(
      decode(['data: ' + 'x'.repeat(60) + '\n\n', 'data: ' + 'x'.repeat(60) + '\n\n'], 100),
    ).toHaveLength(2);
  });
});

function cut(stream: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (let i = 0; at < stream.length && i < 10_000; i += 1) {
    const size = sizes[i % sizes.length]!;
    pieces.push(stream.slice(at, at + size));
    at += size;
  }
  return [...pieces, stream.slice(at)];
}
