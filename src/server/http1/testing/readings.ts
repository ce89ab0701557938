import { createServer } from 'node:http';
import { brandText } from '../../../base/brand.ts';
import type { Bytes } from '../../../base/bytes.ts';
import { ERROR_KINDS } from '../../../spec/error.ts';
import type { Clock } from '../../../spec/ports.ts';
import { HEAD_BYTES_MAX, HEADERS_MAX } from '../../unreadable.ts';
import { splitTarget } from '../../request.ts';
import type { Router } from '../../router.ts';
import { Http1Server } from '../server.ts';
import { memoryClient, type MemoryClient } from './memory-socket.ts';

/** A request as a handler saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** What a server made of the bytes of one connection. */
export interface Reading {
  readonly seen: readonly SeenRequest[];
  /** Whether it refused something, or closed by itself after an answer; otherwise it waited for more. */
  readonly end: 'refused' | 'closed' | 'open';
  /** What the last answer said, of a server whose refusals say why. */
  readonly why: string;
}

/** A server that reads bytes, piece by piece, up to the end of the connection. */
export type Reader = (pieces: readonly string[]) => Promise<Reading>;

/** Our own server as a reader. */
export function ownReader(clock: Clock): Reader {
  return async (pieces) => {
    const seen: SeenRequest[] = [];
    const router: Router = {
      route: ({ method, path, query, headers, body, sink }) => {
        seen.push({ method, path, query, headers: plain(headers), body });
        sink.answer(200, [], brandText<Bytes>('ok'));
      },
      refuse: ({ sink }, error) => sink.answer(ERROR_KINDS[error.kind].status, [], brandText<Bytes>('no')),
    };
    const limits = { bodyBytesMax: 1_000_000, headTimeoutMs: 1e6, bodyTimeoutMs: 1e6, keepAliveMs: 1e6 };
    const server = new Http1Server({ limits, router, clock });
    const client = memoryClient();
    server.accept(client.socket);
    const closed = await play(client, pieces);
    const why = /"message":"([^"]*)/.exec(client.text())?.[1] ?? '';
    return { seen, end: REFUSED.test(client.text()) ? 'refused' : closed ? 'closed' : 'open', why };
  };
}

/** node:http, strict as the gateway sets it up, as a reader. */
export function nodeReader(): Reader {
  return async (pieces) => {
    const seen: SeenRequest[] = [];
    let refused = false;
    const server = createServer({ maxHeaderSize: HEAD_BYTES_MAX, insecureHTTPParser: false });
    server.maxHeadersCount = HEADERS_MAX;
    server.on('request', (message, response) => {
      let body = '';
      message.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1');
      });
      message.on('error', () => {});
      message.on('end', () => {
        const { method = '', url = '', headers } = message;
        seen.push({ method, ...splitTarget(url), headers: plain(headers), body });
        response.end('ok');
      });
    });
    // The socket is left alone, so that handlers still hear the whole requests before the broken one.
    server.on('clientError', () => {
      refused = true;
    });
    server.on('connect', (_request, socket) => {
      refused = true;
      socket.destroy();
    });
    const client = memoryClient();
    server.emit('connection', client.socket);
    const closed = await play(client, pieces);
    const end = refused || REFUSED.test(client.text()) ? 'refused' : closed ? 'closed' : 'open';
    return { seen, end, why: '' };
  };
}

/** Sorted, with several values as one; node:http drops a header called __proto__ and makes a list of set-cookie. */
function plain(headers: {
  readonly [name: string]: string | readonly string[] | undefined;
}): SeenRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== '__proto__')
      .map(([name, value]) => [name, typeof value === 'string' ? value : (value ?? []).join(', ')] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Sends the pieces, lets everything happen that follows from them, then ends the client's side. True where the server ended first. */
async function play(client: MemoryClient, pieces: readonly string[]): Promise<boolean> {
  for (const piece of pieces) {
    client.send(piece);
    if (pieces.length > 1) await turn();
  }
  await turn();
  await turn();
  const closed = client.end() !== 'open';
  client.send(null);
  await turn();
  await turn();
  client.socket.destroy();
  return closed;
}

const REFUSED = /HTTP\/1\.1 [45]/;

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
