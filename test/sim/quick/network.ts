import { brandText } from '../../../src/base/brand.ts';
import type { Bytes } from '../../../src/base/bytes.ts';
import type { Clock, Timer, Transport } from '../../../src/spec/ports.ts';
import {
  header,
  type TransportFailure,
  type WireCall,
  type WireHandler,
  type WireRequest,
} from '../../../src/spec/wire.ts';
import { keySecret, VERSION_HEADER } from '../history/configuration.ts';
import { providerName, targetName, type Fault, type HistoryScript } from '../history/script.ts';
import { AnswerBook } from './answering.ts';
import { perform, type Performance } from './performance.ts';
import { readRequest, secretOf, type Read } from './reading.ts';

/** Who wants to know what happens on the network. */
export interface NetworkWatcher {
  called(call: QuickCall): void;
  /** The gateway was told the end of it, or gave it up. */
  ended(call: QuickCall): void;
}

export interface NetworkOptions {
  readonly script: HistoryScript;
  readonly clock: Clock;
  readonly watcher: NetworkWatcher;
  /** Time in the history. */
  readonly elapsedMs: () => number;
  /** Whether a client's request is at fault itself. */
  readonly isBad: (request: number) => boolean;
}

const BOOK = new AnswerBook();

/** A network with the providers of a script behind it, which does little work and tells everything to a watcher. */
export class QuickNetwork implements Transport {
  readonly #options: NetworkOptions;
  #calls = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  send(request: WireRequest, handler: WireHandler): WireCall {
    const { script, elapsedMs, clock, watcher } = this.#options;
    const position = Number(/^https:\/\/p(\d+)\./.exec(request.url)?.[1] ?? Number.NaN);
    const provider = script.providers[position];
    if (provider === undefined) throw new Error(`a call to nobody: ${request.url}`);
    const read = readRequest(provider.wire, request);
    this.#calls += 1;
    const keyIndex = keyOf(position, provider.keys, secretOf(request));
    const bad = this.#options.isBad(read.request);
    const fault: Fault | null = bad ? BAD_REQUEST : this.#faultOf(position, keyIndex);
    const performance = perform(provider, BOOK.answer(providerName(position), provider, read), fault);
    const call = new QuickCall(
      { clock, handler, watcher, performance, elapsedMs, request, read },
      {
        number: this.#calls,
        provider: position,
        keyIndex,
        fault,
      },
    );
    watcher.called(call);
    call.start();
    return call;
  }

  async close(): Promise<void> {}

  // The first fault in force that hits; chance depends on the number of the call alone.
  #faultOf(provider: number, keyIndex: number): Fault | null {
    const { script, elapsedMs } = this.#options;
    const nowMs = elapsedMs();
    for (const [index, each] of script.faults.entries()) {
      if (each.provider !== provider || nowMs < each.fromMs || nowMs >= each.untilMs) continue;
      if (each.key !== null && each.key !== keyIndex) continue;
      if (each.share >= 1 || lot(script.seed, index, this.#calls) < each.share) return each.fault;
    }
    return null;
  }
}

const BAD_REQUEST: Fault = {
  type: 'status',
  status: 400,
  refusal: 'request',
  retryAfterMs: null,
  told: 'retry-after',
};

function keyOf(provider: number, keys: number, secret: string): number {
  for (let key = 0; key < keys; key += 1) if (keySecret(provider, key) === secret) return key;
  return -1;
}

// A number in [0, 1) that three numbers decide.
function lot(a: number, b: number, c: number): number {
  let mixed = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
}

interface Playing {
  readonly clock: Clock;
  readonly handler: WireHandler;
  readonly watcher: NetworkWatcher;
  readonly performance: Performance;
  readonly elapsedMs: () => number;
  readonly request: WireRequest;
  readonly read: Read;
}

interface Facts {
  readonly number: number;
  readonly provider: number;
  readonly keyIndex: number;
  readonly fault: Fault | null;
}

