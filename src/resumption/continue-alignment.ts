import type { Alignment } from './joint.ts';
import { PrefillAlignment } from './prefill-alignment.ts';
import type { Prefix } from './prefix.ts';
import { RestartAlignment } from './restart-alignment.ts';

/** How much of the end of the delivered words is compared; nothing is held back for longer than this. */
const OVERLAP_CHARS_MAX = 2_000;
/** A shorter repetition is a coincidence: every text has its last letter somewhere. */
const OVERLAP_CHARS_MIN = 8;
/** Whoever agrees with the beginning of the delivered words for as long has begun anew. */
const RESTART_CHARS_MIN = 16;
/** Whoever says as much of the delivered words again and stops has not gone on. */
const ECHO_CHARS_MIN = 32;

/**
 * The attempt was asked in words to go on. It may repeat the end of what it was shown: the longest end of the delivered words
 * that the new ones begin with is left out, if it has at least 8 characters or is all that was delivered. New words are held
 * back while they could still become a longer repetition. Beginning from the start is recognised and taken as a restart.
 * Remarks, quotation marks and dots in front of the rest are not guessed away. Work is bounded whatever the length: each of at
 * most 2,000 held characters is compared with at most 2,000 places.
 */
export class ContinueAlignment implements Alignment {
  readonly covered = false;
  readonly #prefix: string;
  readonly #tail: string;
  readonly #behind: PrefillAlignment;
  /** Set when the attempt has begun anew. */
  #restart: RestartAlignment | null = null;
  #decided = false;
  #held = '';
  /** Starts of ends of the tail that the held words agree with so far; null before the first character. */
  #starts: readonly number[] | null = null;
  /** Length of the longest end of the tail that the held words begin with. */
  #overlap = 0;
  /** How far the held words agree with the beginning of the prefix. */
  #anew = 0;
  #diverged: string | null = null;

  constructor(prefix: Prefix) {
    this.#prefix = prefix.prefix;
    this.#tail = prefix.prefix.slice(-OVERLAP_CHARS_MAX);
    this.#behind = new PrefillAlignment(prefix);
  }

  get diverged(): string | null {
    return this.#diverged ?? this.#restart?.diverged ?? this.#behind.diverged;
  }

  push(text: string): string | null {
    if (this.diverged !== null) return null;
    if (this.#decided) return this.#behind.push(text);
    if (this.#restart !== null) return this.#again(this.#restart.push(text));
    const begin = this.#held.length;
    this.#held += text;
    for (let at = begin; at < this.#held.length; at += 1) {
      this.#read(at);
      if (this.#starts?.length !== 0) continue;
      if (this.#hasBegunAnew()) return this.#beginAnew();
      // Agreeing with the beginning may still become a restart.
      if (this.#anew <= at) return this.#goOn();
    }
    return null;
  }

  end(): string | null {
    if (this.diverged !== null) return null;
    if (this.#decided) return this.#behind.end();
    if (this.#restart !== null) return this.#ended(this.#again(this.#restart.end()));
    const echoed = this.#held.length - this.#overlap;
    if (echoed >= ECHO_CHARS_MIN || this.#hasBegunAnew()) {
      this.#diverged = `the new words say ${echoed} delivered characters again and end`;
      return null;
    }
    return this.#ended(this.#goOn());
  }

  #read(at: number): void {
    const code = this.#held.charCodeAt(at);
    if (this.#anew === at && this.#prefix.charCodeAt(at) === code) this.#anew += 1;
    this.#starts =
      this.#starts === null ? this.#firstStarts(code) : this.#laterStarts(this.#starts, at, code);
  }

  #firstStarts(code: number): readonly number[] {
    const starts: number[] = [];
    for (let start = 0; start < this.#tail.length; start += 1) {
      if (this.#tail.charCodeAt(start) === code) starts.push(start);
    }
    return this.#unfinished(starts, 1);
  }

  #laterStarts(starts: readonly number[], at: number, code: number): readonly number[] {
    if (starts.length === 0) return starts;
    return this.#unfinished(
      starts.filter((start) => this.#tail.charCodeAt(start + at) === code),
      at + 1,
    );
  }

  // A start whose end of the tail is complete is remembered and done; later ones are longer.
  #unfinished(starts: number[], length: number): readonly number[] {
    if (starts.at(-1) !== this.#tail.length - length) return starts;
    starts.pop();
    this.#overlap = length;
    return starts;
  }

  #hasBegunAnew(): boolean {
    return this.#anew - this.#overlap >= RESTART_CHARS_MIN;
  }

  #beginAnew(): string | null {
    this.#restart = new RestartAlignment(this.#prefix);
    const held = this.#held;
    this.#held = '';
    return this.#again(this.#restart.push(held));
  }

  #again(rest: string | null): string | null {
    if (rest === null) return null;
    this.#decided = true;
    return this.#behind.push(rest);
  }

  #goOn(): string | null {
    const repeats = this.#overlap >= OVERLAP_CHARS_MIN || this.#overlap === this.#prefix.length;
    this.#decided = true;
    const held = this.#held;
    this.#held = '';
    return this.#behind.push(repeats ? held.slice(this.#overlap) : held);
  }

  // White space and halves may still wait behind the repetition.
  #ended(rest: string | null): string | null {
    return rest === null && this.diverged === null ? this.#behind.end() : rest;
  }
}
