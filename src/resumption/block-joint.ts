import type { OpaqueState } from '../spec/generate.ts';
import type { BlockStart, StreamPart } from '../spec/stream.ts';
import type { Delivered, DeliveredBlock } from './delivered.ts';
import type { BlockPart, DeltaPart, Joint } from './joint.ts';
import type { Passage } from './passage.ts';

/** Parts that wait until all blocks are proven: more than this is given up. */
const HELD_CHARS_MAX = 4_000_000;

/**
 * Goes on with an answer that must begin exactly as it was delivered. The attempt's blocks are compared with the client's in
 * the order of opening: kind, name of the tool, every character, where blocks end. Only when all of them are proven does
 * anything come out. Where the rules allow it, reasoning that differs is left out on both sides: the client keeps what it
 * has, and gets none until the attempt has come to something else.
 */
export class BlockJoint implements Joint {
  readonly #blocks: readonly DeliveredBlock[];
  readonly #passage: Passage;
  readonly #dropReasoning: boolean;
  readonly #pairs = new Map<number, Pair>();
  readonly #hidden = new Set<number>();
  readonly #unproven: Set<DeliveredBlock>;
  #held: BlockPart[] = [];
  #heldChars = 0;
  /** Next block of the client that the attempt must open. */
  #cursor = 0;
  #reasoning: 'compared' | 'dropped' | 'dropped-before' = 'compared';
  #joined: boolean;
  #diverged: string | null = null;

  constructor({ blocks }: Delivered, passage: Passage, dropReasoning: boolean) {
    this.#blocks = blocks;
    this.#passage = passage;
    this.#dropReasoning = dropReasoning;
    this.#unproven = new Set(blocks);
    this.#joined = blocks.length === 0;
  }

  get joined(): boolean {
    return this.#joined;
  }

  get diverged(): string | null {
    return this.#diverged;
  }

  push(part: BlockPart, out: StreamPart[]): void {
    if (this.#hidden.has(part.index)) return;
    if (part.type === 'block-start') {
      this.#open(part, out);
      return;
    }
    const pair = this.#pairs.get(part.index);
    if (this.#joined) this.#passage.push(part, out);
    else if (pair === undefined || part.type === 'citation') this.#hold(part);
    else if (part.type === 'block-end') this.#close(pair, part);
    else this.#grow(pair, part);
    this.#tryJoin(out);
  }

  finish(out: StreamPart[]): void {
    // A provider that leaves out the ends of blocks ends them all here.
    for (const [index, pair] of this.#pairs) if (!pair.ended) this.#close(pair, { type: 'block-end', index });
    this.#tryJoin(out);
    if (this.#joined) this.#passage.closeAll(out);
    else this.#diverged ??= 'the new answer ended before all of the delivered one had come';
  }

  #open(part: OpenPart, out: StreamPart[]): void {
    const isReasoning = part.block.type === 'reasoning';
    if (isReasoning && this.#reasoning === 'dropped') {
      this.#hidden.add(part.index);
      return;
    }
    if (this.#joined) {
      this.#stopDropping();
      this.#passage.push(part, out);
      return;
    }
    this.#pair(part);
    this.#tryJoin(out);
  }

  #pair(part: OpenPart): void {
    let expected = this.#blocks[this.#cursor];
    while (expected?.start.type === 'reasoning' && part.block.type !== 'reasoning' && this.#dropReasoning) {
      this.#drop();
      this.#cursor += 1;
      expected = this.#blocks[this.#cursor];
    }
    if (expected === undefined) {
      this.#stopDropping();
      this.#hold(part);
    } else if (isSame(expected.start, part.block)) {
      this.#cursor += 1;
      if (this.#cursor === this.#blocks.length) this.#stopDropping();
      const pair = new Pair(expected);
      this.#pairs.set(part.index, pair);
      this.#prove(pair);
    } else if (part.block.type === 'reasoning' && this.#dropReasoning) {
      this.#drop();
      this.#hidden.add(part.index);
    } else {
      this.#diverged = `block ${expected.index} of the new answer is ${named(part.block)} in place of ${named(expected.start)}`;
    }
  }

  #grow(pair: Pair, part: DeltaPart): void {
    const { text, open } = pair.block;
    const room = text.length - pair.matched;
    const due = part.text.length > room ? part.text.slice(0, room) : part.text;
    if (!text.startsWith(due, pair.matched) || (part.text.length > room && !open)) {
      this.#differ(pair);
      return;
    }
    pair.matched += due.length;
    if (part.text.length > room) this.#hold(room === 0 ? part : restOf(part, room));
    this.#prove(pair);
  }

  #close(pair: Pair, part: ClosePart): void {
    const { block } = pair;
    pair.ended = true;
    if (pair.matched < block.text.length || !isSameState(block, part.opaque)) this.#differ(pair);
    else if (block.open) this.#hold(part);
    else this.#prove(pair);
  }

  #prove({ block, matched, ended }: Pair): void {
    if (matched === block.text.length && (block.open || ended)) this.#unproven.delete(block);
  }

