import fc from 'fast-check';

/** One of these characters. */
export function oneOf(characters: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(characters));
}

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> => ({
  weight,
  arbitrary,
});

const METHOD = fc.oneof(
  often(24, fc.constantFrom('GET', 'POST', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')),
  often(
    1,
    fc.constantFrom('get', 'PROPFIND', 'TRACE', 'CONNECT', 'PRI', 'G', 'BREW', 'M-SEARCH', 'GE T', ''),
  ),
);

const TARGET = fc.oneof(
  often(8, fc.constantFrom('/', '/v1/chat/completions', '/v1/models?limit=3', '/a/b;c=d?e=f&g')),
  often(
    3,
    fc.string({ unit: oneOf('ab/%2?&=.~!$\'()*+,:@"<>{}|\\^`[]#'), maxLength: 12 }).map((t) => `/${t}`),
  ),
  often(
    1,
    fc.constantFrom(
      '*',
      'http://x/',
      'x:80',
      '',
      ' /',
      '/a b',
      '/\u00e9',
      '/\u0001',
      '/\t',
      '//x',
      '/\u007f',
    ),
  ),
);

const VERSION = fc.oneof(
  often(28, fc.constant('HTTP/1.1')),
  often(1, fc.constant('HTTP/1.0')),
  often(
    1,
    fc.constantFrom(
      'HTTP/1.2',
      'HTTP/2.0',
      'HTTP/0.9',
      'http/1.1',
      'HTTP/1.1 ',
      'HTTP/11',
      'HTTP/1.',
      '',
      'ICE/1.1',
    ),
  ),
);

const NAME = fc.oneof(
  often(3, fc.string({ unit: oneOf("abcXYZ019-_~!#$%&'*+.^`|"), minLength: 1, maxLength: 8 })),
  often(
    3,
    fc.constantFrom(
      'Cookie',
      'cookie',
      'Set-Cookie',
      'Authorization',
      'User-Agent',
      'X-A',
      'x-a',
      'Accept',
      '__proto__',
    ),
  ),
);
const VALUE = fc.string({ unit: oneOf('ab ,;="\t\u00e9\u00ff:/'), maxLength: 12 });
const HEADERS = fc
  .array(fc.tuple(NAME, VALUE, fc.constantFrom(': ', ':', ':\t ')), { maxLength: 5 })
  .map((headers) => headers.map(([name, value, colon]) => `${name}${colon}${value}\r\n`).join(''));

const HOST = fc.oneof(
  often(30, fc.constantFrom('Host: x\r\n', 'host: localhost:80\r\n')),
  often(
    1,
    fc.constantFrom(
      '',
      'Host: x\r\nHost: x\r\n',
      'Host:\r\n',
      'Host: a b\r\n',
      'Host: x/y\r\n',
      'Host: u@x\r\n',
      'Host : x\r\n',
    ),
  ),
);

const CONNECTION = fc.oneof(
  often(16, fc.constant('')),
  often(
    2,
    fc.constantFrom(
      'Connection: keep-alive\r\n',
      'Connection: close\r\n',
      // Both lines together make node:http deaf to what follows: that we ignore them has a test of its own.
      'Upgrade: websocket\r\n',
      'Connection: upgrade\r\n',
      'Connection: keep-alive, close\r\n',
      'Expect: 100-continue\r\n',
      'Expect: 200-ok\r\n',
    ),
  ),
);

const BODY = fc.string({ unit: oneOf('abc\r\n0 ;\u0000\u00ff'), maxLength: 40 });

const SIZE_SUFFIX = fc.oneof(
  often(8, fc.constant('')),
  often(
    1,
    fc.constantFrom(
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
      'g',
      '\u00e9',
    ),
  ),
);

const TRAILER = fc.oneof(
  often(5, fc.constant('')),
  often(
    1,
    fc.constantFrom(
      'x: y\r\n',
      'bad\r\n',
      ' folded\r\n',
      'content-length: 3\r\n',
      'x : y\r\n',
      'x:\u0001\r\n',
    ),
  ),
);

const CHUNKS = fc
  .tuple(
    fc.array(fc.tuple(BODY, SIZE_SUFFIX, fc.constantFrom('', '', '0', '00', '+', '0x', '-')), {
      maxLength: 3,
    }),
    TRAILER,
  )
  .map(
    ([chunks, trailer]) =>
      chunks
        .filter(([data]) => data !== '')
        .map(([data, suffix, zeros]) => `${zeros}${data.length.toString(16)}${suffix}\r\n${data}\r\n`)
        .join('') + `0\r\n${trailer}\r\n`,
  );

const PLAIN_CHUNKS = fc.array(BODY, { maxLength: 3 }).map(
  (pieces) =>
    pieces
      .filter((data) => data !== '')
      .map((data) => `${data.length.toString(16).toUpperCase()}\r\n${data}\r\n`)
      .join('') + '0\r\n\r\n',
);

/** Lines about framing that are misspelled, or that contradict each other. */
const FRAMING_LINES = [
  'Content-Length: 3',
  'Content-Length: 5',
  'Content-Length: 03',
  'Content-Length: +3',
  'Content-Length: -3',
  'Content-Length: 3,3',
  'Content-Length:',
  'Content-Length : 3',
  'Content-Length: 3 3',
  'Content-Length: 0x3',
  'Content-Length: 3\t',
  'Content-Length: 99999999999999999999',
  'Content_Length: 3',
  'Transfer-Encoding: chunked',
  'transfer-encoding: Chunked ',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding:\u000bchunked',
  'Transfer-Encoding:',
  'Transfer-Encoding',
  'Transfer-Encoding : chunked',
  ' Transfer-Encoding: chunked',
  'X: y\r\n Transfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'Transfer\u0000-Encoding: chunked',
] as const;

const FRAMED = fc.oneof(
  often(
    4,
    BODY.map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`),
  ),
  often(
    4,
    PLAIN_CHUNKS.map((body) => `Transfer-Encoding: chunked\r\n\r\n${body}`),
  ),
  often(
    3,
    CHUNKS.map((body) => `Transfer-Encoding: chunked\r\n\r\n${body}`),
  ),
  often(5, fc.constant('\r\n')),
  often(
    2,
    fc
      .tuple(
        fc.array(fc.constantFrom(...FRAMING_LINES), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('abc', '3\r\nabc\r\n0\r\n\r\n', 'abcde', ''),
      )
      .map(([lines, body]) => `${lines.join('\r\n')}\r\n\r\n${body}`),
  ),
);

/** One byte changed, added or taken away, anywhere; most requests are left alone. */
const MUTATION = fc.oneof(
  often(5, fc.constant(null)),
  often(
    2,
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.integer({ min: 0, max: 2 }),
      insert: oneOf('\r\n\u0000 :\t\u007f\u0080f;\u000b0,').chain((one) =>
        fc.constantFrom('', one, one, '\r\n'),
      ),
    }),
  ),
);

const BLANK = fc.oneof(
  often(24, fc.constant('')),
  often(1, fc.constantFrom('\r\n', '\r\n\r\n', '\n', '\r', ' ')),
);

const REQUEST = fc
  .tuple(BLANK, METHOD, TARGET, VERSION, fc.tuple(HOST, CONNECTION), HEADERS, FRAMED, MUTATION)
  .map(([blank, method, target, version, [host, connection], headers, framed, mutation]) => {
    const request = `${blank}${method} ${target} ${version}\r\n${host}${connection}${headers}${framed}`;
    if (mutation === null) return request;
    const at = Math.floor(mutation.at * request.length);
    return request.slice(0, at) + mutation.insert + request.slice(at + mutation.remove);
  });

/** The bytes of one connection: up to three requests, sound and broken. */
export const CONNECTION_BYTES: fc.Arbitrary<string> = fc
  .array(REQUEST, { minLength: 1, maxLength: 3 })
  .map((requests) => requests.join(''));

/** The same bytes in pieces: whole, or cut at equal or at random places. */
export const SPLIT: fc.Arbitrary<(bytes: string) => string[]> = fc.oneof(
  often(
    4,
    fc.constant((bytes: string) => [bytes]),
  ),
  often(
    1,
    fc.constantFrom(1, 2, 7, 40).map((size) => (bytes: string) => {
      const pieces: string[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
      return pieces;
    }),
  ),
  often(
    2,
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }).map((cuts) => (bytes: string) => {
      const places = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length].toSorted(
        (a, b) => a - b,
      );
      return places
        .slice(1)
        .map((end, index) => bytes.slice(places[index], end))
        .filter((piece) => piece !== '');
    }),
  ),
);
