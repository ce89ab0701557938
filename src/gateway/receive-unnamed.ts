import { brandText } from '../base/brand.ts';
import { EMPTY_BYTES, type Bytes } from '../base/bytes.ts';
import type { Counted, ReceivedFailure, Receiver } from './receiver.ts';

/** Most white space that is waited through. */
const SPACE_BYTES_MAX = 64 * 1024;

/** How a body can be taken. */
export interface ReceiverChoice {
  readonly whole: () => Receiver;
  readonly streamed: () => Receiver;
}

/**
 * Takes a body whose content type does not say whether it is a stream of events: one that begins with a brace or bracket
 * is JSON, because no line of an event stream begins so.
 */
export class UnnamedReceiver implements Receiver {
  readonly #choice: ReceiverChoice;
  #chosen: Receiver | null = null;
  /** White space that came before the first character that tells. */
  #held: Bytes = EMPTY_BYTES;

  constructor(choice: ReceiverChoice) {
    this.#choice = choice;
  }

  data(bytes: Bytes): void {
    if (this.#chosen === null) {
      this.#held = brandText<Bytes>(this.#held + bytes);
      if (!/\S/.test(this.#held) && this.#held.length < SPACE_BYTES_MAX) return;
    }
    this.#receiver().data(this.#takeHeld() ?? bytes);
  }

  end(broken: ReceivedFailure | null): void {
    this.#receiver().end(broken);
  }

  get whole(): boolean {
    return this.#chosen?.whole ?? false;
  }

  counted(): Counted {
    return this.#receiver().counted();
  }

  #receiver(): Receiver {
    this.#chosen ??= /^\s*[{[]/.test(this.#held) ? this.#choice.whole() : this.#choice.streamed();
    return this.#chosen;
  }

  #takeHeld(): Bytes | null {
    const held = this.#held;
    this.#held = EMPTY_BYTES;
    return held === '' ? null : held;
  }
}
