import { bytesToTextStrict, type Bytes } from '../../../src/base/bytes.ts';
import type { FlatHeaders, Sink } from '../../../src/gateway/call.ts';
import type { RequestFinished } from '../../../src/spec/event.ts';
import type { QuickCall } from '../quick/network.ts';
import { AnswerReader } from './answer-reader.ts';
import type { Version } from './configuration.ts';
import type { ScriptRequest } from './script.ts';

/** Who wants to know what a client was sent. */
export interface ClientWatcher {
  wrote(client: SimClient): void;
}

/** A client and its request: what it is sent it reads at once, event by event, and keeps count of what must not be. */
export class SimClient implements Sink {
  readonly request: ScriptRequest;
  readonly startedMs: number;
  /** The configuration in force when it asked. */
  readonly version: Version;
  readonly reader: AnswerReader;
  /** Calls that the gateway made for it. */
  readonly calls: QuickCall[] = [];
  status: number | null = null;
  begun = 0;
  ending: 'open' | 'whole' | 'cut' = 'open';
  spokeAfterEnd = false;
  closed = false;
  blocked = false;
  leftAtMs: number | null = null;
  firstContentMs: number | null = null;
  /** Bytes that were written although it had asked to wait. */
  blockedBytes = 0;
  /** Set when the gateway says that it is done. */
  done = false;
  finished: RequestFinished | null = null;
  finals = 0;
  readonly #watcher: ClientWatcher;
  readonly #elapsedMs: () => number;
  #told = false;
  #close: (() => void) | null = null;
  #drained: (() => void) | null = null;

  constructor(
    request: ScriptRequest,
    version: Version,
    { watcher, elapsedMs }: { readonly watcher: ClientWatcher; readonly elapsedMs: () => number },
  ) {
    this.request = request;
    this.version = version;
    this.startedMs = elapsedMs();
    this.reader = new AnswerReader(request.surface);
    this.#watcher = watcher;
    this.#elapsedMs = elapsedMs;
  }

  answer(status: number, _headers: FlatHeaders, body: Bytes): void {
    this.#begin(status);
    if (this.closed) return;
    const text = bytesToTextStrict(body);
    if (text === null) this.reader.problem('C1', 'the body is not valid UTF-8');
    else this.reader.whole(text);
    this.ending = 'whole';
    this.#noteContent();
    this.#watcher.wrote(this);
  }

  open(): void {
    this.#begin(200);
  }

  write(bytes: Bytes): boolean {
    if (this.ending !== 'open') this.spokeAfterEnd = true;
    if (this.closed) return true;
    if (this.blocked && this.#told) this.blockedBytes += bytes.length;
    this.reader.push(bytes);
    this.#noteContent();
    this.#watcher.wrote(this);
    this.#told = this.blocked;
    return !this.blocked;
  }

  end(): void {
    if (this.ending !== 'open') this.spokeAfterEnd = true;
    this.ending = 'whole';
    this.reader.over();
    this.#watcher.wrote(this);
  }

  cut(): void {
    if (this.ending === 'open') this.ending = 'cut';
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  onClose(listener: () => void): void {
    this.#close = listener;
  }

  /** Goes away. */
  leave(): void {
    if (this.closed || this.ending !== 'open') return;
    this.closed = true;
    this.leftAtMs = this.#elapsedMs();
    this.#close?.();
  }

  /** Stops reading. */
  block(): void {
    this.blocked = true;
  }

  /** Reads on. */
  drain(): void {
    this.blocked = false;
    this.#told = false;
    const listener = this.#drained;
    this.#drained = null;
    listener?.();
  }

  #begin(status: number): void {
    this.begun += 1;
    this.status = status;
  }

  #noteContent(): void {
    if (this.firstContentMs === null && this.reader.hasContent) this.firstContentMs = this.#elapsedMs();
  }
}
