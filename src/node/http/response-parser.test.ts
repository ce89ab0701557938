import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Headers } from '../../spec/wire.ts';
import type { Refusal } from './failure.ts';
import { ResponseParser, type MessageOutcome } from './response-parser.ts';

interface Parsed {
  status: number | null;
  headers: Headers;
  body: string;
  outcome: MessageOutcome | Refusal['type'] | 'cut' | 'open';
}

/** Feeds the pieces to a parser; `open` means that it waits for more. */
function parse(pieces: readonly string[], method = 'POST', last: 'eof' | 'open' = 'open'): Parsed {
  const parsed: Parsed = { status: null, headers: [], body: '', outcome: 'open' };
  const parser = new ResponseParser({
    onMessageHead: (status, headers) => Object.assign(parsed, { status, headers }),
    onMessageData: (bytes) => {
      parsed.body += bytes;
    },
    onMessageEnd: (outcome) => Object.assign(parsed, { outcome }),
    onMalformed: (refusal) => Object.assign(parsed, { outcome: refusal.type }),
  });
  parser.begin(method);
  for (const piece of pieces) {
    if (parsed.outcome === 'open') parser.push(piece);
  }
  if (last === 'eof' && parsed.outcome === 'open' && !parser.eof()) parsed.outcome = 'cut';
  return parsed;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const KEPT = { reusable: true, keepAliveMs: null };
const NOT_KEPT = { reusable: false, keepAliveMs: null };

describe('ResponseParser', () => {
  it.each<[name: string, text: string, body: string, outcome: MessageOutcome]>([
    ['a length', `${OK}Content-Length: 5\r\n\r\nhello`, 'hello', KEPT],
    ['a length of zero', `${OK}content-length: 0\r\n\r\n`, '', KEPT],
    ['chunks', `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, 'hello world', KEPT],
    ['chunks of many digits', `${CHUNKED}00000A\r\n0123456789\r\n000\r\n\r\n`, '0123456789', KEPT],
    ['chunk extensions', `${CHUNKED}1;a=b;c="d\\"e";f\r\nx\r\n0;last\r\n\r\n`, 'x', KEPT],
    ['trailers', `${CHUNKED}1\r\nx\r\n0\r\nx-checksum: 1\r\nx-other: 2\r\n\r\n`, 'x', KEPT],
    [
      'interim answers first',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nlink: a\r\n\r\n${OK}content-length: 1\r\n\r\nx`,
      'x',
      KEPT,
    ],
    ['status 204', 'HTTP/1.1 204 No Content\r\n\r\n', '', KEPT],
    [
      'status 304 with the length of what it stands for',
      'HTTP/1.1 304 x\r\ncontent-length: 9\r\n\r\n',
      '',
      KEPT,
    ],
    ['status 204 with a length', 'HTTP/1.1 204 x\r\ncontent-length: 2\r\n\r\n', '', NOT_KEPT],
    ['no reason and no space before it', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', '', KEPT],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx', 'x', NOT_KEPT],
    ['connection: close', `${OK}connection: foo, Close\r\ncontent-length: 1\r\n\r\nx`, 'x', NOT_KEPT],
    ['more than the length', `${OK}content-length: 1\r\n\r\nxy`, 'x', NOT_KEPT],
    ['more than the last chunk', `${CHUNKED}0\r\n\r\nHTTP/1.1`, '', NOT_KEPT],
    [
      'a keep-alive limit',
      `${OK}keep-alive: timeout=5, max=100\r\ncontent-length: 0\r\n\r\n`,
      '',
      { reusable: true, keepAliveMs: 5000 },
    ],
  ])('reads %s', (_name, text, body, outcome) => {
    const parsed = parse([text]);
    expect([parsed.body, parsed.outcome]).toEqual([body, outcome]);
  });

  it('gives header names in lower case, values without blanks around them, in their order', () => {
    const parsed = parse([
      `${OK}X-A: \t one  two \t\r\nset-cookie: a\r\nSet-Cookie: b\r\nx-empty:\r\nx-latin: \u00e9\u00a0\r\ncontent-length: 0\r\n\r\n`,
    ]);
    expect(parsed.headers).toEqual([
      ['x-a', 'one  two'],
      ['set-cookie', 'a'],
      ['set-cookie', 'b'],
      ['x-empty', ''],
      ['x-latin', '\u00e9\u00a0'],
      ['content-length', '0'],
    ]);
  });

  it.each([
    ['two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\n`],
    ['two equal lengths', `${OK}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`],
    ['a list of lengths', `${OK}content-length: 5, 5\r\n\r\nhello`],
    ['a signed length', `${OK}content-length: +5\r\n\r\nhello`],
    ['a negative length', `${OK}content-length: -5\r\n\r\n`],
    ['a hexadecimal length', `${OK}content-length: 0x5\r\n\r\n`],
    ['an empty length', `${OK}content-length:\r\n\r\n`],
    ['a length beyond all bounds', `${OK}content-length: 9999999999999999\r\n\r\n`],
    ['a length and a coding', `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['a coding and a length', `${OK}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n`],
    ['two codings', `${OK}transfer-encoding: gzip, chunked\r\n\r\n`],
    ['the same coding twice', `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['another coding', `${OK}transfer-encoding: identity\r\n\r\n`],
    ['a misspelled coding', `${OK}transfer-encoding: xchunked\r\n\r\n`],
    ['a coding with a vertical tab', `${OK}transfer-encoding: \u000bchunked\r\n\r\n`],
    ['a coding in HTTP/1.0', `HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['a space before the colon', `${OK}content-length : 5\r\n\r\nhello`],
    ['a folded header', `${OK}x-a: b\r\n c\r\n\r\n`],
    ['a first header that is folded', `${OK} x-a: b\r\n\r\n`],
    ['a header without a colon', `${OK}x-a\r\n\r\n`],
    ['a header without a name', `${OK}: b\r\n\r\n`],
    ['a name with a NUL', `${OK}x\u0000: b\r\n\r\n`],
    ['a name outside ASCII', `${OK}x\u00e9: b\r\n\r\n`],
    ['a value with a NUL', `${OK}x: a\u0000b\r\n\r\n`],
    ['a bare CR in a value', `${OK}x: a\rb\r\n\r\n`],
    ['a bare LF between headers', `${OK}x: a\ny: b\r\n\r\n`],
    ['an empty line before the status line', `\r\n${OK}\r\n`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['version 0.9', 'HTTP/0.9 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
    ['two spaces before the status', 'HTTP/1.1  200 OK\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 x\r\nupgrade: h2c\r\n\r\n'],
    ['too many interim answers', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(9)],
    ['an interim answer with a body', 'HTTP/1.1 100 x\r\ncontent-length: 3\r\n\r\nabc'],
    ['too many headers', `${OK}${'x: y\r\n'.repeat(201)}\r\n`],
    ['a coding with status 204', 'HTTP/1.1 204 x\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['a coding with status 304', 'HTTP/1.1 304 x\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['an empty chunk size', `${CHUNKED}\r\n`],
    ['a chunk size with a prefix', `${CHUNKED}0x5\r\nhello\r\n`],
    ['a signed chunk size', `${CHUNKED}+5\r\nhello\r\n`],
    ['a chunk size with a space', `${CHUNKED}5 \r\nhello\r\n`],
    ['a chunk size with a space before it', `${CHUNKED} 5\r\nhello\r\n`],
    ['a chunk size with an underscore', `${CHUNKED}1_0\r\n`],
    ['a chunk size beyond all bounds', `${CHUNKED}fffffffffffff\r\n`],
    ['a chunk size ended by a bare LF', `${CHUNKED}5\nhello\r\n`],
    ['a chunk extension with a bare CR', `${CHUNKED}5;a\rb\r\nhello\r\n`],
    ['an endless chunk extension', `${CHUNKED}5;${'a'.repeat(300)}`],
    ['extensions that outweigh the body', `${CHUNKED}${`1;${'a'.repeat(200)}\r\nx\r\n`.repeat(100)}`],
    ['a chunk longer than its size', `${CHUNKED}5\r\nhello!\r\n`],
    ['a chunk without its line end', `${CHUNKED}5\r\nhello5\r\n`],
    ['a folded trailer', `${CHUNKED}0\r\nx: a\r\n b\r\n\r\n`],
    ['a trailer about framing', `${CHUNKED}0\r\ncontent-length: 4\r\n\r\n`],
    ['endless trailers', `${CHUNKED}0\r\n${'x: y\r\n'.repeat(5000)}`],
  ])('refuses %s', (_name, text) => {
    expect(parse([text]).outcome).toBe('malformed');
    expect(parse(text.split('')).outcome).toBe('malformed');
  });

  it.each([
    ['with its end', `${OK}x: ${'a'.repeat(70_000)}\r\n\r\n`],
    ['without an end', `${OK}${'x: y\r\n'.repeat(20_000)}`],
  ])('refuses a head that is too large, %s', (_name, text) => {
    expect(parse([text]).outcome).toBe('too-large');
  });

  it('reads a body without length until the connection ends, and never keeps such a connection', () => {
    expect(parse([`${OK}\r\nall `, 'of it'], 'GET', 'eof')).toMatchObject({
      body: 'all of it',
      outcome: NOT_KEPT,
    });
  });

  it('expects no body after HEAD', () => {
    expect(parse([`${OK}content-length: 5\r\n\r\n`], 'HEAD').outcome).toEqual(KEPT);
  });

  it.each([
    ['no head', ''],
    ['part of a head', OK],
    ['part of a length', `${OK}content-length: 5\r\n\r\nhell`],
    ['part of a chunk', `${CHUNKED}5\r\nhell`],
    ['no last chunk', `${CHUNKED}5\r\nhello\r\n`],
    ['no end of trailers', `${CHUNKED}0\r\n`],
  ])('does not take %s for a complete answer', (_name, text) => {
    expect(parse(text === '' ? [] : [text], 'POST', 'eof').outcome).toBe('cut');
  });

  it('hands on the sound part of a body before it refuses the rest', () => {
    expect(parse([`${CHUNKED}5\r\nhello\r\nzz\r\n`])).toMatchObject({ body: 'hello', outcome: 'malformed' });
  });

  it('hands on all chunks of one read together', () => {
    let pieces = 0;
    const parser = new ResponseParser({
      onMessageHead: () => undefined,
      onMessageData: () => (pieces += 1),
      onMessageEnd: () => undefined,
      onMalformed: () => undefined,
    });
    parser.begin('POST');
    parser.push(`${CHUNKED}${'1\r\nx\r\n'.repeat(100)}`);
    parser.push(`${'1\r\ny\r\n'.repeat(100)}0\r\n\r\n`);
    expect(pieces).toBe(2);
  });

  it('refuses bytes that answer no request', () => {
    let refused = 0;
    const parser = new ResponseParser({
      onMessageHead: () => undefined,
      onMessageData: () => undefined,
      onMessageEnd: () => undefined,
      onMalformed: () => (refused += 1),
    });
    parser.push(`${OK}content-length: 0\r\n\r\n`);
    expect(refused).toBe(1);
  });

  it('reads the same whatever the pieces it comes in', () => {
    const body = fc.oneof(
      fc
        .string({ unit: 'binary-ascii', maxLength: 60 })
        .map((text) => `content-length: ${text.length}\r\n\r\n${text}`),
      fc
        .array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 5 })
        .map((chunks) => [...chunks, ''].map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join(''))
        .map((text) => `transfer-encoding: chunked\r\n\r\n${text}`),
      // Anything at all, mostly malformed.
      fc
        .string({ unit: 'binary-ascii', maxLength: 60 })
        .map((text) => `transfer-encoding: chunked\r\n\r\n5\r\nhel${text}`),
    );
    fc.assert(
      fc.property(body, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (rest, sizes) => {
        const text = `HTTP/1.1 100 Continue\r\n\r\n${OK}x: y\r\n${rest}`;
        const pieces: string[] = [];
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(text.slice(at, at + size));
          at += size;
        }
        const whole = parse([text], 'POST', 'eof');
        const split = parse(pieces, 'POST', 'eof');
        // Whether more than the answer came is known only where both came in one piece.
        if (typeof whole.outcome === 'object') whole.outcome = KEPT;
        if (typeof split.outcome === 'object') split.outcome = KEPT;
        expect(split).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });
});
