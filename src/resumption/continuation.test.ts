import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResumeMethod } from '../spec/attempt.ts';
import type { GenerateRequest } from '../spec/generate.ts';
import type { StreamPart } from '../spec/stream.ts';
import { Continuation } from './continuation.ts';
import { Delivery, deliveredText, type Delivered } from './delivered.ts';
import { splitPrefix } from './prefix.ts';
import {
  anyAnswer,
  collected,
  cutter,
  partsOf,
  textOf,
  wordAnswer,
  words,
  type Said,
} from './testing/answers.ts';
import { resumeRules, waysToResume } from './ways.ts';

const REQUEST: GenerateRequest = { model: 'm', stream: true, messages: [], tools: [] };

function noted(parts: readonly StreamPart[]): Delivered {
  const delivery = new Delivery();
  for (const part of parts) delivery.note(part);
  return delivery.snapshot();
}

interface Resumed {
  readonly out: readonly StreamPart[];
  readonly continuation: Continuation;
}

function resume(
  delivered: Delivered,
  method: ResumeMethod,
  parts: readonly StreamPart[],
  reasoningSigned = false,
): Resumed {
  const rules = resumeRules(REQUEST, delivered, { reasoningSigned });
  const continuation = new Continuation(delivered, method, rules);
  const out = parts.flatMap((part) => [...continuation.push(part)]);
  return { out: [...out, ...continuation.end()].filter(({ type }) => type !== 'usage'), continuation };
}

const seeds = fc.integer({ min: 1, max: 1_000_000 });
/** How the two attempts are cut into deltas, and where the first one breaks off. */
const cuts = fc.record({ a: seeds, b: seeds, at: fc.nat(), keep: fc.nat() });

/** The first attempt up to some part, whose text may end anywhere. */
function broken(parts: readonly StreamPart[], at: number, keep: number): StreamPart[] {
  const until = Math.max(1, Math.min(parts.length - 1, at % parts.length));
  const cut = parts.slice(0, until);
  const last = cut.at(-1);
  if (last === undefined || !('text' in last)) return cut;
  const text = last.text.slice(0, Math.max(1, keep % (last.text.length + 1)));
  return [...cut.slice(0, -1), { ...last, text }];
}

function textPart(text: string): Said {
  return { start: { type: 'text' }, text, citations: [], signed: false };
}

describe('a restart that says the same', () => {
  it('completes any answer that was cut anywhere, each character once', () => {
    fc.assert(
      fc.property(anyAnswer, cuts, fc.boolean(), (answer, { a, b, at, keep }, signed) => {
        const whole = partsOf(answer, cutter(a));
        const first = broken(whole, at, keep);
        const delivered = noted(first);
        const { out, continuation } = resume(delivered, 'restart', partsOf(answer, cutter(b)), signed);
        expect(continuation.diverged).toBe(null);
        expect(collected([...first, ...out])).toEqual(collected(whole));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never gives half a character that it could have given whole', () => {
    fc.assert(
      fc.property(words(), seeds, (text, seed) => {
        const { out } = resume(
          noted([{ type: 'start', id: null, model: null }]),
          'restart',
          partsOf([textPart(text)], cutter(seed)),
        );
        expect(out.filter((part) => 'text' in part && !part.text.isWellFormed())).toEqual([]);
        expect(textOf(out)).toBe(text);
      }),
    );
  });
});

describe('a prefill', () => {
  it('completes words that were cut anywhere, whether white space is said again or not', () => {
    fc.assert(
      fc.property(wordAnswer, cuts, fc.boolean(), (answer, { a, b, at, keep }, repeats) => {
        const first = broken(partsOf(answer, cutter(a)), at, keep);
        const delivered = noted(first);
        fc.pre(waysToResume(REQUEST, delivered).includes('prefill'));
        const whole = answer.map(({ start, text }) => (start.type === 'text' ? text : '')).join('');
        const { prefix, space } = splitPrefix(deliveredText(delivered));
        // White space that goes on behind the cut cannot be told from white space that is said again.
        fc.pre(repeats || !/^\s/.test(whole.slice(prefix.length + space.length)));
        const rest = whole.slice(repeats ? prefix.length : prefix.length + space.length);
        const half = repeats || splitPrefix(deliveredText(delivered)).half === '';
        fc.pre(half);
        const said = rest === '' ? [] : [textPart(rest)];
        const { out, continuation } = resume(delivered, 'prefill', partsOf(said, cutter(b)));
        expect(continuation.diverged).toBe(null);
        expect(textOf([...first, ...out])).toBe(whole);
        expect(noted([...first, ...out]).blocks.filter(({ open }) => open)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
