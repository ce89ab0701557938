import type { Bytes } from '../base/bytes.ts';
import type { Headers } from '../spec/wire.ts';

/** A request as any driver can give it: HTTP as plain data, the address without its host. */
export interface SimulatedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Headers;
  readonly body: Bytes;
}

/** What a simulated provider does with one request. A driver plays it; nothing in it depends on the driver. */
export type Script =
  /** Nobody listens: the connection is refused. */
  | { readonly type: 'refused' }
  /** The connection is reset after the request arrived and before a head was sent. */
  | { readonly type: 'reset'; readonly delayMs: number }
  /** The request is taken and never answered. */
  | { readonly type: 'silent' }
  | AnswerScript;

export interface AnswerScript {
  readonly type: 'answer';
  readonly headDelayMs: number;
  readonly status: number;
  readonly headers: Headers;
  readonly pieces: readonly Piece[];
  readonly ending: Ending;
}

/** Some bytes of the body, sent this long after the piece (or head) before. */
export interface Piece {
  readonly delayMs: number;
  readonly bytes: Bytes;
}

/**
 * How the body ends. `whole`: properly. `cut`: the connection closes although the body is not over. `reset`: the same,
 * by a TCP reset. `hang`: nothing more comes and the connection stays open.
 */
export type Ending = 'whole' | 'cut' | 'reset' | 'hang';
