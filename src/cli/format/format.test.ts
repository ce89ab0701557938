import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stripVTControlCharacters } from 'node:util';
import type { AttemptAnswer } from '../admin/answers.ts';
import { harmless } from '../terminal.ts';
import { counted, duration, rate, tokens, usd } from './amount.ts';
import { table, wrapped } from './table.ts';
import { expiryFrom } from './time.ts';
import { bar, waterfall } from './waterfall.ts';

describe('amounts', () => {
  it.each([
    [null, '–'],
    [0.04, '0.0 ms'],
    [9.94, '9.9 ms'],
    [340.4, '340 ms'],
    [2_400, '2.40 s'],
    [59_900, '59.9 s'],
    [185_000, '3 min 5 s'],
  ])('%s milliseconds read %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [null, '?'],
    [900, '900'],
    [1_500, '1.5k'],
    [128_000, '128k'],
    [1_047_576, '1.05M'],
    [2_000_000, '2M'],
  ])('%s tokens read %s', (count, text) => {
    expect(tokens(count)).toBe(text);
  });

  it.each([
    [null, '?'],
    [0, '$0.00'],
    [37_500, '$0.0375'],
    [15_000_000, '$15.00'],
  ])('%s picodollars per token read %s per million', (value, text) => {
    expect(rate(value)).toBe(text);
  });

  it('are counted with their noun, and an unknown cost is not zero', () => {
    expect([counted(1, 'key'), counted(0, 'key'), counted(2, 'thing has', 'things have')]).toEqual([
      '1 key',
      '0 keys',
      '2 things have',
    ]);
    expect([usd(null), usd('0.00')]).toEqual(['cost unknown', '$0.00']);
  });
});

describe('tables', () => {
  it('are aligned whatever the colours, and have no spaces at the ends of lines', () => {
    expect(
      table(
        [
          ['a', 'bbb', ''],
          ['\u001b[31mlonger\u001b[39m', 'c', 'd'],
        ],
        '  ',
      ).split('\n'),
    ).toEqual(['  a       bbb', '  \u001b[31mlonger\u001b[39m  c    d']);
  });

  it('paragraphs keep their words, in order, on lines within the width', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,20}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, (list) => {
        const lines = wrapped(list.join(' '), '    ', 40).split('\n');
        expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(list);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
      }),
    );
  });
});

describe('what comes from outside', () => {
  it('cannot move the cursor, ring or colour', () => {
    expect(harmless('a\u001b[31mb\u001b[2Jc\u0007d\u009be\tf\ng')).toBe('abcde\tf\ng');
  });

  it('leaves printable text alone', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w äöü€😀.,\n\t-]*$/u), (text) => {
        expect(harmless(text)).toBe(text);
      }),
    );
  });
});

describe('the waterfall', () => {
  const whole = fc.integer({ min: 0, max: 100_000 });

  it('draws every attempt within the same width, however its times lie', () => {
    fc.assert(
      fc.property(whole, whole, whole, fc.option(whole), (offset, took, total, first) => {
        const attempt = { duration_ms: took, first_token_ms: first, outcome: 'answered' as const };
        const drawn = stripVTControlCharacters(bar(attempt, offset, total));
        expect(drawn).toHaveLength(32);
        expect(drawn).toMatch(/^ *[▒█]+ *$/);
      }),
    );
  });

  it('says of a call that failed by a drill which fault it met', () => {
    const failed = (message: string) => ({
      number: 1,
      target: 'one/a',
      purpose: 'first' as const,
      resume: null,
      started_at: '2026-11-21T20:00:00.000Z',
      head_ms: null,
      first_token_ms: null,
      duration_ms: 1,
      outcome: 'failed' as const,
      error: { kind: 'upstream_broken_off', message, status: 200, after_content: true },
      cost_usd: null,
    });
    const drawn = (message: string) =>
      waterfall({ started_at: '2026-11-21T20:00:00.000Z', duration_ms: 1, attempts: [failed(message)] });
    expect(drawn('drill: cut:12: it broke')).toMatch(/after content was sent \(drill: cut:12\)$/);
    expect(drawn('drill: down: nobody is there')).toMatch(/\(drill: down\)$/);
    expect(drawn('no drill: it broke')).toMatch(/after content was sent$/);
  });

  it('says why each call behind the first was made', () => {
    const attempt = {
      number: 1,
      target: 'one/a',
      purpose: 'first' as const,
      resume: null,
      started_at: '2026-11-21T20:00:00.000Z',
      head_ms: 1,
      first_token_ms: 1,
      duration_ms: 1,
      outcome: 'answered' as const,
      error: null,
      cost_usd: null,
    };
    const drawn = (attempts: readonly AttemptAnswer[]) =>
      stripVTControlCharacters(
        waterfall({ started_at: '2026-11-21T20:00:00.000Z', duration_ms: 1, attempts }),
      ).split('\n');
    const words = drawn([
      attempt,
      { ...attempt, purpose: 'other-key' },
      { ...attempt, purpose: 'repeat' },
      { ...attempt, purpose: 'failover' },
      { ...attempt, purpose: 'hedge' },
      { ...attempt, purpose: 'resume', resume: 'prefill' },
    ]).map((line) => /^1\. {2}one\/a {2,}(.*?) *[▒█]+ {2}1\.0 ms {2}answered$/.exec(line)?.[1]);
    expect(words).toEqual(['', 'other key', 'once more', 'failover', 'hedge', 'went on by prefill']);
    expect(drawn([attempt])[0]).toMatch(/^1\. {2}one\/a {2}[▒█]/);
  });

  it('says that nobody was called', () => {
    expect(waterfall({ started_at: '2026-11-21T20:00:00.000Z', duration_ms: 1, attempts: [] })).toBe(
      'No provider was called.',
    );
  });
});

describe('when a key expires', () => {
  const nowMs = Date.parse('2026-11-21T12:00:00Z');

  it.each([
    ['never', null],
    ['12h', '2026-11-22T00:00:00.000Z'],
    ['30d', '2026-12-21T12:00:00.000Z'],
    ['2w', '2026-12-05T12:00:00.000Z'],
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ])('%s is %s', (text, at) => {
    expect(expiryFrom(text, nowMs)).toBe(at);
  });

  it.each(['soon', '12', '5m', '-3d', '2027-13-45'])('%s is refused', (text) => {
    expect(() => expiryFrom(text, nowMs)).toThrow('--expires takes');
  });
});
