import type { Finish, NativeValue, OpaqueState } from '../spec/generate.ts';
import type { BlockStart, StreamPart } from '../spec/stream.ts';
import { laterUsage, type Usage } from '../spec/usage.ts';

/** One block of an answer, as far as the client has it. */
export interface DeliveredBlock {
  /** The client's index of the block, counted from 0 in the order of opening. */
  readonly index: number;
  /** What opened it: the id and name of a tool call, or all of a native or media block. */
  readonly start: BlockStart;
  /** Its text so far: words, thoughts, or the arguments of a tool call. */
  readonly text: string;
  /** Whether its end has not been delivered. */
  readonly open: boolean;
  /** Signed state that came with it. */
  readonly opaque: OpaqueState | null;
  readonly citations: readonly NativeValue[];
}

/** What the client has of a streamed answer at one moment; later parts do not change it. */
export interface Delivered {
  /** Whether the answer has begun at all. */
  readonly started: boolean;
  readonly id: string | null;
  readonly model: string | null;
  readonly blocks: readonly DeliveredBlock[];
  readonly usage: Usage | null;
  readonly finish: Finish | null;
  /** Length of all text of all blocks in UTF-16 units. */
  readonly chars: number;
}

/**
 * Keeps what was given to the client of one streamed answer. `note` takes every part that goes to the client, of the first
 * attempt and of those that go on with it; text is only appended, so that an answer that never breaks pays next to nothing.
 */
export class Delivery {
  readonly #blocks = new Map<number, Block>();
  #started = false;
  #id: string | null = null;
  #model: string | null = null;
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  #chars = 0;

  note(part: StreamPart): void {
    if ('text' in part) this.#grow(part.index, part.text);
    else if ('index' in part) this.#noteBlock(part);
    else this.#noteAnswer(part);
  }

  /** What the client has now, as a copy that stays as it is. */
  snapshot(): Delivered {
    return {
      started: this.#started,
      id: this.#id,
      model: this.#model,
      blocks: Array.from(this.#blocks.values(), (block) => block.snapshot()),
      usage: this.#usage,
      finish: this.#finish,
      chars: this.#chars,
    };
  }

  #noteBlock(part: BlockEvent): void {
    switch (part.type) {
      case 'block-start':
        this.#blocks.set(part.index, new Block(part.index, part.block));
        return;
      case 'block-end':
        this.#blocks.get(part.index)?.close(part.opaque);
        return;
      case 'citation':
        this.#blocks.get(part.index)?.citations.push(part.citation);
        return;
    }
  }

  #noteAnswer(part: AnswerEvent): void {
    switch (part.type) {
      case 'start':
        this.#started = true;
        this.#id = part.id;
        this.#model = part.model;
        return;
      case 'usage':
        this.#usage = this.#usage === null ? part.usage : laterUsage(this.#usage, part.usage);
        return;
      case 'finish':
        this.#finish = part.finish;
        return;
      case 'error':
        return;
    }
  }

  #grow(index: number, text: string): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    block.text += text;
    this.#chars += text.length;
  }
}

type AnswerEvent = Exclude<StreamPart, { readonly index: number }>;
type BlockEvent = Exclude<StreamPart, AnswerEvent | { readonly text: string }>;

class Block {
  readonly citations: NativeValue[] = [];
  text = '';
  readonly #index: number;
  readonly #start: BlockStart;
  #open = true;
  #opaque: OpaqueState | null;

  constructor(index: number, start: BlockStart) {
    this.#index = index;
    this.#start = start;
    this.#opaque = start.type === 'tool-call' ? (start.opaque ?? null) : null;
  }

  close(opaque: OpaqueState | undefined): void {
    this.#open = false;
    this.#opaque = opaque ?? this.#opaque;
  }

  snapshot(): DeliveredBlock {
    return {
      index: this.#index,
      start: this.#start,
      text: this.text,
      open: this.#open,
      opaque: this.#opaque,
      citations: [...this.citations],
    };
  }
}

/** The words that the client has: the text blocks in their order. */
export function deliveredText(delivered: Delivered): string {
  let text = '';
  for (const block of delivered.blocks) if (block.start.type === 'text') text += block.text;
  return text;
}
