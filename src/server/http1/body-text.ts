import { brandText } from '../../base/brand.ts';
import { EMPTY_BYTES, type Bytes } from '../../base/bytes.ts';

/**
 * A body that grows piece by piece. The engine joins texts by keeping both, at some forty bytes a join: a body sent in
 * chunks of one byte would take forty times its length. So small pieces are collected and copied into one text.
 */
export class BodyText {
  #whole: string = EMPTY_BYTES;
  #small = '';

  get length(): number {
    return this.#whole.length + this.#small.length;
  }

  append(piece: string): void {
    if (this.#small === '' && (this.#whole === '' || piece.length >= SMALL_BYTES)) {
      this.#whole = this.#whole === '' ? piece : this.#whole + piece;
      return;
    }
    this.#small += piece;
    if (this.#small.length < SMALL_BYTES) return;
    this.#whole += Buffer.from(this.#small, 'latin1').toString('latin1');
    this.#small = '';
  }

  /** Hands over what is there, and forgets it. */
  take(): Bytes {
    const body = this.#small === '' ? this.#whole : this.#whole + this.#small;
    this.#whole = EMPTY_BYTES;
    this.#small = '';
    return brandText<Bytes>(body);
  }
}

/** Up to this length pieces are collected. */
const SMALL_BYTES = 8192;
