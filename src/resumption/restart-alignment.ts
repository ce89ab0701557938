import type { Alignment } from './joint.ts';

/** Words that were delivered up to this length may differ from the start and still be looked for. */
const SHORT_CHARS = 400;
/** Lengths of the end of the delivered words that is looked for, in the order in which they are tried. */
const ANCHORS_CHARS = [64, 32] as const satisfies readonly number[];
/** How far from its place the anchor may be, as a share of the delivered words. */
const DRIFT = 0.25;

/**
 * The attempt answers anew. Where it says the same, its words are left out up to the last delivered one. Where it differs
 * after at least half, or little was delivered, the last delivered words are looked for near their place in what it says;
 * they must occur there once. Whoever says something else is given up at the first difference.
 */
export class RestartAlignment implements Alignment {
  readonly #delivered: string;
  #agreed = 0;
  /** All that was said, once it differs. */
  #said: string | null = null;
  #diverged: string | null = null;

  constructor(delivered: string) {
    this.#delivered = delivered;
  }

  get covered(): boolean {
    return this.#said === null && this.#agreed === this.#delivered.length;
  }

  get diverged(): string | null {
    return this.#diverged;
  }

  push(text: string): string | null {
    if (this.#diverged !== null) return null;
    if (this.#said !== null) return this.#search(this.#said + text);
    const room = this.#delivered.length - this.#agreed;
    const due = text.length > room ? text.slice(0, room) : text;
    if (this.#delivered.startsWith(due, this.#agreed)) {
      this.#agreed += due.length;
      return text.length > room ? text.slice(room) : null;
    }
    return this.#differ(text);
  }

  end(): string | null {
    if (this.covered) return '';
    if (this.#said !== null) return this.#find(this.#said);
    return this.#giveUp(
      `the new answer ended after ${this.#agreed} of ${this.#delivered.length} delivered characters`,
    );
  }

  #differ(text: string): string | null {
    const common = commonPrefix(text, this.#delivered, this.#agreed);
    const begun = this.#delivered.slice(0, this.#agreed);
    this.#agreed += common;
    const { length } = this.#delivered;
    const near = length <= SHORT_CHARS || this.#agreed * 2 >= length;
    if (!near || length < SHORTEST_ANCHOR) return this.#giveUp(this.#difference());
    return this.#search(begun + text);
  }

  #search(said: string): string | null {
    this.#said = said;
    return said.length < this.#latest() ? null : this.#find(said);
  }

  #find(said: string): string | null {
    for (const length of ANCHORS_CHARS) {
      const anchor = this.#delivered.slice(-length);
      const earliest = Math.floor(this.#delivered.length * (1 - DRIFT)) - anchor.length;
      const at = said.indexOf(anchor, Math.max(0, earliest));
      if (at < 0 || at + anchor.length > this.#latest()) continue;
      if (this.#isAmbiguous(anchor, said, at))
        return this.#giveUp('the last delivered words occur more than once');
      return said.slice(at + anchor.length);
    }
    return this.#giveUp(this.#difference());
  }

  #isAmbiguous(anchor: string, said: string, at: number): boolean {
    const again = said.indexOf(anchor, at + 1);
    if (again >= 0 && again + anchor.length <= this.#latest()) return true;
    return this.#delivered.indexOf(anchor) < this.#delivered.length - anchor.length;
  }

  /** Where the anchor must have ended. */
  #latest(): number {
    return Math.ceil(this.#delivered.length * (1 + DRIFT));
  }

  #difference(): string {
    return `the new answer differs after ${this.#agreed} of ${this.#delivered.length} delivered characters`;
  }

  #giveUp(reason: string): null {
    this.#said = null;
    this.#diverged = reason;
    return null;
  }
}

const SHORTEST_ANCHOR = Math.min(...ANCHORS_CHARS);

function commonPrefix(text: string, other: string, at: number): number {
  let length = 0;
  while (length < text.length && text.charCodeAt(length) === other.charCodeAt(at + length)) length += 1;
  return length;
}
