import type { Bytes } from '../base/bytes.ts';
import type { Caller } from '../spec/identity.ts';
import type { Downstream, Protocol, RequestPath } from '../protocols/protocol.ts';

/** An API of ours that a client can speak: a wire and one of its operations. */
export interface Surface {
  readonly protocol: Protocol;
  readonly operation: Operation;
  /** Header in which this API's clients look for the request's id. */
  readonly requestIdHeader: string;
}

/** What a client can ask of an API. */
export type Operation = 'generate' | 'embed' | 'count-tokens';

/** Where the headers of a client's request are looked up. An object and not a function, for the reason of `Abandonable`. */
export interface HeaderSource {
  /** Value of a header by its name in lower case; undefined where it is not there. */
  header(name: string): string | undefined;
}

/** What a client asked: an HTTP request as plain data. The server, the fetch handler and the library all make these. */
export interface InferenceCall {
  readonly surface: Surface;
  readonly path: RequestPath;
  readonly body: Bytes;
  readonly client: HeaderSource;
  /** Who asks, where that was found out before; otherwise the key in the headers tells. */
  readonly caller?: Caller;
  readonly sink: Sink;
}

/** Extra headers of an answer as a flat list: name, value, name, value. */
export type FlatHeaders = readonly string[];

/** The way back to a client. Each call gets exactly one of `answer`, or `open` followed by writes and `end` or `cut`. */
export interface Sink {
  /** The whole answer at once. */
  answer(status: number, headers: FlatHeaders, body: Bytes): void;
  /** Starts a stream: status 200 and these headers. */
  open(headers: FlatHeaders): void;
  /** A piece of the stream; false asks the caller to wait for `onDrain`. */
  write(bytes: Bytes): boolean;
  /** Ends the stream as whole, with trailers where the transport has them. */
  end(trailers: FlatHeaders): void;
  /** Breaks the connection off, so that no client can take what it has for the whole. */
  cut(): void;
  /** Called when `write` may be called again. */
  onDrain(listener: () => void): void;
  /** Called once when the client went away before the answer was complete. */
  onClose(listener: () => void): void;
  /** Whether the client went away. */
  readonly closed: boolean;
  /** Whether the client reads more slowly than the provider sends: silence is then nobody's fault but its own. */
  readonly blocked: boolean;
}

/** The codec towards the client. */
export function downstreamOf(call: InferenceCall): Downstream {
  return call.surface.protocol.downstream;
}
