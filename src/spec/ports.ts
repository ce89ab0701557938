import type { Bytes } from '../base/bytes.ts';
import type { WireCall, WireHandler, WireRequest } from './wire.ts';

/** A timer that was set; cancelling it twice, or late, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The passing of time. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. */
  nowMs(): number;
  /** Monotonic clock in milliseconds with fractions; only differences mean something. */
  monotonicMs(): number;
  /** Calls back once after at least this long. */
  after(ms: number, callback: () => void): Timer;
}

/** Chance. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Random bytes of cryptographic strength as lower-case hexadecimal text, two characters a byte. */
  hex(bytes: number): string;
}

/** Hashes and comparisons that keep secrets secret. */
export interface Crypto {
  /** SHA-256 as lower-case hexadecimal text. */
  sha256(text: string): string;
  /** HMAC-SHA-256 as lower-case hexadecimal text. */
  hmac(key: string, text: string): string;
  /** HMAC-SHA-256 of bytes, as bytes. */
  hmacBytes(key: Bytes, message: Bytes): Bytes;
  /** Compares two texts in a time that depends on their length only. */
  equal(a: string, b: string): boolean;
}

/**
 * The way to providers. It never follows redirects. It sends a request a second time, once, only where a kept connection
 * turned out to be closed before any byte of an answer came.
 */
export interface Transport {
  send(request: WireRequest, handler: WireHandler): WireCall;
  close(): Promise<void>;
}

/** Resolves references to secrets (`env:NAME`, `file:PATH`); the value is never logged or printed. */
export interface Secrets {
  /** The secret, or null where the reference leads nowhere. */
  resolve(reference: string): string | null;
}

/** Where the gateway tells its operator what it does; never secrets, never contents. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Particulars of a line that is logged. */
export type LogFields = { readonly [name: string]: string | number | boolean | null | undefined };

/** Everything of the outside world that the gateway may touch. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly transport: Transport;
  readonly secrets: Secrets;
  readonly log: Log;
}
