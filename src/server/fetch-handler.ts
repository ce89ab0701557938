import { arrayToBytes } from '../base/bytes.ts';
import { GatewayError } from '../spec/error.ts';
import { FetchSink } from './fetch-sink.ts';
import type { ServerRequest } from './request.ts';
import type { Router } from './router.ts';

/** Serves one Fetch request. */
export type FetchHandler = (request: Request) => Promise<Response>;

/** The server as a Fetch handler: the same addresses, for embedding where something else owns the sockets. */
export function createFetchHandler(router: Router, bodyBytesMax: number): FetchHandler {
  return async (request) => {
    const sink = new FetchSink();
    const body = new Uint8Array(await request.arrayBuffer());
    const { pathname, search } = new URL(request.url);
    const asked: ServerRequest = {
      method: request.method,
      path: pathname,
      query: search.slice(1),
      header: (name) => request.headers.get(name) ?? undefined,
      headers: Object.fromEntries(request.headers),
      body: arrayToBytes(body.length > bodyBytesMax ? new Uint8Array() : body),
      address: '',
      sink,
    };
    request.signal.addEventListener('abort', () => sink.leave(), { once: true });
    if (body.length > bodyBytesMax) {
      router.refuse(
        asked,
        new GatewayError('payload_too_large', `The body is longer than ${bodyBytesMax} bytes.`),
      );
    } else {
      router.route(asked);
    }
    return sink.response;
  };
}
