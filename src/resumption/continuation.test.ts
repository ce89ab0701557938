import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResumeMethod } from '../spec/attempt.ts';
import type { GenerateRequest } from '../spec/generate.ts';
import type { StreamPart } from '../spec/stream.ts';
import { UNKNOWN_USAGE } from '../spec/usage.ts';
import { Continuation } from './continuation.ts';
import { deliveredText, type Delivered } from './delivered.ts';
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
import { noted, openText } from './testing/resume.ts';
import { resumeRules, waysToResume } from './ways.ts';

const REQUEST: GenerateRequest = { model: 'm', stream: true, messages: [], tools: [] };

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

describe('what is not text', () => {
  const RULES = { exactOnly: false, dropReasoning: true };
  const FIRST = openText(['Hello']);
  const counted = (output: number): StreamPart => ({
    type: 'usage',
    usage: { ...UNKNOWN_USAGE, input: 9, output },
  });
  const finish: StreamPart = { type: 'finish', finish: { reason: 'stop' } };

  function all(
    delivered: Delivered,
    method: ResumeMethod,
    parts: readonly StreamPart[],
  ): readonly StreamPart[] {
    const continuation = new Continuation(delivered, method, RULES);
    const out = parts.flatMap((part) => [...continuation.push(part)]);
    return [...out, ...continuation.end()];
  }

  const usageOf = (parts: readonly StreamPart[]): unknown =>
    parts.flatMap((part) => (part.type === 'usage' ? [[part.usage.output, part.usage.source]] : []));

  it('is usage: told once, before the finish or when it comes', () => {
    const said = openText(['Hello you all']);
    const delivered = noted(FIRST);
    const before = all(delivered, 'restart', [counted(1), ...said, counted(4), finish]);
    expect(before.map(({ type }) => type)).toEqual(['text-delta', 'block-end', 'usage', 'finish']);
    expect(usageOf(before)).toEqual([[4, 'reported']]);
    const behind = all(delivered, 'restart', [...said, finish, counted(4)]);
    expect(behind.map(({ type }) => type)).toEqual(['text-delta', 'block-end', 'finish', 'usage']);
    expect(usageOf(behind)).toEqual([[4, 'reported']]);
    const twice = all(delivered, 'restart', [...said, counted(3), finish, counted(4)]);
    expect(usageOf(twice)).toEqual([
      [3, 'reported'],
      [4, 'reported'],
    ]);
  });

  it('is usage: estimated from what the client got where nobody counted, and not told of what broke off', () => {
    const said = openText([' you all']);
    expect(usageOf(all(noted(FIRST), 'prefill', [...said, finish]))).toEqual([[4, 'estimated']]);
    expect(usageOf(all(noted(FIRST), 'prefill', [...said, counted(2)]))).toEqual([]);
  });

  it('is an error, which never comes out, and a start, which comes once', () => {
    const error: StreamPart = { type: 'error', kind: 'upstream_unavailable', message: 'gone' };
    expect(all(noted(FIRST), 'prefill', [...openText([]), error])).toEqual([]);
    expect(all(noted([]), 'restart', openText([])).map(({ type }) => type)).toEqual(['start', 'block-start']);
  });

  it('is nothing behind the finish', () => {
    const parts = [...openText([' you']), finish, finish, ...openText(['!'])];
    const out = all(noted(FIRST), 'prefill', parts);
    expect(out.map(({ type }) => type)).toEqual(['text-delta', 'block-end', 'finish', 'usage']);
  });

  it('is a block of another kind: what is open before it is closed first', () => {
    const call: StreamPart = {
      type: 'block-start',
      index: 0,
      block: { type: 'tool-call', id: 'c', name: 'f' },
    };
    expect(all(noted(FIRST), 'prefill', [call])).toEqual([
      { type: 'block-end', index: 0 },
      { ...call, index: 1 },
    ]);
  });

  it('is a refusal: nothing that goes on with words', () => {
    for (const method of ['prefill', 'continue'] as const) {
      const continuation = new Continuation(noted(FIRST), method, RULES);
      expect(continuation.push({ type: 'block-start', index: 0, block: { type: 'refusal' } })).toEqual([]);
      expect(continuation.diverged).toBe('the new attempt gives refusal before it has gone on');
    }
  });

  it('is signed state and sources of words that were held back', () => {
    const opaque = { origin: 'wire', value: 'signed' };
    const citation: StreamPart = { type: 'citation', index: 0, citation: { origin: 'wire', value: 's' } };
    const call: StreamPart = {
      type: 'block-start',
      index: 1,
      block: { type: 'tool-call', id: 'c', name: 'f' },
    };
    const parts = [...openText(['H']), citation, { type: 'block-end', index: 0, opaque } as const, call];
    expect(all(noted(FIRST), 'continue', parts)).toEqual([
      citation,
      { type: 'text-delta', index: 0, text: 'H' },
      { type: 'block-end', index: 0, opaque },
      call,
    ]);
  });

  it('is signed state of a block that the client has: it does not sign the next one', () => {
    const opaque = { origin: 'wire', value: 'signed' };
    const end: StreamPart = { type: 'block-end', index: 0, opaque };
    const delivered = noted([...FIRST, end, { type: 'block-start', index: 1, block: { type: 'text' } }]);
    const call: StreamPart = {
      type: 'block-start',
      index: 1,
      block: { type: 'tool-call', id: 'c', name: 'f' },
    };
    expect(all(delivered, 'restart', [...FIRST, end, call])).toEqual([
      { type: 'block-end', index: 1 },
      { ...call, index: 2 },
    ]);
  });
});
