import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD_BYTES_MAX } from '../unreadable.ts';
import { RequestParser } from './request-parser.ts';
import { CONNECTION_BYTES, SPLIT } from './testing/requests.ts';

/** Every request that is read from the pieces, and the status of the refusal that ended the reading, 0 where none did. */
function readAll(pieces: readonly string[]): { readonly read: readonly string[]; readonly refused: number } {
  const parser = new RequestParser(100_000);
  const read: string[] = [];
  for (const piece of pieces) {
    parser.push(piece);
    for (let parsed = parser.read(); parsed !== 'more'; parsed = parser.read()) {
      if (parsed === 'refused') return { read, refused: parser.refusal!.status };
      if (parsed === 'continue') continue;
      const { method, target } = parser.head!;
      const headers = JSON.stringify(parser.head!.headers());
      read.push(`${method} ${target} ${headers} ${parser.takeBody()}`);
    }
  }
  return { read, refused: 0 };
}

const collectGarbage = heapCollector();

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** The engine's own function, which is there only when it is asked for. */
function heapCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

const LINE = 'POST / HTTP/1.1';
const HOST = 'Host: x';
const CHUNKED = 'Transfer-Encoding: chunked';

function lines(...text: string[]): string {
  return text.join('\r\n');
}

/** A request with these header lines, and a body that would be another request if its length were misread. */
function withHeaders(...headers: string[]): string {
  return lines(LINE, HOST, ...headers, '', '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n');
}

/** A chunked request with this text after its head. */
function withChunks(chunks: string): string {
  return `${lines(LINE, HOST, CHUNKED, '', '')}${chunks}`;
}

/**
 * Ways in which two programs were made to disagree about where a request ends (the corpora of http-garden, h2c and
 * "HTTP desync" research). One of the two would have been us.
 */
