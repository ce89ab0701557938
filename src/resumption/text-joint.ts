import type { StreamPart } from '../spec/stream.ts';
import type { Delivered } from './delivered.ts';
import type { Alignment, BlockPart, Joint } from './joint.ts';
import type { Passage } from './passage.ts';

/** What happens to reasoning of the new attempt: `hidden` always, `until-joined`, or it is a difference. */
export type ReasoningRule = 'hidden' | 'until-joined' | 'differs';

/**
 * Goes on with words. Where the delivered text ends, the alignment says; this keeps the blocks in order: the words behind
 * that point go on in the client's open block, or in a new one if the last was closed.
 */
export class TextJoint implements Joint {
  readonly #alignment: Alignment;
  readonly #passage: Passage;
  readonly #reasoning: ReasoningRule;
  /** The client's open text block. */
  readonly #open: number | null;
  /** Number of the client's text blocks. */
  readonly #texts: number;
  readonly #hidden = new Set<number>();
  readonly #citations: BlockPart[] = [];
  /** Text blocks that the attempt has opened. */
  #opened = 0;
  /** The attempt's text block that is or was open last. */
  #current: number | null = null;
  /** Its end, if that came before the point was found. */
  #ended: BlockPart | null = null;
  #joined = false;
  #diverged: string | null = null;

  constructor(delivered: Delivered, alignment: Alignment, passage: Passage, reasoning: ReasoningRule) {
    const last = delivered.blocks.at(-1);
    this.#alignment = alignment;
    this.#passage = passage;
    this.#reasoning = reasoning;
    this.#open = last?.open === true ? last.index : null;
    this.#texts = delivered.blocks.filter(({ start }) => start.type === 'text').length;
  }

  get joined(): boolean {
    return this.#joined;
  }

  get diverged(): string | null {
    return this.#diverged ?? this.#alignment.diverged;
  }

  push(part: BlockPart, out: StreamPart[]): void {
    if (this.#hidden.has(part.index)) return;
    if (part.type === 'block-start' && part.block.type === 'reasoning' && this.#hides(part.index)) return;
    if (this.#joined) this.#passage.push(part, out);
    else this.#before(part, out);
  }

  finish(out: StreamPart[]): void {
    this.#join(out);
    if (this.#joined) this.#passage.closeAll(out);
  }

  #hides(index: number): boolean {
    if (this.#reasoning === 'hidden' || (this.#reasoning === 'until-joined' && !this.#joined)) {
      this.#hidden.add(index);
      return true;
    }
    return false;
  }

  #before(part: BlockPart, out: StreamPart[]): void {
    switch (part.type) {
      case 'block-start':
        if (part.block.type === 'text') this.#begin(part.index);
        else this.#other(part, part.block.type, out);
        return;
      case 'text-delta': {
        const rest = this.#alignment.push(part.text);
        // Log probabilities belong to the whole delta only.
        if (rest !== null)
          this.#connect(rest === part.text ? part : { ...withoutLogprobs(part), text: rest }, out);
        else if (this.#open !== null && this.#atLastBlock()) this.#connect({ ...part, text: '' }, out);
        return;
      }
      case 'block-end':
        this.#ended = part;
        if (this.#atLastBlock()) this.#join(out);
        return;
      case 'citation':
        this.#citations.push(part);
        return;
      default:
        return;
    }
  }

  #begin(index: number): void {
    this.#opened += 1;
    this.#current = index;
    this.#ended = null;
  }

  // The words are over where a block of another kind begins, at least for now.
  #other(part: BlockPart, type: string, out: StreamPart[]): void {
    if (type === 'reasoning' || type === 'refusal') {
      this.#diverged = `the new attempt gives ${type} before it has gone on`;
      return;
    }
    this.#join(out);
    if (this.#joined) this.#passage.push(part, out);
  }

  /** Whether all delivered words were read, in no fewer blocks than the client has. */
  #atLastBlock(): boolean {
    return this.#alignment.covered && this.#opened >= this.#texts;
  }

  // No more words come: what was held back is new, or the attempt does not fit.
  #join(out: StreamPart[]): void {
    if (this.#joined || this.#diverged !== null) return;
    const rest = this.#alignment.end();
    if (rest === null) return;
    this.#connect({ type: 'text-delta', index: this.#current ?? 0, text: rest }, out);
  }

  #connect(rest: TextDelta, out: StreamPart[]): void {
    this.#joined = true;
    const current = this.#current;
    if (current === null) return;
    const closes = this.#ended !== null && rest.text === '';
    if (this.#open !== null && !(closes && this.#texts > this.#opened))
      this.#passage.adopt(current, this.#open);
    else this.#passage.await(current);
    for (const citation of this.#citations) this.#passage.push({ ...citation, index: current }, out);
    if (rest.text !== '') this.#passage.push(rest, out);
    if (this.#ended !== null) this.#passage.push(this.#ended, out);
  }
}

type TextDelta = Extract<StreamPart, { readonly type: 'text-delta' }>;

function withoutLogprobs({ type, index, text }: TextDelta): TextDelta {
  return { type, index, text };
}
