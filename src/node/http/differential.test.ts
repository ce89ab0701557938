import { request as httpRequest, createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bytes } from '../../base/bytes.ts';
import { brandText } from '../../base/brand.ts';
import { createClock } from '../clock.ts';
import { ResponseParser } from './response-parser.ts';
import { startFaultServer, type FaultServer, type FaultStep } from '../testing/fault-server.ts';
import { record, testRequest } from '../testing/recorder.ts';
import { SILENT_LOG } from '../testing/transport-harness.ts';
import { createTransport, type NodeTransport } from '../transport.ts';

/**
 * Our parser against llhttp, the parser of node:http: whatever llhttp refuses we must refuse, and where both accept they
 * must have read the same. We may refuse more; what that is stands in `STRICTER`. What follows a complete answer
 * belongs to no answer: we drop it with the connection, while node:http fails or not as the packets happen to come; so
 * node:http gets the bytes up to where our parser says that the answer ends, and would miss any that we left out wrongly.
 */

interface Reading {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

let steps: readonly FaultStep[] = [];
let server: FaultServer;
let transport: NodeTransport;

beforeAll(async () => {
  server = await startFaultServer(() => steps);
  transport = createTransport({ clock: createClock(), log: SILENT_LOG });
});

afterAll(async () => {
  await transport.close();
  await server.close();
});

/** What our client makes of the script, null where it refuses. */
async function readWithOurs(): Promise<Reading | null> {
  const { status, headers, body, end } = await record(transport, testRequest(`${server.url}/`)).done;
  return end === 'end' && status !== null ? { status, headers, body } : null;
}

/** What node:http makes of the script, null where it refuses. */
function readWithNode(): Promise<Reading | null> {
  return new Promise((resolve) => {
    const request = httpRequest(`${server.url}/`, { method: 'POST', agent: false, maxHeaderSize: 65_536 });
    request.on('error', () => resolve(null));
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(null);
    });
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', () => resolve(null));
      response.on('end', () => {
        const headers: (readonly [string, string])[] = [];
        for (let index = 0; index < response.rawHeaders.length; index += 2) {
          headers.push([response.rawHeaders[index]!.toLowerCase(), response.rawHeaders[index + 1]!]);
        }
        const body = Buffer.concat(pieces).toString('latin1');
        resolve({ status: response.statusCode!, headers, body });
      });
    });
    request.end('{}');
  });
}

/** How many bytes our parser takes for the answer; all of them where it finds no end. */
function answerLength(answer: string): number {
  let ended = false;
  const parser = new ResponseParser({
    onMessageHead: () => undefined,
    onMessageData: () => undefined,
    onMessageEnd: () => {
      ended = true;
    },
    onMalformed: () => undefined,
  });
  parser.begin('POST');
  for (let at = 0; at < answer.length; at += 1) {
    parser.push(answer.charAt(at));
    if (ended) return at + 1;
  }
  return answer.length;
}

/** The bytes in pieces, each in a turn of the event loop of its own, then an orderly close. */
function inPieces(bytes: string, size: number): FaultStep[] {
  const steps: FaultStep[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    steps.push({ type: 'write', bytes: bytes.slice(at, at + size) }, { type: 'wait', ms: 0 });
  }
  return [...steps, { type: 'end' }];
}

/** Differences that are on purpose: we refuse, llhttp does not. */
const STRICTER: readonly (readonly [what: string, applies: (answer: string, head: string) => boolean])[] = [
  [
    'an empty line before the status line, another version than 1.0 and 1.1, a status below 100',
    (answer) => !/^HTTP\/1\.[01] [1-9]\d\d(?: |\r\n|$)/.test(answer),
  ],
  ['a switch of protocols', (answer) => answer.includes('HTTP/1.1 101')],
  ['an interim answer with a body', (answer) => /^HTTP\/1\.1 1\d\d/.test(answer)],
  [
    'a transfer coding other than one "chunked"',
    (_answer, head) => CODING.test(head) && !/\r\ntransfer-encoding:[ \t]*chunked[ \t]*(?:\r|$)/i.test(head),
  ],
  ['several transfer codings', (_answer, head) => head.split(CODING).length > 2],
  ['a transfer coding in HTTP/1.0', (answer, head) => answer.startsWith('HTTP/1.0') && CODING.test(head)],
  [
    'a transfer coding without a body, where llhttp decides by what else is in the packet',
    (answer, head) => /^HTTP\/1\.1 (?:204|304)/.test(answer) && CODING.test(head),
  ],
  ['a chunk size of more than twelve digits', (answer) => /\r\n[\da-f]{13,}/i.test(answer)],
  [
    'a chunk extension with an equals sign and no value',
    (answer) => /\r\n[\da-f]+;[^\r]*=(?:;|\r)/i.test(answer),
  ],
  [
    'a trailer that speaks about framing',
    (answer) =>
      /\r\n0+[^\r]*\r\n[^]*(?:content-length|transfer-encoding|connection|host|trailer|upgrade):/i.test(
        answer,
      ),
  ],
];