  #differ({ block, matched }: Pair): void {
    if (block.start.type === 'reasoning' && this.#dropReasoning) this.#drop();
    else this.#diverged ??= `the new answer differs after ${matched} characters of block ${block.index}`;
  }

  // The client keeps the reasoning that it has; what the attempt has given of its own is forgotten.
  #drop(): void {
    if (this.#reasoning !== 'compared') return;
    this.#reasoning = 'dropped';
    for (const block of this.#blocks) if (block.start.type === 'reasoning') this.#unproven.delete(block);
    for (const [index, { block }] of this.#pairs) {
      if (block.start.type !== 'reasoning') continue;
      this.#pairs.delete(index);
      this.#hidden.add(index);
    }
  }

  #stopDropping(): void {
    if (this.#reasoning === 'dropped') this.#reasoning = 'dropped-before';
  }

  #hold(part: BlockPart): void {
    this.#held.push(part);
    if ('text' in part) this.#heldChars += part.text.length;
    if (this.#heldChars > HELD_CHARS_MAX)
      this.#diverged = 'too much came before the delivered blocks had all come';
  }

  #tryJoin(out: StreamPart[]): void {
    if (this.#joined || this.#diverged !== null || this.#unproven.size > 0) return;
    this.#joined = true;
    for (const [index, { block }] of this.#pairs) if (block.open) this.#passage.adopt(index, block.index);
    const held = this.#held;
    this.#held = [];
    // Of blocks that were left out meanwhile nothing is adopted, so nothing comes out.
    for (const part of held) this.#passage.push(part, out);
  }
}

type OpenPart = Extract<BlockPart, { readonly type: 'block-start' }>;
type ClosePart = Extract<BlockPart, { readonly type: 'block-end' }>;

/** A block of the client and the attempt's block that must begin like it. */
class Pair {
  readonly block: DeliveredBlock;
  matched = 0;
  ended = false;

  constructor(block: DeliveredBlock) {
    this.block = block;
  }
}

// Log probabilities belong to the whole delta only; a part of them would be told twice.
function restOf({ type, index, text }: DeltaPart, room: number): DeltaPart {
  return { type, index, text: text.slice(room) };
}

// The client keeps its own id of a call.
function isSame(delivered: BlockStart, opened: BlockStart): boolean {
  if (delivered.type === 'tool-call') return opened.type === 'tool-call' && opened.name === delivered.name;
  return JSON.stringify(delivered) === JSON.stringify(opened);
}

// Where thoughts are told by their state alone, that is all there is to compare.
function isSameState({ start, text, open, opaque }: DeliveredBlock, ended: OpaqueState | undefined): boolean {
  if (open || opaque === null || text !== '' || start.type !== 'reasoning') return true;
  return opaque.value === ended?.value && opaque.origin === ended.origin;
}

function named(block: BlockStart): string {
  return block.type === 'tool-call' ? `a call of ${block.name}` : block.type;
}