const SMUGGLING: readonly (readonly [what: string, bytes: string, status: number])[] = [
  ['a length and a coding', withHeaders('Content-Length: 5', CHUNKED), 400],
  ['a coding and a length', withHeaders(CHUNKED, 'Content-Length: 5'), 400],
  ['two lengths', withHeaders('Content-Length: 5', 'Content-Length: 6'), 400],
  ['the same length twice', withHeaders('Content-Length: 5', 'Content-Length: 5'), 400],
  ['a list of lengths', withHeaders('Content-Length: 5, 5'), 400],
  ['a length with a sign', withHeaders('Content-Length: +5'), 400],
  ['a negative length', withHeaders('Content-Length: -5'), 400],
  ['a length in hexadecimal', withHeaders('Content-Length: 0x5'), 400],
  ['a length with an exponent', withHeaders('Content-Length: 1e1'), 400],
  ['a length with an underscore', withHeaders('Content-Length: 1_0'), 400],
  ['a length with a fraction', withHeaders('Content-Length: 5.0'), 400],
  ['an empty length', withHeaders('Content-Length:'), 400],
  ['a length beyond integers', withHeaders('Content-Length: 18446744073709551621'), 400],
  ['a length in other digits', withHeaders('Content-Length: \u00b2'), 400],
  ['a length with a space inside', withHeaders('Content-Length: 1 0'), 400],
  ['a length whose name ends with a space', withHeaders('Content-Length : 5'), 400],
  ['a length whose name ends with a tab', withHeaders('Content-Length\t: 5'), 400],
  ['a length after a NUL', withHeaders('Content-Length: \u00005'), 400],
  ['a coding whose name ends with a space', withHeaders('Transfer-Encoding : chunked'), 400],
  ['a coding with a vertical tab', withHeaders('Transfer-Encoding:\u000bchunked'), 400],
  ['a coding with a form feed', withHeaders('Transfer-Encoding: \u000cchunked'), 400],
  ['a coding with a no-break space', withHeaders('Transfer-Encoding: \u00a0chunked'), 400],
  ['a coding with a letter before it', withHeaders('Transfer-Encoding: xchunked'), 400],
  ['a coding in quotes', withHeaders('Transfer-Encoding: "chunked"'), 400],
  ['a coding with a comma', withHeaders('Transfer-Encoding: chunked,'), 400],
  ['a coding with a parameter', withHeaders('Transfer-Encoding: chunked;q=1'), 400],
  ['an empty coding', withHeaders('Transfer-Encoding:'), 400],
  ['the identity coding', withHeaders('Transfer-Encoding: identity'), 400],
  ['a coding before chunked', withHeaders('Transfer-Encoding: gzip, chunked'), 400],
  ['a coding after chunked', withHeaders('Transfer-Encoding: chunked, gzip'), 400],
  ['chunked twice', withHeaders(CHUNKED, CHUNKED), 400],
  ['chunked twice in one line', withHeaders('Transfer-Encoding: chunked, chunked'), 400],
  ['chunked and something else', withHeaders(CHUNKED, 'Transfer-Encoding: cow'), 400],
  ['a coding folded onto a second line', withHeaders('Transfer-Encoding:\r\n chunked'), 400],
  ['a coding hidden in a folded line', withHeaders('X: y\r\n Transfer-Encoding: chunked'), 400],
  ['a coding behind a bare LF', withHeaders('X: y\nTransfer-Encoding: chunked'), 400],
  ['a coding behind a bare CR', withHeaders('X: y\rTransfer-Encoding: chunked'), 400],
  ['a coding without a colon', withHeaders('Transfer-Encoding'), 400],
  ['a NUL in a name', withHeaders('Transfer\u0000-Encoding: chunked'), 400],
  ['an empty name', withHeaders(': chunked'), 400],
  ['a name that is not ASCII', withHeaders('Content-L\u00e9ngth: 5'), 400],
  ['a first header that is folded', lines(LINE, ` ${HOST}`, '', ''), 400],
  ['a coding in HTTP/1.0', lines('POST / HTTP/1.0', CHUNKED, '', '0\r\n\r\n'), 400],
  ['a head of bare LFs', 'GET / HTTP/1.1\nHost: x\n\n', 400],
  ['a head that ends with LF LF', `${LINE}\r\n${HOST}\n\n`, 400],
  ['no host', lines('GET / HTTP/1.1', '', ''), 400],
  ['two hosts', lines('GET / HTTP/1.1', HOST, HOST, '', ''), 400],
  ['a host with a path', lines('GET / HTTP/1.1', 'Host: x/y', '', ''), 400],
  ['a host with a user', lines('GET / HTTP/1.1', 'Host: u@x', '', ''), 400],
  ['two words as a method', lines('GET POST / HTTP/1.1', HOST, '', ''), 400],
  ['two spaces before the target', lines('GET  / HTTP/1.1', HOST, '', ''), 400],
  ['a tab before the version', lines('GET /\tHTTP/1.1', HOST, '', ''), 400],
  ['a space after the version', lines('GET / HTTP/1.1 ', HOST, '', ''), 400],
  ['a space in the target', lines('GET /a b HTTP/1.1', HOST, '', ''), 400],
  ['a fragment in the target', lines('GET /a#b HTTP/1.1', HOST, '', ''), 400],
  ['a URL as target', lines('GET http://y/ HTTP/1.1', HOST, '', ''), 400],
  ['an authority as target', lines('CONNECT y:443 HTTP/1.1', HOST, '', ''), 400],
  ['an asterisk as target', lines('OPTIONS * HTTP/1.1', HOST, '', ''), 400],
  ['bytes that are not ASCII in the target', lines('GET /\u00e9 HTTP/1.1', HOST, '', ''), 400],
  ['no version', lines('GET /', HOST, '', ''), 400],
  ['the preface of HTTP/2', lines('PRI * HTTP/2.0', '', 'SM', '', ''), 505],
  ['HTTP/2.0', lines('GET / HTTP/2.0', HOST, '', ''), 505],
  ['HTTP/0.9', lines('GET / HTTP/0.9', HOST, '', ''), 505],
  ['a version in small letters', lines('GET / http/1.1', HOST, '', ''), 400],
  ['a method in small letters', lines('get / HTTP/1.1', HOST, '', ''), 501],
  ['an unknown method', lines('BREW / HTTP/1.1', HOST, '', ''), 501],
  ['a second empty line before the request', `\r\n\r\n${lines('GET / HTTP/1.1', HOST, '', '')}`, 400],
  ['a TLS handshake', '\u0016\u0003\u0001\u0002\u0000\u0001', 400],
  ['an unknown expectation', withHeaders('Content-Length: 5', 'Expect: 200-ok'), 417],
  ['a chunk size with a sign', withChunks('+1\r\na\r\n0\r\n\r\n'), 400],
  ['a chunk size with 0x', withChunks('0x1\r\na\r\n0\r\n\r\n'), 400],
  ['a chunk size with an underscore', withChunks('1_0\r\na\r\n0\r\n\r\n'), 400],
  ['a chunk size with a space before it', withChunks(' 1\r\na\r\n0\r\n\r\n'), 400],
  ['a chunk size with a space after it', withChunks('1 \r\na\r\n0\r\n\r\n'), 400],
  ['an empty chunk size', withChunks('\r\na\r\n0\r\n\r\n'), 400],
  ['an extension without a size', withChunks(';a=b\r\na\r\n0\r\n\r\n'), 400],
  ['a chunk size that overflows 32 bits', withChunks('100000001\r\na\r\n0\r\n\r\n'), 400],
  ['a chunk size that overflows 64 bits', withChunks('10000000000000001\r\na\r\n0\r\n\r\n'), 400],
  ['a chunk longer than its size', withChunks('1\r\nab\r\n0\r\n\r\n'), 400],
  ['a chunk shorter than its size', withChunks('3\r\nab\r\n0\r\n\r\n'), 400],
  ['a chunk size ended by LF', withChunks('1\na\r\n0\r\n\r\n'), 400],
  ['a chunk ended by LF', withChunks('1\r\na\n0\r\n\r\n'), 400],
  ['a line break in a chunk extension', withChunks('1;a\nb\r\na\r\n0\r\n\r\n'), 400],
  ['a NUL in a chunk extension', withChunks('1;\u0000\r\na\r\n0\r\n\r\n'), 400],
  ['a last chunk ended by LF', withChunks('0\n\n'), 400],
  ['a trailer with a length', withChunks('0\r\nContent-Length: 5\r\n\r\n'), 400],
  ['a trailer with a coding', withChunks(`0\r\n${CHUNKED}\r\n\r\n`), 400],
  ['a trailer that is folded', withChunks('0\r\nx: y\r\n z\r\n\r\n'), 400],
  ['a trailer without a colon', withChunks('0\r\nGET /smuggled HTTP/1.1\r\n\r\n'), 400],
  [
    'a trailer that is a request with a host',
    withChunks('0\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'),
    400,
  ],
  ['a body that says it is too long', withHeaders('Content-Length: 100001'), 413],
  ['a chunk that says it is too long', withChunks('186a1\r\n'), 413],
  ['a head that is too long', lines(LINE, HOST, `X: ${'y'.repeat(HEAD_BYTES_MAX)}`, '', ''), 431],
  ['a head that never ends', `${LINE}\r\nX: ${'y'.repeat(HEAD_BYTES_MAX)}`, 431],
  ['too many headers', lines(LINE, ...Array.from({ length: 201 }, () => 'a: b'), '', ''), 431],
  ['a chunk extension that is too long', withChunks(`1;${'a'.repeat(300)}\r\na\r\n0\r\n\r\n`), 400],
  ['a body of chunk extensions', withChunks(`1;${'a'.repeat(200)}\r\na\r\n`.repeat(100)), 400],
  ['trailers that are too long', withChunks(`0\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(20)}\r\n`), 400],
];

