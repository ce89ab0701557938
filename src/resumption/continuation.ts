import { assert } from '../base/assert.ts';
import type { ResumeMethod } from '../spec/attempt.ts';
import type { Finish } from '../spec/generate.ts';
import type { StreamPart } from '../spec/stream.ts';
import { laterUsage, type Usage } from '../spec/usage.ts';
import { BlockJoint } from './block-joint.ts';
import { DeliveredCitations } from './citations.ts';
import { ContinueAlignment } from './continue-alignment.ts';
import { deliveredText, type Delivered } from './delivered.ts';
import type { BlockPart, Joint } from './joint.ts';
import { Passage } from './passage.ts';
import { PrefillAlignment } from './prefill-alignment.ts';
import { splitPrefix } from './prefix.ts';
import { RestartAlignment } from './restart-alignment.ts';
import { TextJoint } from './text-joint.ts';
import { answerUsage } from './usage.ts';
import type { ResumeRules } from './ways.ts';

/**
 * Takes the parts of an attempt that goes on with an answer that broke off, and gives those that the client does not have:
 * what it had and what comes out make one answer, no character missing, none doubled. An attempt that does not fit is given
 * up: `diverged` says why, and nothing comes out any more. Errors never come out; they end the attempt and are the
 * caller's matter. Usage comes out once, at the end, as the client is shown it.
 */
export class Continuation {
  readonly #delivered: Delivered;
  readonly #method: ResumeMethod;
  readonly #passage: Passage;
  readonly #joint: Joint;
  readonly #citations: DeliveredCitations | null;
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  #usageTold = false;

  /** The method must be one of `waysToResume`, the rules those of `resumeRules`. */
  constructor(delivered: Delivered, method: ResumeMethod, rules: ResumeRules) {
    assert(delivered.finish === null, 'an answer that is whole does not go on');
    this.#delivered = delivered;
    this.#method = method;
    this.#passage = new Passage(delivered);
    this.#joint = jointOf(this.#passage, delivered, method, rules);
    this.#citations = method === 'restart' ? new DeliveredCitations(delivered) : null;
  }

  /** Why the attempt was given up, as a sentence without words of the answer; null while it was not. */
  get diverged(): string | null {
    return this.#joint.diverged;
  }

  /** Whether the attempt has come to what the client does not have. */
  get joined(): boolean {
    return this.#joint.joined && this.diverged === null;
  }

  push(part: StreamPart): readonly StreamPart[] {
    if (this.diverged !== null) return [];
    switch (part.type) {
      case 'start':
        return this.#delivered.started ? [] : [part];
      case 'error':
        return [];
      case 'usage':
        return this.#count(part.usage);
      case 'finish':
        return this.#end(part.finish);
      default:
        return this.#block(part);
    }
  }

  /** The attempt is over. Without a finish it broke off as well: what waited is dropped, it was never given to anybody. */
  end(): readonly StreamPart[] {
    if (this.diverged !== null || this.#finish === null || this.#usageTold) return [];
    return [this.#tellUsage()];
  }

  #block(part: BlockPart): readonly StreamPart[] {
    if (this.#finish !== null) return [];
    if (part.type === 'citation' && this.#citations?.take(part.citation) === true) return [];
    const out: StreamPart[] = [];
    this.#joint.push(part, out);
    return out;
  }

  #end(finish: Finish): readonly StreamPart[] {
    if (this.#finish !== null) return [];
    const out: StreamPart[] = [];
    this.#joint.finish(out);
    if (this.diverged !== null) return [];
    this.#finish = finish;
    if (this.#usage !== null) out.push(this.#tellUsage());
    out.push({ type: 'finish', finish });
    return out;
  }

  #count(usage: Usage): readonly StreamPart[] {
    this.#usage = this.#usage === null ? usage : laterUsage(this.#usage, usage);
    return this.#finish === null ? [] : [this.#tellUsage()];
  }

  #tellUsage(): StreamPart {
    this.#usageTold = true;
    const usage = answerUsage({
      method: this.#method,
      first: this.#delivered.usage,
      last: this.#usage,
      deliveredChars: this.#delivered.chars,
      shownChars: deliveredText(this.#delivered).length,
      addedChars: this.#passage.chars,
    });
    return { type: 'usage', usage };
  }
}

function jointOf(
  passage: Passage,
  delivered: Delivered,
  method: ResumeMethod,
  { exactOnly, dropReasoning }: ResumeRules,
): Joint {
  const text = deliveredText(delivered);
  switch (method) {
    case 'prefill':
      return new TextJoint(delivered, new PrefillAlignment(splitPrefix(text)), passage, 'hidden');
    case 'continue':
      return new TextJoint(delivered, new ContinueAlignment(splitPrefix(text)), passage, 'hidden');
    case 'restart': {
      if (exactOnly || delivered.blocks.length === 0)
        return new BlockJoint(delivered, passage, dropReasoning);
      const reasoning = dropReasoning ? 'until-joined' : 'differs';
      return new TextJoint(delivered, new RestartAlignment(text), passage, reasoning);
    }
  }
}
