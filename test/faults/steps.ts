import type { FaultStep } from '../../src/node/testing/fault-server.ts';

/** An answer with its length; text is sent as UTF-8. */
export function whole(
  status: number,
  headers: { readonly [name: string]: string },
  body: string,
): readonly FaultStep[] {
  const bytes = latin1(body);
  return [write(`${head(status, headers)}content-length: ${bytes.length}\r\n\r\n${bytes}`)];
}

/** A whole JSON answer with status 200. */
export function json(body: string): readonly FaultStep[] {
  return whole(200, JSON_TYPE, body);
}

/** The head of a stream of events. */
export function streamHead(): FaultStep {
  return write(`${head(200, { 'content-type': 'text/event-stream' })}transfer-encoding: chunked\r\n\r\n`);
}

/** A stream of events that HTTP says is whole, each in a chunk of its own. */
export function stream(events: readonly string[]): readonly FaultStep[] {
  return [streamHead(), ...events.map(chunkOf), write(LAST_CHUNK)];
}

/** A piece of a chunked body. */
export function chunkOf(text: string): FaultStep {
  return write(chunkBytes(latin1(text)));
}

/** The same of bytes that are given as latin1. */
export function chunkBytes(bytes: string): string {
  return `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
}

/** The status line and headers of an answer, without the blank line behind them. */
export function head(status: number, headers: { readonly [name: string]: string }): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}`;
}

export function write(bytes: string): FaultStep {
  return { type: 'write', bytes };
}

/** The bytes of a text in UTF-8, as latin1. */
export function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export const JSON_TYPE = { 'content-type': 'application/json' } as const;
export const LAST_CHUNK = '0\r\n\r\n';
export const RESET: FaultStep = { type: 'reset' };
export const HOLD: FaultStep = { type: 'hold' };
export const END: FaultStep = { type: 'end' };
export function wait(ms: number): FaultStep {
  return { type: 'wait', ms };
}
