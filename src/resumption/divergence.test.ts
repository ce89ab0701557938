import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../spec/stream.ts';
import { anyAnswer, collected, cutter, partsOf, prose, textOf, type Said } from './testing/answers.ts';
import { deltasOf, noted, openText, resumeWith, textAnswer } from './testing/resume.ts';

const EXACT = { exactOnly: true, dropReasoning: false };
const DROPPING = { exactOnly: true, dropReasoning: true };
const ALIGNING = { exactOnly: false, dropReasoning: true };

function block(start: Said['start'], text = ''): Said {
  return { start, text, citations: [], signed: false };
}

function call(name: string, input: string, id = 'c1'): Said {
  return block({ type: 'tool-call', id, name }, input);
}

const thought = (text: string): Said => block({ type: 'reasoning' }, text);
const said = (text: string): Said => block({ type: 'text' }, text);
const whole = (...blocks: readonly Said[]): readonly StreamPart[] => partsOf(blocks, (length) => length);

/** The same answer, broken off within its last block after so many characters. */
function cut(chars: number, ...blocks: readonly Said[]): readonly StreamPart[] {
  const last = blocks.at(-1)!;
  const parts = whole(...blocks.slice(0, -1), { ...last, text: last.text.slice(0, chars) });
  return parts.slice(0, -2);
}

describe('log probabilities of a piece of which the client has a part', () => {
  it('are not told a second time', () => {
    const logprobs = { origin: 'openai-chat', value: { content: [{ token: 'Hi' }, { token: ' you' }] } };
    const second: readonly StreamPart[] = [
      ...openText([]),
      { type: 'text-delta', index: 0, text: 'Hi you', logprobs },
      { type: 'text-delta', index: 0, text: ' there', logprobs },
      { type: 'block-end', index: 0 },
      { type: 'finish', finish: { reason: 'stop' } },
    ];
    const { out, diverged } = resumeWith(noted(openText(['Hi'])), 'restart', EXACT, second);
    expect(diverged).toBeNull();
    expect(out.filter(({ type }) => type === 'text-delta')).toEqual([
      { type: 'text-delta', index: 0, text: ' you' },
      { type: 'text-delta', index: 0, text: ' there', logprobs },
    ]);
  });
});

