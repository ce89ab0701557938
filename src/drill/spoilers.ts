import type { Ending } from '../simulator/script.ts';
import type { WireName } from '../simulator/settings.ts';
import { saysSomething, WholeEvents } from './whole-events.ts';

/** What becomes of a piece of a real answer: the bytes that pass, and how the answer ends with them; null goes on. */
export interface Spoiled {
  readonly pass: string;
  readonly ending: Ending | null;
}

/** Does to the body of a real answer, as it passes, what a fault does. After an ending it is not called again. */
export interface Spoiler {
  push(bytes: string): Spoiled;
  /** The real answer is over. */
  end(): Spoiled;
}

/** Lets so many events through, then some last bytes, and ends the stream there; a shorter stream ends so too. */
export class CutStream implements Spoiler {
  readonly #events = new WholeEvents();
  readonly #last: string;
  readonly #ending: Ending;
  #left: number;

  constructor(afterEvents: number, last: string, ending: Ending) {
    this.#left = afterEvents;
    this.#last = last;
    this.#ending = ending;
  }

  push(bytes: string): Spoiled {
    let pass = '';
    for (const event of this.#events.push(bytes)) {
      if (this.#left <= 0) break;
      pass += event;
      if (saysSomething(event)) this.#left -= 1;
    }
    return this.#left > 0 ? { pass, ending: null } : { pass: pass + this.#last, ending: this.#ending };
  }

  end(): Spoiled {
    return { pass: this.#events.rest() + this.#last, ending: this.#ending };
  }
}

/** Lets some events through and the half of the next, and ends there as if that were all. */
export class TruncatedStream implements Spoiler {
  readonly #events = new WholeEvents();
  #left: number;

  constructor(afterEvents: number) {
    this.#left = afterEvents;
  }

  push(bytes: string): Spoiled {
    let pass = '';
    for (const event of this.#events.push(bytes)) {
      if (this.#left <= 0) return { pass: pass + event.slice(0, event.length / 2), ending: 'whole' };
      pass += event;
      if (saysSomething(event)) this.#left -= 1;
    }
    return { pass, ending: null };
  }

  end(): Spoiled {
    return { pass: this.#events.rest(), ending: 'whole' };
  }
}

/** Waits for the whole of an answer that is not streamed and gives its first half; a longer one is broken at the limit. */
export class HalfBody implements Spoiler {
  readonly #ending: Ending;
  #body = '';

  constructor(ending: Ending) {
    this.#ending = ending;
  }

  push(bytes: string): Spoiled {
    this.#body += bytes;
    return this.#body.length > HELD_BYTES_MAX ? this.end() : { pass: '', ending: null };
  }

  end(): Spoiled {
    return { pass: this.#body.slice(0, Math.floor(this.#body.length / 2)), ending: this.#ending };
  }
}

const HELD_BYTES_MAX = 4 * 1024 * 1024;

/** Gives something else in place of an answer that is not streamed. */
export class ReplacedBody implements Spoiler {
  readonly #body: string;

  constructor(body: string) {
    this.#body = body;
  }

  push(): Spoiled {
    return { pass: this.#body, ending: 'whole' };
  }

  end(): Spoiled {
    return { pass: this.#body, ending: 'whole' };
  }
}

/** Leaves out the events that say why a stream finished, and whatever ends it. */
export class UnfinishedStream implements Spoiler {
  readonly #events = new WholeEvents();
  readonly #finish: RegExp;

  constructor(wire: WireName) {
    this.#finish = FINISH[wire];
  }

  push(bytes: string): Spoiled {
    const pass = this.#events.push(bytes).filter((event) => !this.#finish.test(event));
    return { pass: pass.join(''), ending: null };
  }

  end(): Spoiled {
    const rest = this.#events.rest();
    return { pass: this.#finish.test(rest) ? '' : rest, ending: 'whole' };
  }
}

const FINISH: { readonly [wire in WireName]: RegExp } = {
  chat: /"finish_reason"\s*:\s*"|^data:\s*\[DONE\]/m,
  messages: /"type"\s*:\s*"message_(?:delta|stop)"/,
  'generate-content': /"finishReason"\s*:/,
};

/** Sends every event twice. */
export class DoubledStream implements Spoiler {
  readonly #events = new WholeEvents();

  push(bytes: string): Spoiled {
    return {
      pass: this.#events
        .push(bytes)
        .map((event) => event + event)
        .join(''),
      ending: null,
    };
  }

  end(): Spoiled {
    return { pass: this.#events.rest(), ending: 'whole' };
  }
}