const CODING = /\r\ntransfer-encoding:/i;

function stricterThanNode(answer: string): boolean {
  const head = answer.split('\r\n\r\n')[0] ?? '';
  return STRICTER.some(([, applies]) => applies(answer, head));
}

/** One of these characters. */
function oneOf(characters: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(characters));
}

const TOKEN = fc.string({ unit: oneOf('abcXYZ019-_~'), minLength: 1, maxLength: 8 });
const VALUE = fc.string({ unit: oneOf('ab ,;="\t\u00e9\u00ff:/'), maxLength: 12 });
const BODY = fc.string({ unit: oneOf('abc\r\n0 ;\u0000\u00ff'), maxLength: 40 });
const HEADERS = fc
  .array(fc.tuple(TOKEN, VALUE), { maxLength: 4 })
  .map((headers) => headers.map(([name, value]) => `${name}: ${value}\r\n`).join(''));

const SIZE_SUFFIX = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ';a',
      ';a=b',
      ';a="b c"',
      ';',
      ' ',
      '; a',
      ';a=',
      ';a="b',
      ';\u0001',
      '\t',
      ';a;b=c',
    ),
  },
);

const CHUNKED = fc
  .tuple(
    fc.array(fc.tuple(BODY, SIZE_SUFFIX, fc.constantFrom('', '0', '00')), { maxLength: 4 }),
    fc.constantFrom(
      '',
      '',
      '',
      'x: y\r\n',
      'bad\r\n',
      ' folded\r\n',
      'content-length: 3\r\n',
      'x : y\r\n',
      'x:\u0001\r\n',
    ),
  )
  .map(
    ([chunks, trailer]) =>
      chunks
        .filter(([data]) => data !== '')
        .map(([data, suffix, zeros]) => `${zeros}${data.length.toString(16)}${suffix}\r\n${data}\r\n`)
        .join('') + `0\r\n${trailer}\r\n`,
  );

