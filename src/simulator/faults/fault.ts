/**
 * What goes wrong at a simulated provider, for what share of its requests. Faults that need events (`mid-stream`) act on
 * streamed answers; on a whole answer they cut or spoil the body at the corresponding place.
 */
export interface Fault {
  readonly kind: FaultKind;
  /** Chance that a request meets the fault, 0 to 1; the default is 1. */
  readonly share?: number;
}

export type FaultKind =
  /** Total outage: connections are refused. */
  | { readonly type: 'down' }
  | { readonly type: 'connection-refused' }
  | { readonly type: 'reset-before-head' }
  | { readonly type: 'hang-before-head' }
  | { readonly type: 'slow-first-token'; readonly delayMs: number }
  /** An error status in the wire's own envelope. */
  | { readonly type: 'status'; readonly error: StatusError; readonly retryAfter?: RetryAfter }
  | { readonly type: 'hang-mid-stream'; readonly afterEvents: number }
  | { readonly type: 'cut-mid-stream'; readonly afterEvents: number }
  | { readonly type: 'reset-mid-stream'; readonly afterEvents: number }
  | { readonly type: 'error-mid-stream'; readonly afterEvents: number }
  /** Status 200 and the wire's error event (or error body) as the first thing. */
  | { readonly type: 'error-in-200' }
  /** A proper answer without any content. */
  | { readonly type: 'empty-completion' }
  /** A body that stops in the middle of its JSON although HTTP says that it is whole. */
  | { readonly type: 'truncated-json' }
  /** The page of a proxy in front of the provider. */
  | { readonly type: 'html-502' }
  | { readonly type: 'empty-body' }
  /** One byte at a time: bytes progress, tokens hardly do. */
  | { readonly type: 'dribble'; readonly byteMs: number }
  | { readonly type: 'wrong-content-type' }
  /** A stream that ends cleanly without saying why it finished. */
  | { readonly type: 'missing-finish' }
  | { readonly type: 'duplicate-events' }
  /** An entry of a fault catalogue, served as it stands. */
  | { readonly type: 'replay'; readonly entry: CatalogueEntry };

/** Error answers that can be asked for; each wire has its own status and envelope for them. */
export const STATUS_ERRORS = [
  'bad-key',
  'no-credit',
  'forbidden',
  'no-model',
  'too-long',
  'rate-limit',
  'quota',
  'internal',
  'unavailable',
  'overloaded',
  'timeout',
] as const;
export type StatusError = (typeof STATUS_ERRORS)[number];

/** How a rate limit tells when to come back. */
export type RetryAfter =
  | { readonly type: 'none' }
  | { readonly type: 'seconds'; readonly seconds: number }
  /** `retry-after-ms`, as some deployments of OpenAI's API send it beside `retry-after`. */
  | { readonly type: 'milliseconds'; readonly ms: number }
  /** As an HTTP date this far from now. */
  | { readonly type: 'date'; readonly seconds: number }
  /** Something that is none of these. */
  | { readonly type: 'junk'; readonly text: string };

/** One line of a fault catalogue: what went over the wire, and in which phase it went wrong. */
export interface CatalogueEntry {
  readonly id: string;
  readonly phase: 'pre_headers' | 'headers' | 'body' | 'stream';
  /** Null where no status line came. */
  readonly status: number | null;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}
