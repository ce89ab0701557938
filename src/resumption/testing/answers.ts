import fc from 'fast-check';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { Delivery } from '../delivered.ts';

/** One block of a whole answer. */
export interface Said {
  readonly start: BlockStart;
  readonly text: string;
  readonly citations: readonly string[];
  readonly signed: boolean;
}

const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', ' ', 'e', '\n', 'the ', 'Z') },
  { weight: 1, arbitrary: fc.constantFrom('😀', '👩‍👩‍👧', 'é', '한', '\u2028', 'ﷺ') },
);

/** Words with emoji, combining marks and white space. */
export function words(maxLength = 40): fc.Arbitrary<string> {
  return fc.array(unit, { minLength: 1, maxLength }).map((units) => units.join(''));
}

function said(start: fc.Arbitrary<BlockStart>, text: fc.Arbitrary<string>): fc.Arbitrary<Said> {
  return fc.record({ start, text, citations: fc.constant<string[]>([]), signed: fc.boolean() });
}

const reasoning = said(fc.constant<BlockStart>({ type: 'reasoning' }), words());
const call = said(
  fc.record({
    type: fc.constant('tool-call' as const),
    id: fc.constant(''),
    name: fc.constantFrom('look', 'find', 'send'),
  }),
  fc.json(),
);
const native = said(
  fc.record({
    type: fc.constant('native' as const),
    native: fc.record({ origin: fc.constant('wire'), value: fc.constantFrom('x', 'y') }),
  }),
  fc.constant(''),
);
/** A block of words with sources. */
export const textBlock: fc.Arbitrary<Said> = fc.record({
  start: fc.constant<BlockStart>({ type: 'text' }),
  text: words(),
  citations: fc.array(fc.constantFrom('s1', 's2', 's3'), { maxLength: 2 }),
  signed: fc.boolean(),
});

/** The blocks of any answer: thoughts, words, calls, blocks of other wires, in any order. */
export const anyAnswer: fc.Arbitrary<readonly Said[]> = fc
  .array(fc.oneof(textBlock, reasoning, call, native), { minLength: 1, maxLength: 6 })
  .map((blocks) => blocks.map(withOwnId));

function withOwnId(block: Said, at: number): Said {
  return block.start.type === 'tool-call' ? { ...block, start: { ...block.start, id: `call-${at}` } } : block;
}

/** An answer of thoughts and then words. */
export const wordAnswer: fc.Arbitrary<readonly Said[]> = fc
  .tuple(fc.array(reasoning, { maxLength: 1 }), fc.array(textBlock, { minLength: 1, maxLength: 3 }))
  .map(([thoughts, texts]) => [...thoughts, ...texts]);

/** The parts of an answer, its text cut anywhere, even inside characters; neighbouring calls interleave. */
export function partsOf(answer: readonly Said[], cuts: (length: number) => number): StreamPart[] {
  const parts: StreamPart[] = [{ type: 'start', id: 'answer', model: 'm' }];
  let index = 0;
  while (index < answer.length) {
    let end = index + 1;
    while (answer[index]?.start.type === 'tool-call' && answer[end]?.start.type === 'tool-call') end += 1;
    parts.push(...together(answer.slice(index, end), index, cuts));
    index = end;
  }
  parts.push({ type: 'finish', finish: { reason: 'stop' } });
  return parts;
}

function together(blocks: readonly Said[], first: number, cuts: (length: number) => number): StreamPart[] {
  const parts: StreamPart[] = [];
  const left = blocks.map(({ text }) => text);
  blocks.forEach(({ start }, at) => parts.push({ type: 'block-start', index: first + at, block: start }));
  while (left.some((text) => text !== '')) {
    left.forEach((text, at) => {
      if (text === '') return;
      const length = cuts(text.length);
      left[at] = text.slice(length);
      parts.push(delta(blocks[at]!.start.type, first + at, text.slice(0, length)));
    });
  }
  blocks.forEach(({ citations, signed, start }, at) => {
    for (const source of citations)
      parts.push({ type: 'citation', index: first + at, citation: { origin: 'wire', value: source } });
    const opaque = signed && start.type !== 'native' ? { opaque: { origin: 'wire', value: `${at}` } } : {};
    parts.push({ type: 'block-end', index: first + at, ...opaque });
  });
  return parts;
}

function delta(type: BlockStart['type'], index: number, text: string): StreamPart {
  if (type === 'text') return { type: 'text-delta', index, text };
  if (type === 'reasoning') return { type: 'reasoning-delta', index, text };
  if (type === 'refusal') return { type: 'refusal-delta', index, text };
  return { type: 'tool-input-delta', index, text };
}

/** A way of cutting text that repeats itself for a seed. */
export function cutter(seed: number): (length: number) => number {
  let state = seed >>> 0;
  return (length) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.min(length, 1 + ((state >>> 8) % 9));
  };
}

/** What a client has made of parts, without what depends on how they were cut. */
export function collected(parts: readonly StreamPart[]): unknown {
  const delivery = new Delivery();
  for (const part of parts) delivery.note(part);
  const { blocks, finish, id } = delivery.snapshot();
  return { id, finish, blocks };
}

/** All words. */
export function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
}

/** Text of words that hardly repeats itself; the same for the same seed. */
export function prose(seed: number, count: number): string {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
  const letters = Array.from('abcdefghijklmnopqrstuvwxyzäß😀é');
  const spoken = Array.from({ length: count }, () =>
    Array.from({ length: 3 + next(6) }, () => letters[next(letters.length)]).join(''),
  );
  return spoken
    .map((word) => word + (next(12) === 0 ? '.\n\n' : ' '))
    .join('')
    .trimEnd();
}