/** One call as the network saw it. Times are milliseconds from the start of the history. */
export class QuickCall implements WireCall {
  readonly number: number;
  readonly provider: number;
  readonly target: string;
  readonly keyIndex: number;
  readonly fault: Fault | null;
  readonly read: Read;
  /** Version of the configuration that it was made under, as its header tells. */
  readonly version: number;
  readonly atMs: number;
  readonly retryAfterMs: number | null;
  readonly status: number;
  headAtMs: number | null = null;
  contentAtMs: number | null = null;
  finishAtMs: number | null = null;
  endedAtMs: number | null = null;
  ending: 'open' | 'whole' | 'failed' | 'aborted' = 'open';
  /** Bytes that were told while the gateway had asked for a pause. */
  pausedBytes = 0;
  readonly #playing: Playing;
  #timer: Timer | null = null;
  #paused = false;
  #held = false;
  #at = 0;

  constructor(playing: Playing, { number, provider, keyIndex, fault }: Facts) {
    this.#playing = playing;
    this.number = number;
    this.provider = provider;
    this.target = targetName(provider);
    this.keyIndex = keyIndex;
    this.fault = fault;
    this.read = playing.read;
    this.version = Number(header(playing.request.headers, VERSION_HEADER));
    this.atMs = playing.elapsedMs();
    this.retryAfterMs = playing.performance.retryAfterMs;
    this.status = playing.performance.status;
  }

  start(): void {
    const { performance, request, clock } = this.#playing;
    const { headMs, ending } = performance;
    const late = headMs === null ? ending === 'hang' : headMs >= request.headTimeoutMs;
    if (late) {
      this.#timer = clock.after(request.headTimeoutMs, () => this.#fail('head-timeout', true));
    } else if (headMs === null) {
      this.#timer = clock.after(1, () =>
        this.#fail(ending === 'reset' ? 'reset' : 'connect', ending === 'reset'),
      );
    } else {
      this.#timer = clock.after(headMs, () => this.#head());
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (!this.#held || this.ending !== 'open') return;
    this.#held = false;
    this.#timer = this.#playing.clock.after(0, () => this.#play());
  }

  abort(): void {
    if (this.ending === 'open') this.#end('aborted');
  }

  #head(): void {
    const { performance, handler, elapsedMs } = this.#playing;
    this.headAtMs = elapsedMs();
    handler.onHead(performance.status, performance.headers);
    if (this.ending === 'open') this.#next();
  }

  // Waits for the next piece, or takes it at once where it is due.
  #next(): void {
    const piece = this.#playing.performance.pieces[this.#at];
    if (piece === undefined || piece.afterMs === 0) this.#play();
    else this.#timer = this.#playing.clock.after(piece.afterMs, () => this.#play());
  }

  #play(): void {
    const { performance, handler, elapsedMs } = this.#playing;
    while (this.ending === 'open') {
      if (this.#paused) {
        this.#held = true;
        return;
      }
      const piece = performance.pieces[this.#at];
      if (piece === undefined) {
        this.#finish();
        return;
      }
      this.#at += 1;
      if (piece.marks === 'content') this.contentAtMs ??= elapsedMs();
      if (piece.marks === 'finish') this.finishAtMs ??= elapsedMs();
      handler.onData(brandText<Bytes>(piece.bytes));
      if ((performance.pieces[this.#at]?.afterMs ?? 0) > 0) {
        this.#next();
        return;
      }
    }
  }

  #finish(): void {
    const { ending } = this.#playing.performance;
    if (ending === 'hang') return;
    if (ending !== 'whole') {
      this.#fail(ending, true);
      return;
    }
    this.#end('whole');
    this.#playing.handler.onEnd();
  }

  #fail(type: TransportFailure['type'], sent: boolean): void {
    this.#end('failed');
    this.#playing.handler.onFail({ type, message: `the connection failed: ${type}`, sent });
  }

  #end(ending: 'whole' | 'failed' | 'aborted'): void {
    this.ending = ending;
    this.endedAtMs = this.#playing.elapsedMs();
    this.#timer?.cancel();
    this.#playing.watcher.ended(this);
  }
}
