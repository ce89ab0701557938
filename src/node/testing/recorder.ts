import type { Bytes } from '../../base/bytes.ts';
import { brandText } from '../../base/brand.ts';
import type { Transport } from '../../spec/ports.ts';
import type { Headers, TransportFailure, WireCall, WireRequest } from '../../spec/wire.ts';

/** All that a handler heard of one call. */
export interface Exchange {
  status: number | null;
  headers: Headers;
  body: string;
  /** How many times data came. */
  pieces: number;
  end: 'end' | TransportFailure;
}

/** A call whose progress a test can watch. */
export interface RecordedCall {
  readonly call: WireCall;
  readonly exchange: Partial<Exchange> & { body: string; pieces: number };
  readonly head: Promise<number>;
  readonly done: Promise<Exchange>;
}

/** Defaults of a test's request: a POST to loopback with generous time limits. */
export function testRequest(url: string, overrides: Partial<WireRequest> = {}): WireRequest {
  return {
    method: 'POST',
    url,
    headers: [['content-type', 'application/json']],
    body: brandText<Bytes>('{}'),
    connectTimeoutMs: 10_000,
    headTimeoutMs: 10_000,
    allowPrivate: true,
    ...overrides,
  };
}

/** Sends a request and records what comes of it; hearing anything out of order is an error. */
export function record(transport: Transport, request: WireRequest): RecordedCall {
  const exchange: RecordedCall['exchange'] = { status: null, headers: [], body: '', pieces: 0 };
  const head = Promise.withResolvers<number>();
  const done = Promise.withResolvers<Exchange>();
  const finish = (end: Exchange['end']): void => {
    if (exchange.end !== undefined) throw new Error('the handler heard two ends');
    exchange.end = end;
    done.resolve(exchange as Exchange);
  };
  let returned = false;
  const mustHaveReturned = (): void => {
    if (!returned) throw new Error('the handler heard something before send returned');
  };
  const call = transport.send(request, {
    onHead: (status, headers) => {
      mustHaveReturned();
      if (exchange.status !== null || exchange.end !== undefined)
        throw new Error('the head came out of order');
      exchange.status = status;
      exchange.headers = headers;
      head.resolve(status);
    },
    onData: (bytes) => {
      if (exchange.status === null || exchange.end !== undefined) throw new Error('data came out of order');
      if (bytes === '') throw new Error('empty data came');
      exchange.body += bytes;
      exchange.pieces += 1;
    },
    onEnd: () => finish('end'),
    onFail: (failure) => {
      mustHaveReturned();
      finish(failure);
    },
  });
  returned = true;
  return { call, exchange, head: head.promise, done: done.promise };
}
