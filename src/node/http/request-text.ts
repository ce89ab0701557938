import type { WireRequest } from '../../spec/wire.ts';
import type { Refusal } from './failure.ts';
import type { Target } from './target.ts';

/**
 * The head of a request as it goes over the wire, or why it may not go: a name or value that could end its line early
 * would let whoever controls it write headers or whole requests of his own (request smuggling).
 */
export function requestHead(request: WireRequest, target: Target): string | Refusal {
  let head = `${request.method} ${target.path} HTTP/1.1\r\nhost: ${target.authority}\r\naccept-encoding: identity\r\n`;
  for (const [name, value] of request.headers) {
    const owned = OWNED.get(name);
    if (owned === 'skip' || (owned === 'host' && value === target.authority)) continue;
    if (owned !== undefined) return refusal(`The header ${name} is the transport's own and cannot be given.`);
    if (!NAME.test(name))
      return refusal('A header name holds characters that a name may not have, or upper case.');
    if (UNSAFE_VALUE.test(value))
      return refusal(`The value of the header ${name} holds characters that may not be sent.`);
    head += `${name}: ${value}\r\n`;
  }
  if (request.body.length > 0 || request.method === 'POST')
    head += `content-length: ${request.body.length}\r\n`;
  return `${head}\r\n`;
}

/** RFC 9110 5.6.2 token, lower case as the headers of this program always are. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** RFC 9110 5.5: visible characters, space, tab and obs-text; a character above U+00FF would be cut to another one. */
const UNSAFE_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/;

/** Headers that say how the message is framed or how the connection is used. */
const OWNED: ReadonlyMap<string, 'skip' | 'host' | 'refuse'> = new Map([
  // Answers come uncompressed: splicing and looking for usage need the plain bytes.
  ['accept-encoding', 'skip'],
  // Signatures cover the host, so signers pass it along; another host than the URL's is refused.
  ['host', 'host'],
  ['connection', 'refuse'],
  ['content-length', 'refuse'],
  ['expect', 'refuse'],
  ['http2-settings', 'refuse'],
  ['keep-alive', 'refuse'],
  ['proxy-connection', 'refuse'],
  ['te', 'refuse'],
  ['trailer', 'refuse'],
  ['transfer-encoding', 'refuse'],
  ['upgrade', 'refuse'],
]);

function refusal(message: string): Refusal {
  return { type: 'malformed', message };
}