const SOUND: readonly (readonly [what: string, bytes: string, read: readonly string[]])[] = [
  ['nothing but a host', lines('GET /a?b HTTP/1.1', HOST, '', ''), ['GET /a?b {"host":"x"} ']],
  ['an empty host', lines('GET / HTTP/1.1', 'Host:', '', ''), ['GET / {"host":""} ']],
  ['an address as host', lines('GET / HTTP/1.1', 'Host: [::1]:80', '', ''), ['GET / {"host":"[::1]:80"} ']],
  ['no host in HTTP/1.0', lines('GET / HTTP/1.0', '', ''), ['GET / {} ']],
  [
    'one empty line before the request',
    `\r\n${lines('GET / HTTP/1.1', HOST, '', '')}`,
    ['GET / {"host":"x"} '],
  ],
  [
    'blanks around a value',
    lines('GET / HTTP/1.1', 'hOsT: \t x\t ', 'A:\u00a0b ', '', ''),
    ['GET / {"host":"x","a":"\u00a0b"} '],
  ],
  [
    'repeated headers',
    lines(
      'GET / HTTP/1.1',
      HOST,
      'a: 1',
      'A: 2',
      'cookie: c',
      'cookie: d',
      'authorization: e',
      'authorization: f',
      '',
      '',
    ),
    ['GET / {"host":"x","a":"1, 2","cookie":"c; d","authorization":"e"} '],
  ],
  [
    'a counted body and what follows it',
    lines(LINE, HOST, 'Content-Length: 002', '', 'ab') + lines('GET / HTTP/1.1', HOST, '', ''),
    ['POST / {"host":"x","content-length":"002"} ab', 'GET / {"host":"x"} '],
  ],
  [
    'chunks with extensions, capital digits and trailers',
    lines(
      LINE,
      HOST,
      'transfer-encoding: Chunked',
      '',
      '00A;a;b=c;d="e;\\""\r\n0123456789\r\n1\r\n\u00ff\r\n000\r\nx: y\r\n\r\n',
    ),
    ['POST / {"host":"x","transfer-encoding":"Chunked"} 0123456789\u00ff'],
  ],
];

