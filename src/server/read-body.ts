import type { IncomingMessage } from 'node:http';
import { brandText } from '../base/brand.ts';
import { EMPTY_BYTES, type Bytes } from '../base/bytes.ts';

/** Outcome of reading a body: the bytes, or that there are too many of them. */
export type ReadBody =
  | { readonly type: 'read'; readonly body: Bytes }
  | { readonly type: 'too-large' }
  | { readonly type: 'gone' };

/** Reads a request's whole body as a byte string, up to a limit; `done` is called exactly once. */
export function readBody(message: IncomingMessage, bytesMax: number, done: (result: ReadBody) => void): void {
  const declared = Number(message.headers['content-length'] ?? 0);
  if (declared > bytesMax) {
    done({ type: 'too-large' });
    return;
  }
  new BodyReader(message, bytesMax, done);
}

class BodyReader {
  readonly #bytesMax: number;
  readonly #done: (result: ReadBody) => void;
  #body: string = EMPTY_BYTES;
  #settled = false;

  constructor(message: IncomingMessage, bytesMax: number, done: (result: ReadBody) => void) {
    this.#bytesMax = bytesMax;
    this.#done = done;
    message.on('data', (chunk: Buffer) => this.#data(chunk));
    message.on('end', () => this.#settle({ type: 'read', body: brandText<Bytes>(this.#body) }));
    message.on('error', () => this.#settle({ type: 'gone' }));
    message.on('close', () => this.#settle({ type: 'gone' }));
  }

  #data(chunk: Buffer): void {
    if (this.#settled) return;
    if (this.#body.length + chunk.length > this.#bytesMax) {
      this.#settle({ type: 'too-large' });
      return;
    }
    this.#body += chunk.toString('latin1');
  }

  #settle(result: ReadBody): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#body = EMPTY_BYTES;
    this.#done(result);
  }
}
