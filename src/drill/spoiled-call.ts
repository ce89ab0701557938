import { brandText } from '../base/brand.ts';
import type { Bytes } from '../base/bytes.ts';
import type { Ending } from '../simulator/script.ts';
import type { Transport } from '../spec/ports.ts';
import {
  header,
  type Headers,
  type TransportFailure,
  type WireCall,
  type WireHandler,
  type WireRequest,
} from '../spec/wire.ts';
import type { Spoiled, Spoiler } from './spoilers.ts';

/** Chooses what is done to an answer when its head is known; null leaves the body as it is. */
export type ChooseSpoiler = (streamed: boolean) => Spoiler | null;

/**
 * A real call whose answer is spoiled as it passes. A refusal of the provider's own passes untouched: it is a failure
 * already. Once the answer was ended here, the real call is given up.
 */
export class SpoiledCall implements WireCall, WireHandler {
  readonly #handler: WireHandler;
  readonly #choose: ChooseSpoiler;
  #call: WireCall | null = null;
  #spoiler: Spoiler | null = null;
  #over = false;

  constructor(handler: WireHandler, choose: ChooseSpoiler) {
    this.#handler = handler;
    this.#choose = choose;
  }

  start(request: WireRequest, inner: Transport): void {
    this.#call = inner.send(request, this);
    if (this.#over) this.#call.abort();
  }

  pause(): void {
    this.#call?.pause();
  }

  resume(): void {
    if (!this.#over) this.#call?.resume();
  }

  abort(): void {
    this.#over = true;
    this.#call?.abort();
  }

  onHead(status: number, headers: Headers): void {
    if (this.#over) return;
    const streamed = (header(headers, 'content-type') ?? '').includes('event-stream');
    if (status >= 200 && status <= 299) this.#spoiler = this.#choose(streamed);
    // The body will have another length.
    const kept = this.#spoiler === null ? headers : headers.filter(([name]) => name !== 'content-length');
    this.#handler.onHead(status, kept);
  }

  onData(bytes: Bytes): void {
    if (this.#over) return;
    if (this.#spoiler === null) this.#handler.onData(bytes);
    else this.#tell(this.#spoiler.push(bytes));
  }

  onEnd(): void {
    if (this.#over) return;
    if (this.#spoiler === null) this.#finish('whole');
    else this.#tell(this.#spoiler.end());
  }

  onFail(failure: TransportFailure): void {
    if (this.#over) return;
    this.#over = true;
    this.#handler.onFail(failure);
  }

  #tell({ pass, ending }: Spoiled): void {
    if (pass !== '') this.#handler.onData(brandText<Bytes>(pass));
    if (ending !== null && !this.#over) this.#finish(ending);
  }

  #finish(ending: Ending): void {
    this.#over = true;
    this.#call?.abort();
    switch (ending) {
      case 'whole':
        this.#handler.onEnd();
        return;
      case 'cut':
        this.#fail('truncated', 'the connection closed in the middle of the body');
        return;
      case 'reset':
        this.#fail('reset', 'the connection was reset in the middle of the body');
        return;
      case 'hang':
        return;
    }
  }

  #fail(type: TransportFailure['type'], message: string): void {
    this.#handler.onFail({ type, message, sent: true });
  }
}

/** A real call whose head is changed on its way; its body passes as it is. */
export class RelabelledCall implements WireHandler {
  readonly #handler: WireHandler;
  readonly #headers: Headers;

  constructor(handler: WireHandler, headers: Headers) {
    this.#handler = handler;
    this.#headers = headers;
  }

  onHead(status: number, headers: Headers): void {
    const others = headers.filter(([name]) => this.#headers.every(([changed]) => changed !== name));
    this.#handler.onHead(status, [...others, ...this.#headers]);
  }

  onData(bytes: Bytes): void {
    this.#handler.onData(bytes);
  }

  onEnd(): void {
    this.#handler.onEnd();
  }

  onFail(failure: TransportFailure): void {
    this.#handler.onFail(failure);
  }
}
