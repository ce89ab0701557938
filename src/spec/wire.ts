import type { Bytes } from '../base/bytes.ts';
import type { Json } from '../base/json.ts';

/** Header names in lower case, in the order received; a name may stand several times. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** First value of a header, undefined where it is not there. The name must be given in lower case. */
export function header(headers: Headers, name: string): string | undefined {
  for (const entry of headers) {
    if (entry[0] === name) return entry[1];
  }
  return undefined;
}

/** An HTTP request as plain data. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD';
  /** Absolute URL of the provider's address, already checked against the SSRF guard. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: Bytes;
  /** Longest wait for a connection, then for the head of the answer. */
  readonly connectTimeoutMs: number;
  readonly headTimeoutMs: number;
  /** Whether the operator allows a loopback or private address here; without it such a connection is never made. */
  readonly allowPrivate?: boolean;
  /** Most connections to this origin at once; missing leaves it to the transport. */
  readonly connectionsMax?: number;
  /** Configured name of the provider, and the gateway's id of the request that the call is made for, where there are any. */
  readonly provider?: string;
  readonly requestId?: string;
}

/** What a transport tells about a request under way, in this order: head, data*, then end or fail exactly once. */
export interface WireHandler {
  onHead(status: number, headers: Headers): void;
  onData(bytes: Bytes): void;
  onEnd(): void;
  onFail(failure: TransportFailure): void;
}

/** A request under way. `abort` is idempotent; after it the handler hears nothing more. */
export interface WireCall {
  /** Stops reading from the provider until `resume`: back-pressure. */
  pause(): void;
  resume(): void;
  abort(): void;
}

/** Why a transport gave up, before or after the head. */
export interface TransportFailure {
  readonly type:
    | 'dns'
    | 'connect'
    | 'connect-timeout'
    | 'tls'
    | 'head-timeout'
    | 'reset'
    | 'truncated'
    | 'malformed'
    | 'too-large'
    | 'blocked-address';
  readonly message: string;
  /** Whether the request may have reached the provider, who may then bill it. */
  readonly sent: boolean;
}

/** One event of an event stream. `name` is empty where the wire gives none. */
export interface WireEvent {
  readonly name: string;
  readonly data: string;
}

/** An error towards our client, in the envelope of its protocol. */
export interface WireError {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}
