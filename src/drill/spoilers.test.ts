import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CutStream,
  DoubledStream,
  HalfBody,
  TruncatedStream,
  UnfinishedStream,
  type Spoiler,
} from './spoilers.ts';

const EVENTS = [
  'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n',
  ': a comment says nothing\n\n',
  'data: {"choices":[{"delta":{"content":"Hel"}}]}\r\n\r\n',
  'event: x\ndata: {"choices":[{"delta":{"content":"lo"}}]}\n\n',
  'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
  'data: [DONE]\n\n',
];
const STREAM = EVENTS.join('');

// What passes of a stream that arrives in these pieces, and how it ends.
function passed(
  spoiler: Spoiler,
  pieces: readonly string[],
): readonly [bytes: string, ending: string | null] {
  let bytes = '';
  for (const piece of pieces) {
    const { pass, ending } = spoiler.push(piece);
    bytes += pass;
    if (ending !== null) return [bytes, ending];
  }
  const { pass, ending } = spoiler.end();
  return [bytes + pass, ending];
}

const MAKERS: readonly (readonly [name: string, make: () => Spoiler, bytes: string, ending: string])[] = [
  ['cut before anything', () => new CutStream(0, '', 'cut'), '', 'cut'],
  ['cut behind two events', () => new CutStream(2, '', 'reset'), EVENTS.slice(0, 3).join(''), 'reset'],
  [
    'cut with last words',
    () => new CutStream(1, 'data: oops\n\n', 'whole'),
    `${EVENTS[0]}data: oops\n\n`,
    'whole',
  ],
  ['cut behind more events than there are', () => new CutStream(99, '', 'hang'), STREAM, 'hang'],
  ['truncated', () => new TruncatedStream(0), EVENTS[0]!.slice(0, EVENTS[0]!.length / 2), 'whole'],
  ['unfinished', () => new UnfinishedStream('chat'), EVENTS.slice(0, 4).join(''), 'whole'],
  ['doubled', () => new DoubledStream(), EVENTS.map((event) => event + event).join(''), 'whole'],
  ['half', () => new HalfBody('cut'), STREAM.slice(0, Math.floor(STREAM.length / 2)), 'cut'],
];

describe.each(MAKERS)('a stream that is %s', (_, make, bytes, ending) => {
  it('is the same however it arrives', () => {
    expect(passed(make(), [STREAM])).toEqual([bytes, ending]);
    expect(passed(make(), Array.from(STREAM))).toEqual([bytes, ending]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        const pieces: string[] = [];
        for (let at = 0, i = 0; at < STREAM.length; i += 1) {
          const size = sizes[i % sizes.length] ?? 1;
          pieces.push(STREAM.slice(at, at + size));
          at += size;
        }
        expect(passed(make(), pieces)).toEqual([bytes, ending]);
      }),
      { seed: 20261121, numRuns: 100 },
    );
  });
});

describe('half a body', () => {
  it('is given where so much was held as is held at all', () => {
    const spoiler = new HalfBody('cut');
    const piece = 'x'.repeat(1024 * 1024);
    const endings = Array.from({ length: 5 }, () => spoiler.push(piece).ending);
    expect(endings).toEqual([null, null, null, null, 'cut']);
  });
});