describe('an attempt whose beginning must be proven', () => {
  it.each([
    ['another tool', cut(3, call('look', '{"a":1}')), whole(call('find', '{"a":1}'))],
    ['other arguments', cut(6, call('look', '{"a":1}')), whole(call('look', '{"b":1}'))],
    ['shorter arguments', cut(7, call('look', '{"a":1}')), whole(call('look', '{"a"'))],
    ['a call in place of words', cut(2, said('Hi you')), whole(call('look', ''))],
    ['words in place of a call', cut(2, call('look', '{}')), whole(said('Hi'))],
    ['words before the call', cut(2, call('look', '{}')), whole(said('Hi'), call('look', '{}'))],
    [
      'a closed block that is longer',
      cut(1, said('Hi'), call('look', '{}')),
      whole(said('Hi!'), call('look', '{}')),
    ],
    ['one block in place of two', cut(1, said('Hi'), said('you')), whole(said('Hiyou'))],
    ['too few blocks', cut(1, call('look', '{}'), call('look', '{}')), whole(call('look', '{}'))],
    ['nothing', cut(1, call('look', '{}')), whole()],
    ['other thoughts', cut(3, thought('hmm, well')), whole(thought('so, well'), said('Hi'))],
    ['no thoughts', cut(3, thought('hmm, well')), whole(said('Hi'))],
  ])('is given up for %s', (_name, first, second) => {
    const { out, diverged } = resumeWith(noted(first), 'restart', EXACT, second);
    expect(out).toEqual([]);
    expect(diverged).not.toBe(null);
  });

  it('takes the finish for the end of blocks whose ends were left out', () => {
    const first = cut(2, said('Hi'), said('you'));
    const answer = whole(said('Hi'), said('you'));
    const second = answer.filter(({ type }) => type !== 'block-end');
    const { out, diverged } = resumeWith(noted(first), 'restart', EXACT, second);
    expect(diverged).toBe(null);
    expect(collected([...first, ...out])).toEqual(collected(answer));
  });

  it('is given up for other thoughts that are told by their state alone', () => {
    const sealed = (value: string): readonly StreamPart[] => [
      { type: 'block-start', index: 0, block: { type: 'reasoning' } },
      { type: 'block-end', index: 0, opaque: { origin: 'wire', value } },
    ];
    const answer = (value: string): readonly StreamPart[] => [
      ...sealed(value),
      { type: 'finish', finish: { reason: 'stop' } },
    ];
    expect(resumeWith(noted(sealed('x')), 'restart', EXACT, answer('y')).diverged).not.toBe(null);
    expect(resumeWith(noted(sealed('x')), 'restart', EXACT, answer('x')).diverged).toBe(null);
  });

  it('gives nothing, or exactly its own answer with the ids that the client has', () => {
    const edits = fc.record({ at: fc.nat(), how: fc.constantFrom('drop', 'cut', 'change', 'swap') });
    fc.assert(
      fc.property(anyAnswer, edits, fc.integer({ min: 1 }), fc.nat(), (answer, edit, seed, at) => {
        const first = partsOf(answer, cutter(seed));
        const delivered = first.slice(0, 1 + (at % (first.length - 1)));
        const second = partsOf(edited(answer, edit), cutter(seed + 1));
        const { out, diverged } = resumeWith(noted(delivered), 'restart', EXACT, second);
        const shown = diverged === null ? collected([...delivered, ...out]) : null;
        expect(withoutState(shown)).toEqual(diverged === null ? withoutState(collected(second)) : null);
        expect(diverged === null ? [] : out).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

// Ids, signed state and citations of what the client has already may differ; words, names and order may not.
function withoutState(shown: unknown): unknown {
  return JSON.parse(JSON.stringify(shown), (key, value: unknown) =>
    key === 'opaque' || key === 'id' || key === 'citations' ? null : value,
  );
}

function edited(
  answer: readonly Said[],
  { at, how }: { readonly at: number; readonly how: string },
): readonly Said[] {
  const place = at % answer.length;
  const chosen = answer[place]!;
  const half = Math.floor(chosen.text.length / 2);
  const text =
    how === 'cut'
      ? chosen.text.slice(0, half)
      : `${chosen.text.slice(0, half)}#${chosen.text.slice(half + 1)}`;
  if (how === 'drop') return answer.toSpliced(place, 1);
  if (how === 'swap') return [...answer.slice(place), ...answer.slice(0, place)];
  return answer.with(place, chosen.start.type === 'native' ? chosen : { ...chosen, text });
}

describe('reasoning that may be left out', () => {
  it.each([
    ['other thoughts', whole(thought('so, well'), said('Hi'))],
    ['shorter thoughts', whole(thought('hm'), said('Hi'))],
    ['several thoughts', whole(thought('so'), thought('hmm, no'), said('Hi'))],
    ['no thoughts', whole(said('Hi'))],
  ])('gives way to the words: %s', (_name, second) => {
    const first = cut(5, thought('hmm, well'));
    const { out, diverged } = resumeWith(noted(first), 'restart', DROPPING, second);
    expect(diverged).toBe(null);
    expect(collected([...first, ...out])).toEqual(collected(whole(thought('hmm, '), said('Hi'))));
  });

  it('goes on where it is the same', () => {
    const first = cut(5, thought('hmm, well'));
    const second = whole(thought('hmm, so'), call('look', '{}'));
    const { out } = resumeWith(noted(first), 'restart', DROPPING, second);
    expect(collected([...first, ...out])).toEqual(collected(second));
  });

  it('leaves calls to be proven, and is shown again behind them', () => {
    const first = cut(4, thought('hmm'), call('look', '{"a":1}'));
    const second = whole(thought('other'), call('look', '{"a":1}', 'c9'), thought('then'), said('Hi'));
    const { out, diverged } = resumeWith(noted(first), 'restart', DROPPING, second);
    expect(diverged).toBe(null);
    expect(collected([...first, ...out])).toEqual(
      collected(whole(thought('hmm'), call('look', '{"a":1}'), thought('then'), said('Hi'))),
    );
    const wrong = whole(thought('other'), call('look', '{"b":1}'));
    expect(resumeWith(noted(first), 'restart', DROPPING, wrong).out).toEqual([]);
  });

  it('is shown again behind words', () => {
    const first = cut(5, thought('hmm, well'));
    const second = whole(thought('other'), said('Hi'), thought('then'), said('you'));
    const { out } = resumeWith(noted(first), 'restart', DROPPING, second);
    expect(collected([...first, ...out])).toEqual(
      collected(whole(thought('hmm, '), said('Hi'), thought('then'), said('you'))),
    );
  });

  it('gives nothing of thoughts that went on before others differed', () => {
    const opened = (index: number, input: Said, chars: number): StreamPart[] => [
      { type: 'block-start', index, block: input.start },
      input.start.type === 'reasoning'
        ? { type: 'reasoning-delta', index, text: input.text.slice(0, chars) }
        : { type: 'tool-input-delta', index, text: input.text.slice(0, chars) },
    ];
    const look = call('look', '{"a":1}');
    const first = [...opened(0, thought('one'), 2), ...opened(1, look, 4), ...opened(2, thought('two'), 2)];
    const second = [
      ...opened(0, thought('one'), 3),
      ...opened(1, look, 7),
      ...opened(2, thought('other'), 5),
      ...opened(3, thought('more'), 4),
      ...opened(4, call('find', '{}', 'c2'), 2),
      ...opened(5, thought('then'), 4),
      { type: 'finish', finish: { reason: 'stop' } } as const,
    ];
    const { out, diverged } = resumeWith(noted(first), 'restart', DROPPING, second);
    expect(diverged).toBe(null);
    const shown = noted([...first, ...out]).blocks.map(({ start, text }) => [start.type, text]);
    expect(shown).toEqual([
      ['reasoning', 'on'],
      ['tool-call', '{"a":1}'],
      ['reasoning', 'tw'],
      ['tool-call', '{}'],
      ['reasoning', 'then'],
    ]);
  });

  it('may be missing before other blocks that wait', () => {
    const first: StreamPart[] = [
      { type: 'block-start', index: 0, block: { type: 'tool-call', id: 'a', name: 'look' } },
      { type: 'tool-input-delta', index: 0, text: '{"a' },
      { type: 'block-start', index: 1, block: { type: 'reasoning' } },
    ];
    const second: StreamPart[] = [
      { type: 'block-start', index: 0, block: { type: 'tool-call', id: 'a', name: 'look' } },
      { type: 'block-start', index: 1, block: { type: 'text' } },
      { type: 'block-start', index: 2, block: { type: 'reasoning' } },
      { type: 'reasoning-delta', index: 2, text: 'then' },
      { type: 'tool-input-delta', index: 0, text: '{"a":1}' },
    ];
    const { out } = resumeWith(noted(first), 'restart', DROPPING, second);
    expect(noted([...first, ...out]).blocks.map(({ text }) => text)).toEqual(['{"a":1}', '', '', 'then']);
  });

  it('keeps ids of calls apart', () => {
    const first = cut(2, call('look', '{"a":1}', 'call_0'));
    const second = whole(call('look', '{"a":1}', 'call_1'), call('find', '{}', 'call_0'));
    const { out } = resumeWith(noted(first), 'restart', EXACT, second);
    const ids = noted([...first, ...out]).blocks.map(({ start }) =>
      start.type === 'tool-call' ? start.id : null,
    );
    expect(ids).toEqual(['call_0', 'call_0_2']);
  });
});

describe('a restart of words', () => {
  const text = prose(7, 600);
  const first = openText([text.slice(0, 3000)]);

  it('is given up at the first difference, not after the answer', () => {
    const other = prose(8, 600);
    const { out, diverged, read } = resumeWith(
      noted(first),
      'restart',
      ALIGNING,
      textAnswer(deltasOf(other, 10)),
    );
    expect(diverged).toMatch(/^the new answer differs after \d+ of 3000 delivered characters$/);
    expect(out).toEqual([]);
    expect(read).toBeLessThan(4);
  });

  it('is given up where it ends too early, or gives something else', () => {
    const early = resumeWith(noted(first), 'restart', ALIGNING, textAnswer([text.slice(0, 2000)]));
    expect(early.out).toEqual([]);
    expect(early.diverged).toBe('the new answer ended after 2000 of 3000 delivered characters');
    for (const type of ['refusal', 'tool-call'] as const) {
      const start: Said['start'] = type === 'refusal' ? { type } : { type, id: 'c', name: 'look' };
      const { out, diverged } = resumeWith(noted(first), 'restart', ALIGNING, whole(block(start)));
      expect([out, diverged === null]).toEqual([[], false]);
    }
  });

  it('finds its place behind a small difference in the later half', () => {
    const changed = `${text.slice(0, 2500)}${text.slice(2507)}`;
    const { out, diverged } = resumeWith(
      noted(first),
      'restart',
      ALIGNING,
      textAnswer(deltasOf(changed, 11)),
    );
    expect(diverged).toBe(null);
    expect(textOf([...first, ...out])).toBe(text);
  });

  it('finds it anywhere where little was delivered', () => {
    const short = openText([text.slice(0, 200)]);
    const { out } = resumeWith(noted(short), 'restart', ALIGNING, textAnswer([`Sure! ${text}`]));
    expect(textOf([...short, ...out])).toBe(text);
  });

  it.each([
    ['the difference is in the last words', `${text.slice(0, 2990)}#${text.slice(2990)}`],
    ['the last words are too far away', `${text.slice(0, 2500)}${prose(9, 400)}${text.slice(2500)}`],
    ['the last words come twice', `${text.slice(0, 2500)}#${text.slice(2501, 3000)}${text.slice(2900)}`],
  ])('is given up where %s', (_name, changed) => {
    const { out, diverged } = resumeWith(
      noted(first),
      'restart',
      ALIGNING,
      textAnswer(deltasOf(changed, 50)),
    );
    expect(out).toEqual([]);
    expect(diverged).not.toBe(null);
  });

  it('looks for the last words near their place only, and only where they are one of a kind', () => {
    const last = text.slice(2900, 3000);
    const early = `${text.slice(0, 1600)}${last}${prose(9, 500)}`;
    const late = `${text.slice(0, 2500)}${prose(9, 300)}${last}`;
    for (const changed of [early, late])
      expect(resumeWith(noted(first), 'restart', ALIGNING, textAnswer([changed])).diverged).toMatch(
        /differs after/,
      );
    const twice = text.slice(0, 500) + last + text.slice(500, 3000);
    const again = text.slice(0, 500) + last + text.slice(500, 2500) + text.slice(2507);
    const { out, diverged } = resumeWith(noted(openText([twice])), 'restart', ALIGNING, textAnswer([again]));
    expect([out, diverged]).toEqual([[], 'the last delivered words occur more than once']);
  });

  it('is given up at once where so little was delivered that nothing can be found', () => {
    const { diverged, read } = resumeWith(
      noted(openText(['Hello there'])),
      'restart',
      ALIGNING,
      textAnswer(['Hi', ' you']),
    );
    expect([diverged === null, read]).toEqual([false, 2]);
  });
});

describe('an attempt that is given up', () => {
  it('stays so whatever comes', () => {
    const wrong = [...textAnswer(['No']), ...textAnswer(['Hello there, all of you'])];
    expect(resumeWith(noted(openText(['Hello there'])), 'restart', EXACT, wrong).out).toEqual([]);
  });
});
