import type { Alignment } from './joint.ts';
import type { Prefix } from './prefix.ts';

/**
 * The attempt goes on behind the prefix that it was shown. What the client has behind that, white space and perhaps half a
 * character, is left out where the attempt says it again. Half a character must be completed.
 */
export class PrefillAlignment implements Alignment {
  readonly covered = false;
  readonly #space: string;
  readonly #half: string;
  #repeated = 0;
  #inSpace = true;
  #diverged: string | null = null;

  constructor({ space, half }: Prefix) {
    this.#space = space;
    this.#half = half;
  }

  get diverged(): string | null {
    return this.#diverged;
  }

  push(text: string): string | null {
    if (this.#diverged !== null) return null;
    let at = 0;
    while (this.#inSpace && at < text.length) {
      this.#inSpace = text.charCodeAt(at) === this.#space.charCodeAt(this.#repeated);
      if (!this.#inSpace) break;
      at += 1;
      this.#repeated += 1;
    }
    if (at === text.length && (this.#half !== '' || this.#repeated < this.#space.length)) return null;
    if (this.#half === '') return text.slice(at);
    if (text.startsWith(this.#half, at)) return text.slice(at + 1);
    return this.#giveUp();
  }

  end(): string | null {
    return this.#half === '' ? '' : this.#giveUp();
  }

  #giveUp(): null {
    this.#diverged = 'the new words do not complete the character that was cut in half';
    return null;
  }
}
