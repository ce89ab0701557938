import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitPrefix } from './prefix.ts';
import { cutter, partsOf, prose, textOf } from './testing/answers.ts';
import { deltasOf, noted, openText, resumeWith, textAnswer } from './testing/resume.ts';

const RULES = { exactOnly: false, dropReasoning: true };

function said(text: string, seed: number): ReturnType<typeof partsOf> {
  return partsOf([{ start: { type: 'text' }, text, citations: [], signed: false }], cutter(seed));
}

const seeds = fc.integer({ min: 1, max: 1_000_000 });
const overlaps = fc.oneof(fc.constant(0), fc.integer({ min: 8, max: 200 }), fc.constant(Infinity));

describe('an attempt that was asked to continue', () => {
  it('completes words that were cut anywhere, however much it repeats', () => {
    fc.assert(
      fc.property(seeds, seeds, overlaps, fc.nat(), (seed, cuts, overlap, at) => {
        const whole = prose(seed, 20 + (seed % 700));
        const first = openText([whole.slice(0, 20 + (at % (whole.length - 20)))]);
        const { prefix } = splitPrefix(textOf(first));
        const from = Math.max(0, prefix.length - overlap);
        // A repetition that begins in the middle of a character is nothing that a model says.
        fc.pre(whole.slice(from).isWellFormed());
        const { out, diverged } = resumeWith(noted(first), 'continue', RULES, said(whole.slice(from), cuts));
        expect(diverged).toBe(null);
        expect(textOf([...first, ...out])).toBe(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('completes them when it breaks off as well, and a third one goes on', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), fc.nat(), fc.nat(), (seed, at, then, when) => {
        const whole = prose(seed, 60);
        const first = openText([whole.slice(0, 20 + (at % (whole.length - 20)))]);
        const { prefix } = splitPrefix(textOf(first));
        const from = Math.max(0, prefix.length - (then % 3) * 10);
        fc.pre(whole.slice(from).isWellFormed());
        const second = said(whole.slice(from), seed).slice(0, when % 30);
        const shown = [
          ...first,
          ...resumeWith(
            noted(first),
            'continue',
            RULES,
            second.filter(({ type }) => type !== 'finish'),
          ).out,
        ];
        const third = resumeWith(noted(shown), 'restart', RULES, said(whole, seed + 1));
        expect(third.diverged).toBe(null);
        expect(textOf([...shown, ...third.out])).toBe(whole);
        expect(noted([...shown, ...third.out]).blocks).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  const told = prose(3, 500);

  it.each([
    ['nothing more', 'The end.', '', 'The end.'],
    ['all of a short text again', 'Oh', 'Oh no', 'Oh no'],
    ['less than a repetition', 'to be or', 'or not to be', 'to be oror not to be'],
    ['words behind white space that was cut off', 'One.\n\n', '\nTwo.', 'One.\n\nTwo.'],
    ['white space that nobody said', 'One', '\n\nTwo.', 'One\n\nTwo.'],
    ['dots in front', 'I went home', '... and slept', 'I went home... and slept'],
    ['a single full stop', 'I went home. And so', '.', 'I went home. And so.'],
    ['the other half of a character', 'smile \ud83d', ' \ud83d\ude00!', 'smile \ud83d\ude00!'],
    ['the same words in a loop', 'ab '.repeat(30), ' ab ab', `${'ab '.repeat(30)}ab ab`],
  ])('may say %s', (_name, before, after, whole) => {
    const first = openText([before]);
    const { out, diverged } = resumeWith(noted(first), 'continue', RULES, textAnswer(deltasOf(after, 1)));
    expect(diverged).toBe(null);
    expect(textOf([...first, ...out])).toBe(whole);
  });

  it.each([
    ['begins anew with other words', told.slice(0, 2500), `${told.slice(0, 40)} ${prose(4, 300)}`],
    ['says a part again and ends', told.slice(0, 2500), told.slice(2000, 2100)],
    ['begins anew and ends', told.slice(0, 2500), told.slice(0, 1000)],
    ['does not complete half a character', 'smile \ud83d', 'or frown'],
    ['ends before it has completed half a character', 'smile \ud83d', ''],
  ])('is given up where it %s', (_name, before, after) => {
    const { out, diverged } = resumeWith(
      noted(openText([before])),
      'continue',
      RULES,
      textAnswer(deltasOf(after, 7)),
    );
    expect(out).toEqual([]);
    expect(diverged).not.toBe(null);
  });

  it('holds new words back no longer than they could be a repetition', () => {
    const first = openText([told.slice(0, 2500)]);
    const parts = textAnswer(deltasOf(prose(5, 50), 1));
    const { out } = resumeWith(noted(first), 'continue', RULES, parts.slice(0, 12));
    expect(textOf(out).length).toBeGreaterThan(0);
  });

  it('goes on in a new block where the last was closed, and shows none of its thoughts', () => {
    const first = textAnswer([told.slice(0, 100)]).slice(0, -1);
    const second = partsOf(
      [
        { start: { type: 'reasoning' }, text: 'I was cut off.', citations: [], signed: true },
        { start: { type: 'text' }, text: told.slice(100), citations: ['s'], signed: false },
        { start: { type: 'tool-call', id: 'c', name: 'look' }, text: '{}', citations: [], signed: false },
      ],
      cutter(1),
    );
    const { out } = resumeWith(noted(first), 'continue', RULES, second);
    const { blocks, finish } = noted([...first, ...out]);
    expect(blocks.map(({ index, start, text, open }) => [index, start.type, text, open])).toEqual([
      [0, 'text', told.slice(0, 100), false],
      [1, 'text', told.slice(100), false],
      [2, 'tool-call', '{}', false],
    ]);
    expect(blocks[1]?.citations).toHaveLength(1);
    expect(finish).toEqual({ reason: 'stop' });
  });
});

describe('the work for a million characters', () => {
  const same = 'a'.repeat(1_000_000);
  const other = `${'ab'.repeat(500_000)}`;
  it.each([
    ['restart', same, same, 'b!'],
    ['continue', same, same, 'b!'],
    ['prefill', same, same, `${same}b!`],
    // Found again in more than one place.
    ['restart', other, `${other.slice(0, 700_000)}c${other}`, null],
    ['continue', other, other, 'b!'],
    // So long a repetition cannot be told from new words that are the same.
    ['continue', `${other}${same}`, same, `${same.slice(2000)}b!`],
    ['prefill', `x${' '.repeat(1_000_000)}`, ' '.repeat(1_000_000), 'b!'],
  ] as const)('of a %s is linear', (method, before, after, rest) => {
    // Anything quadratic in the text takes minutes for this, and the test's time is over.
    const deltas = deltasOf(after, 50);
    const { out, diverged } = resumeWith(
      noted(openText(deltasOf(before, 50))),
      method,
      RULES,
      textAnswer([...deltas, 'b!']),
    );
    const given = diverged === null ? textOf(out) : null;
    expect(given === rest).toBe(true);
  });
});
