import { textToBytes } from '../../base/bytes.ts';
import type { Headers } from '../../spec/wire.ts';
import type { ServerRequest } from '../request.ts';
import type { AdminHandler } from './admin.ts';

/** Answers a request of the HTTP server by the admin API. */
export async function serveAdmin(handle: AdminHandler, request: ServerRequest): Promise<void> {
  const { method, path, query, body, address } = request;
  // Whoever asks for the head alone gets it as if he had asked for all; the server leaves the body away.
  const asked = method === 'HEAD' ? 'GET' : method;
  const headers = listOf(request.headers);
  const answer = await handle({ method: asked, path, query, headers, body, address });
  request.sink.answer(answer.status, answer.headers.flat(), textToBytes(answer.body));
}

function listOf(headers: ServerRequest['headers']): Headers {
  return Object.entries(headers).flatMap(([name, value]): (readonly [string, string])[] => {
    if (value === undefined) return [];
    return typeof value === 'string' ? [[name, value]] : value.map((each) => [name, each] as const);
  });
}