describe('a request parser', () => {
  it.each(SMUGGLING)('refuses %s', (_what, bytes, status) => {
    expect(readAll([bytes])).toEqual({ read: [], refused: status });
    expect(readAll(Array.from(bytes))).toEqual({ read: [], refused: status });
  });

  it.each(SOUND)('takes %s', (_what, bytes, read) => {
    expect(readAll([bytes])).toEqual({ read, refused: 0 });
    expect(readAll(Array.from(bytes))).toEqual({ read, refused: 0 });
  });

  it('reads the same whatever pieces the bytes come in', () => {
    fc.assert(
      fc.property(CONNECTION_BYTES, SPLIT, (bytes, split) => {
        expect(readAll(split(bytes))).toEqual(readAll([bytes]));
      }),
      { numRuns: 3_000, seed: 20261121 },
    );
  });

  it('keeps a body of single bytes in about its own length', () => {
    const parser = new RequestParser(1_000_000);
    parser.push(lines(LINE, HOST, CHUNKED, '', ''));
    parser.read();
    const chunks = '1\r\na\r\n'.repeat(1_000);
    const before = heapBytes();
    for (let round = 0; round < 500; round += 1) {
      parser.push(chunks);
      parser.read();
    }
    expect(heapBytes() - before).toBeLessThan(4_000_000);
    parser.push('0\r\n\r\n');
    expect(parser.read()).toBe('request');
    expect(parser.takeBody()).toBe('a'.repeat(500_000));
  });

  it.each([
    ['one name without end', 'a'.repeat(65_000)],
    ['many short lines and a bad one', `${'a:\r\n'.repeat(16_000)}\u00ff`],
    ['many lines of blanks and a bad one', `a:${' '.repeat(100)}\r\n`.repeat(600) + '()'],
    ['one value with a bad end', `a:${' \t'.repeat(32_000)}\u0001`],
    ['a target without end', '/'.repeat(65_000)],
  ])(
    'refuses in a moment a head that would make a careless expression go back and forth: %s',
    (_what, text) => {
      const startedMs = performance.now();
      expect(readAll([`${LINE}\r\n${text}\r\n\r\n`]).refused).toBeGreaterThanOrEqual(400);
      expect(readAll([`GET ${text} HTTP/1.1\r\n\r\n`]).refused).toBeGreaterThanOrEqual(400);
      expect(performance.now() - startedMs).toBeLessThan(200);
    },
  );

  it('needs no longer for a head in single bytes than its length asks for', () => {
    const head = lines(LINE, HOST, `X: ${'y'.repeat(60_000)}`, '', '');
    const startedMs = performance.now();
    expect(readAll(Array.from(head)).read).toHaveLength(1);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
