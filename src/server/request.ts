import type { Bytes } from '../base/bytes.ts';
import type { HeaderSource, Sink } from '../gateway/call.ts';

/** Headers by their names in lower case; only `set-cookie` may have several values. */
export type RequestHeaders = { readonly [name: string]: string | readonly string[] | undefined };

/** A request that arrived whole, as plain data, with the way back. */
export interface ServerRequest extends HeaderSource {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** Query without the question mark; empty where there is none. */
  readonly query: string;
  readonly headers: RequestHeaders;
  readonly body: Bytes;
  readonly address: string;
  readonly sink: Sink;
}

/** Parts a request target into path and query. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}
