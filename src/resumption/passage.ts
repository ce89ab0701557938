import type { BlockStart, StreamPart } from '../spec/stream.ts';
import type { Delivered } from './delivered.ts';
import type { BlockPart, DeltaPart } from './joint.ts';
import { endsInHalf } from './prefix.ts';

/**
 * Writes parts of the new attempt under the indexes that the client knows: blocks that go on keep theirs, later ones are
 * counted on from the last. Half a character at the end of a delta waits for its other half.
 */
export class Passage {
  readonly #indexes = new Map<number, number>();
  readonly #awaited = new Set<number>();
  /** Blocks of the client that are open and that nobody goes on with. */
  readonly #left = new Set<number>();
  readonly #halves = new Map<number, DeltaPart>();
  readonly #callIds = new Set<string>();
  #next = 0;
  #chars = 0;

  constructor({ blocks }: Delivered) {
    for (const block of blocks) {
      this.#next = Math.max(this.#next, block.index + 1);
      if (block.open) this.#left.add(block.index);
      if (block.start.type === 'tool-call') this.#callIds.add(block.start.id);
    }
  }

  /** Characters written so far. */
  get chars(): number {
    return this.#chars;
  }

  /** The attempt's block goes on with an open block of the client. */
  adopt(index: number, clientIndex: number): void {
    this.#left.delete(clientIndex);
    this.#indexes.set(index, clientIndex);
  }

  /** The attempt's text block has more than the client's closed one, if anything comes: then it opens a block. */
  await(index: number): void {
    this.#awaited.add(index);
  }

  /** Parts of blocks that were neither adopted nor opened here are left out. */
  push(part: BlockPart, out: StreamPart[]): void {
    switch (part.type) {
      case 'block-start':
        this.#closeLeft(out);
        this.#indexes.set(part.index, this.#next);
        out.push({ ...part, index: this.#next, block: this.#withOwnId(part.block) });
        this.#next += 1;
        return;
      case 'citation': {
        const index = this.#indexes.get(part.index);
        if (index !== undefined) out.push({ ...part, index });
        return;
      }
      case 'block-end':
        this.#close(part, out);
        return;
      default:
        this.#delta(part, out);
    }
  }

  /** Closes everything. */
  closeAll(out: StreamPart[]): void {
    this.#closeLeft(out);
    for (const index of this.#indexes.keys()) this.#close({ type: 'block-end', index }, out);
  }

  #closeLeft(out: StreamPart[]): void {
    for (const index of this.#left) out.push({ type: 'block-end', index });
    this.#left.clear();
  }

  // Providers that count their calls give every first call the same id; results are told apart by it.
  #withOwnId(block: BlockStart): BlockStart {
    if (block.type !== 'tool-call') return block;
    let { id } = block;
    for (let n = 2; this.#callIds.has(id); n += 1) id = `${block.id}_${n}`;
    this.#callIds.add(id);
    return id === block.id ? block : { ...block, id };
  }

  #close(part: Extract<BlockPart, { readonly type: 'block-end' }>, out: StreamPart[]): void {
    const index = this.#indexes.get(part.index);
    this.#awaited.delete(part.index);
    if (index === undefined) return;
    this.#indexes.delete(part.index);
    const half = this.#halves.get(index);
    if (half !== undefined) this.#write(half, out);
    out.push({ ...part, index });
  }

  #delta(part: DeltaPart, out: StreamPart[]): void {
    if (part.text !== '' && this.#awaited.delete(part.index)) {
      this.push({ type: 'block-start', index: part.index, block: { type: 'text' } }, out);
    }
    const index = this.#indexes.get(part.index);
    if (index === undefined) return;
    const half = this.#halves.get(index);
    if (half === undefined && !endsInHalf(part.text)) {
      this.#write({ ...part, index }, out);
      return;
    }
    this.#halves.delete(index);
    const text = (half?.text ?? '') + part.text;
    const whole = endsInHalf(text) ? text.slice(0, -1) : text;
    if (whole.length < text.length)
      this.#halves.set(index, { ...part, index, text: text.slice(whole.length) });
    if (whole !== '') this.#write({ ...part, index, text: whole }, out);
  }

  #write(part: DeltaPart, out: StreamPart[]): void {
    this.#chars += part.text.length;
    out.push(part);
  }
}
