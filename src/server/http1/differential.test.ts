import { METHODS } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../node/clock.ts';
import { nodeReader, ownReader, type Reading } from './testing/readings.ts';
import { CONNECTION_BYTES, SPLIT } from './testing/requests.ts';

/**
 * Our parser against llhttp, the parser of node:http: the same bytes, in the same pieces, to both servers. What node:http
 * refuses we refuse; what both take, both have read the same: method, target, headers and body, in the same order. Where
 * we refuse more, the reason that we give must stand in `STRICTER`, and the bytes must show it.
 */

/** Differences that are on purpose: our reason, what it is about, and how the bytes show that it is right. */
const STRICTER: readonly (readonly [reason: RegExp, what: string, shown: RegExp])[] = [
  [
    /a method that this server does not know/,
    'methods that no address of ours takes, refused with 501',
    new RegExp(
      `(?:${METHODS.filter((method) => !/^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method)).join('|')}) `,
    ),
  ],
  [/speaks HTTP\/1\.1/, 'versions that llhttp takes for 1.1', /HTTP\/(?:0\.9|2\.0|1\.2)/],
  [/first line is not a method/, 'a line without a version, as in HTTP/0.9', /[A-Z]+ \S+\r\n/],
  [/ends too early/, 'a single CR or LF after the last request', /[\r\n]$/],
  [/no host header/, 'node:http answers 400 and goes on, we close', /HTTP\/1\.1/],
  [/no expectation but/, 'node:http answers 417 and goes on, we close', /expect:/i],
  [/more than one host/, 'node:http takes the first', /host:[^]*host:/i],
  [/host header is not a name/, 'node:http takes any text', /host:[^\r\n]*[ \t/@\u0080-\u00ff"{}|<>\\^`?#]/i],
  [
    /chunk size is not a plain/,
    'chunk extensions with an equals sign and no value, and bytes that are not ASCII in them',
    /\r\n[\da-f]+[^\r\n\da-f]/i,
  ],
  [
    /transfer-encoding is not one/,
    'codings before "chunked", and several lines of it',
    /transfer-encoding:/i,
  ],
  [
    /HTTP\/1\.0 has no transfer-encoding/,
    'a coding that HTTP/1.0 does not know',
    /HTTP\/1\.0[^]*transfer-encoding:/i,
  ],
  [
    /trailer is not sound or is about framing/,
    'trailers that name a length',
    /\r\n0+[^\r\n]*\r\n[^]*(?:content-length|transfer-encoding|connection|host|expect):/i,
  ],
  [
    /target is not an absolute path/,
    'a URL, an authority, an asterisk, a fragment, a second space before it',
    /[A-Z]+ (?:\*|[a-z]+:|\S*[#\u0080-\u00ff]| )/,
  ],
  [
    /does not begin with a method|bare line break|bare CR/,
    'more than one empty line before a request',
    /[\r\n]\r|[\r\n]\n/,
  ],
];

describe('our server and node:http', () => {
  it('see the same requests in the same bytes, and we refuse what node:http refuses', async () => {
    const readOwn = ownReader(createClock());
    const readNode = nodeReader();
    const counts = { taken: 0, refused: 0, stricter: 0 };
    await fc.assert(
      fc.asyncProperty(CONNECTION_BYTES, SPLIT, async (bytes, split) => {
        const pieces = split(bytes);
        const node = await readNode(pieces);
        const own = await readOwn(pieces);
        expect({ loose: looseness(own, node, bytes), own, node }).toEqual({ loose: null, own, node });
        counts.taken += own.seen.length;
        counts.refused += own.end === 'refused' ? 1 : 0;
        counts.stricter += own.end === 'refused' && node.end !== 'refused' ? 1 : 0;
      }),
      { numRuns: RUNS, seed: 20261121 },
    );
    // A generator that only makes refused requests would prove nothing.
    expect(counts.taken).toBeGreaterThan(RUNS / 2);
    expect(counts.refused).toBeGreaterThan(RUNS / 4);
    expect(counts.stricter).toBeLessThan(RUNS / 10);
  });
});

const RUNS = 12_000;

/** Null where our reading is as strict as that of node:http or stricter on purpose; otherwise what is wrong with it. */
function looseness(own: Reading, node: Reading, bytes: string): string | null {
  // Never another request than node:http saw, nor one more.
  if (JSON.stringify(own.seen) !== JSON.stringify(node.seen.slice(0, own.seen.length)))
    return 'it saw another request';
  if (own.seen.length === node.seen.length && own.end === node.end) return null;
  if (own.end === 'refused') {
    const stricter = STRICTER.some(([reason, , shown]) => reason.test(own.why) && shown.test(bytes));
    return stricter ? null : `it refused without need: ${own.why}`;
  }
  if (own.end === 'open') return 'it waits for more where node:http refuses';
  // What follows the last request of a connection is not read; node:http reads it in order to refuse it. For HTTP/1.0
  // we always close.
  const last = node.seen[own.seen.length - 1];
  const mayClose = /close/i.test(last?.headers['connection'] ?? '') || bytes.includes('HTTP/1.0');
  return mayClose ? null : 'it closed without need';
}