const FRAMED = fc.oneof(
  BODY.map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`),
  CHUNKED.map((body) => `Transfer-Encoding: chunked\r\n\r\n${body}`),
  CHUNKED.map((body) => `Transfer-Encoding: chunked\r\n\r\n${body}`),
  BODY.map((body) => `\r\n${body}`),
  // Framing that contradicts itself or is misspelled.
  fc
    .tuple(
      fc.array(
        fc.constantFrom(
          'Content-Length: 3',
          'Content-Length: 5',
          'Content-Length: +3',
          'Content-Length: 3,3',
          'Content-Length:',
          'Content-Length : 3',
          'Content-Length: 3 3',
          'Content-Length: 0x3',
          'Transfer-Encoding: chunked',
          'Transfer-Encoding: Chunked ',
          'Transfer-Encoding: gzip, chunked',
          'Transfer-Encoding: chunked, identity',
          'Transfer-Encoding: xchunked',
          'Transfer-Encoding:\u000bchunked',
          'Transfer-Encoding',
          ' Transfer-Encoding: chunked',
          'Connection: close',
          'Connection: upgrade',
          'Upgrade: h2c',
        ),
        { minLength: 1, maxLength: 3 },
      ),
      fc.constantFrom('abc', '3\r\nabc\r\n0\r\n\r\n', 'abcde'),
    )
    .map(([lines, body]) => `${lines.join('\r\n')}\r\n\r\n${body}`),
);

const STATUS = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 429 ', 'HTTP/1.1 500', 'HTTP/1.0 200 OK'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'HTTP/1.1 204 No Content',
      'HTTP/1.1 304 x',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 x',
      'HTTP/1.1 101 x',
      'HTTP/1.2 200 OK',
      'HTTP/2.0 200 OK',
      'HTTP/1.1 20 OK',
      'HTTP/1.1 2000 OK',
      'HTTP/1.1  200 OK',
      'http/1.1 200 OK',
      'HTTP/1.1 200\tOK',
      '\r\nHTTP/1.1 200 OK',
    ),
  },
);

/** One byte changed, added or taken away, anywhere; most answers are left alone. */
const MUTATION = fc.option(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.integer({ min: 0, max: 2 }),
    insert: fc.constantFrom(
      '',
      '\r',
      '\n',
      '\u0000',
      ' ',
      ':',
      '\t',
      '\u007f',
      '\u0080',
      'f',
      '\r\n',
      ';',
      '\u000b',
    ),
  }),
  { freq: 2 },
);

const ANSWER = fc.tuple(STATUS, HEADERS, FRAMED, MUTATION).map(([status, headers, framed, mutation]) => {
  const answer = `${status}\r\n${headers}${framed}`;
  if (mutation === null) return answer;
  const at = Math.floor(mutation.at * answer.length);
  return answer.slice(0, at) + mutation.insert + answer.slice(at + mutation.remove);
});

describe('our client and node:http', () => {
  it('read the same from the same bytes, and we refuse what node:http refuses', async () => {
    const counts = { both: 0, neither: 0, stricter: 0 };
    await fc.assert(
      fc.asyncProperty(ANSWER, fc.constantFrom(1, 2, 7, 40, 1000, 1000), async (answer, size) => {
        steps = inPieces(answer.slice(0, answerLength(answer)), size);
        const node = await readWithNode();
        steps = inPieces(answer, size);
        const ours = await readWithOurs();
        counts[ours === null ? (node === null ? 'neither' : 'stricter') : 'both'] += 1;
        const expected = node !== null && ours === null && stricterThanNode(answer) ? null : node;
        expect(ours).toEqual(expected);
      }),
      { numRuns: 400, seed: 20261121 },
    );
    // A generator that only makes refused answers would prove nothing.
    expect(counts.both).toBeGreaterThan(100);
    expect(counts.neither).toBeGreaterThan(50);
    expect(counts.stricter).toBeLessThan(100);
  });

  it('agree on every request that we send', async () => {
    const heard: { method: string; url: string; headers: string[]; body: string }[] = [];
    const http = createHttpServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const body = Buffer.concat(pieces).toString('latin1');
        heard.push({ method: request.method!, url: request.url!, headers: request.rawHeaders, body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => {
      http.listen(0, '127.0.0.1', resolve);
    });
    const authority = `127.0.0.1:${(http.address() as AddressInfo).port}`;
    const owned = new Set([
      'host',
      'accept-encoding',
      'content-length',
      'transfer-encoding',
      'connection',
      'te',
    ]);
    const sound = fc.array(
      fc.tuple(
        fc.string({ unit: oneOf('abcxyz019-_.!#$%&*+^`|~'), minLength: 1, maxLength: 12 }),
        fc.string({ unit: oneOf('aB9 "{}\t\u0080\u00e9\u00ff'), maxLength: 20 }),
      ),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD'),
        fc.webPath(),
        sound,
        fc.oneof(
          fc.string({ unit: 'binary-ascii', maxLength: 100 }),
          fc.constantFrom('x'.repeat(65_536), '\u00ff'.repeat(200_000)),
        ),
        async (method, path, headers, body) => {
          const given = headers.filter(([name]) => !owned.has(name));
          const sent = method === 'POST' ? body : '';
          const url = `http://${authority}/p${path}`;
          const request = testRequest(url, { method, headers: given, body: brandText<Bytes>(sent) });
          expect((await record(transport, request).done).end).toBe('end');
          expect(heard.pop()).toEqual({
            method,
            url: new URL(url).pathname + new URL(url).search,
            headers: [
              'host',
              authority,
              'accept-encoding',
              'identity',
              ...given.flatMap(([name, value]) => [name, value.replace(/^[ \t]+|[ \t]+$/g, '')]),
              ...(method === 'POST' ? ['content-length', String(sent.length)] : []),
            ],
            body: sent,
          });
        },
      ),
      { numRuns: 150, seed: 20261121 },
    );
    http.closeAllConnections();
    await new Promise((resolve) => {
      http.close(resolve);
    });
  });

  it.each<[what: string, headers: [string, string][]]>([
    ['CR and LF in a value', [['x-model', 'gpt\r\nx-admin: 1']]],
    ['LF alone in a value', [['x-model', 'gpt\nx-admin: 1']]],
    ['CR alone in a value', [['x-model', 'gpt\rx-admin: 1']]],
    ['NUL in a value', [['x-model', 'gpt\u0000']]],
    ['a character above U+00FF whose low byte is LF', [['x-model', 'gpt\u010ax-admin: 1']]],
    ['a line break in a name', [['x-a\r\nx-b', '1']]],
    ['a colon in a name', [['x-a:x-b', '1']]],
    ['a space in a name', [['x-a ', '1']]],
    ['an empty name', [['', '1']]],
    ['a name in upper case, which would hide from checks', [['Transfer-Encoding', 'chunked']]],
    ['a length of its own', [['content-length', '0']]],
    ['a transfer coding', [['transfer-encoding', 'chunked']]],
    ['another host', [['host', 'internal.example']]],
    ['a connection header', [['connection', 'upgrade']]],
  ])('never sees %s: it is refused before anything is sent', async (_what, headers) => {
    const before = server.requests.length;
    const { end } = await record(transport, testRequest(`${server.url}/`, { headers })).done;
    expect(end).toMatchObject({ type: 'malformed', sent: false });
    expect(server.requests).toHaveLength(before);
  });
});
