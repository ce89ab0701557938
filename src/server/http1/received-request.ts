import type { Bytes } from '../../base/bytes.ts';
import type { Sink } from '../../gateway/call.ts';
import type { RequestHeaders, ServerRequest } from '../request.ts';
import type { RequestHead } from './request-head.ts';

/** A request as the router takes it, over the head as it was parsed. */
export class ReceivedRequest implements ServerRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: Bytes;
  readonly address: string;
  readonly sink: Sink;
  readonly #head: RequestHead;

  constructor(head: RequestHead, body: Bytes, address: string, sink: Sink) {
    const { method, target } = head;
    const mark = target.indexOf('?');
    this.method = method;
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    this.body = body;
    this.address = address;
    this.sink = sink;
    this.#head = head;
  }

  header(name: string): string | undefined {
    return this.#head.header(name);
  }

  get headers(): RequestHeaders {
    return this.#head.headers();
  }
}
