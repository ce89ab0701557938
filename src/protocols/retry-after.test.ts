import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Headers } from '../spec/wire.ts';
import { durationMs, epochMs, retryAfterInText, retryAfterMs } from './retry-after.ts';

const NOW = 1_792_567_680_000; // Wed, 21 Oct 2026 07:28:00 GMT

describe('retryAfterMs', () => {
  const cases: readonly (readonly [name: string, headers: Headers, waitMs: number | null])[] = [
    ['nothing', [], null],
    ['seconds', [['retry-after', '34']], 34_000],
    ['a fraction', [['retry-after', '0.5']], 500],
    ['a day', [['retry-after', '86400']], 86_400_000],
    ['a duration', [['retry-after', '2m59.56s']], 179_560],
    [
      'milliseconds before seconds',
      [
        ['retry-after', '2'],
        ['retry-after-ms', '1834'],
      ],
      1834,
    ],
    [
      'zero milliseconds beside seconds',
      [
        ['retry-after', '1'],
        ['retry-after-ms', '0'],
      ],
      1000,
    ],
    ['a date', [['retry-after', 'Wed, 21 Oct 2026 07:28:30 GMT']], 30_000],
    ['a date in the past', [['retry-after', 'Thu, 01 Jan 1970 00:00:00 GMT']], 0],
    [
      'a date against the own clock of the answer',
      [
        ['date', 'Wed, 21 Oct 2026 07:18:00 GMT'],
        ['retry-after', 'Wed, 21 Oct 2026 07:18:05 GMT'],
      ],
      5000,
    ],
    ['junk', [['retry-after', 'soon']], null],
    ['a negative number', [['retry-after', '-5']], null],
    [
      'the reset of a used-up limit',
      [
        ['x-ratelimit-remaining-requests', '0'],
        ['x-ratelimit-reset-requests', '8.64s'],
        ['x-ratelimit-remaining-tokens', '9'],
        ['x-ratelimit-reset-tokens', '6m0s'],
      ],
      8640,
    ],
    ['a reset alone', [['x-ratelimit-reset-tokens', '6m0s']], 360_000],
    [
      'unknown limits',
      [
        ['x-ratelimit-remaining-tokens', '-1'],
        ['x-ratelimit-reset-tokens', '0'],
      ],
      null,
    ],
    [
      'a reset since 1970',
      [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', String(NOW + 60_000)],
      ],
      60_000,
    ],
    [
      'RFC 3339',
      [
        ['anthropic-ratelimit-input-tokens-remaining', '0'],
        ['anthropic-ratelimit-input-tokens-reset', '2026-10-21T07:28:12Z'],
      ],
      12_000,
    ],
    [
      'a header that says it before a reset',
      [
        ['retry-after', '1'],
        ['x-ratelimit-reset-tokens', '6m0s'],
      ],
      1000,
    ],
  ];

  it.each(cases)('reads %s', (_, headers, waitMs) => {
    expect(retryAfterMs(headers, NOW)).toBe(waitMs);
  });

  it('does not guess a point in time where the time is not known', () => {
    expect(retryAfterMs([['retry-after', 'Wed, 21 Oct 2026 07:28:30 GMT']], null)).toBeNull();
  });
});

describe('durationMs', () => {
  it.each([
    ['12ms', 12],
    ['0s', 0],
    ['2m59.56s', 179_560],
    ['6m0s', 360_000],
    ['1h2m3s', 3_723_000],
    ['51820.638305887s', 51_820_639],
    ['', null],
    ['12', null],
    ['s', null],
  ])('reads %j', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });
});

describe('retryAfterInText', () => {
  it.each([
    ['Please try again in 7.66s. Visit https://console.groq.com', 7660],
    ['Rate limit reached. Please try again in 6m0s.', 360_000],
    ['Please retry in 48.9s.', 48_900],
    ['Please try again later.', null],
  ])('reads %j', (text, expected) => {
    expect(retryAfterInText(text)).toBe(expected);
  });
});

describe('epochMs', () => {
  it('agrees with the platform on every date', () => {
    const date = fc.date({ min: new Date(0), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(date, (value) => {
        const wholeSeconds = Math.floor(value.getTime() / 1000) * 1000;
        expect(epochMs(value.toUTCString())).toBe(wholeSeconds);
        expect(epochMs(value.toISOString())).toBe(wholeSeconds);
      }),
      { seed: 20261121 },
    );
  });

  it('reads offsets and refuses everything else', () => {
    expect(epochMs('2026-10-21T09:28:00+02:00')).toBe(NOW);
    expect(epochMs('yesterday')).toBeNull();
    expect(epochMs('Wed, 21 Foo 2026 07:28:00 GMT')).toBeNull();
  });
});
