import { describe, expect, it } from 'vitest';
import { UNKNOWN_USAGE, type Usage } from '../spec/usage.ts';
import { answerUsage } from './usage.ts';

const FIRST: Usage = { ...UNKNOWN_USAGE, input: 50, cacheRead: 10, output: 1 };
const LAST: Usage = { ...UNKNOWN_USAGE, input: 160, output: 30, reasoning: 7 };
const CHARS = { deliveredChars: 400, shownChars: 400, addedChars: 100 };

describe('the usage that the client is shown', () => {
  it('is the output of the restart, and the prompt once', () => {
    expect(answerUsage({ method: 'restart', first: FIRST, last: LAST, ...CHARS })).toEqual({
      ...LAST,
      input: 50,
      cacheRead: 10,
    });
    expect(answerUsage({ method: 'restart', first: null, last: LAST, ...CHARS })).toEqual(LAST);
  });

  it('is an estimate of the delivered part and the new output, where the attempt went on', () => {
    for (const method of ['prefill', 'continue'] as const) {
      expect(answerUsage({ method, first: FIRST, last: LAST, ...CHARS })).toEqual({
        ...UNKNOWN_USAGE,
        input: 50,
        cacheRead: 10,
        output: 130,
        source: 'estimated',
      });
    }
  });

  it('takes the count of the provider where it is larger', () => {
    const first: Usage = { ...FIRST, output: 120, reasoning: 40 };
    const usage = answerUsage({ method: 'prefill', first, last: LAST, ...CHARS });
    expect(usage).toMatchObject({ output: 150, reasoning: 40 });
  });

  it('does not count the delivered words as prompt', () => {
    expect(answerUsage({ method: 'continue', first: null, last: LAST, ...CHARS })).toMatchObject({
      input: 60,
    });
  });

  // The thoughts that a client has are not shown to whom goes on with the words behind them.
  it('takes only for part of the prompt what was shown, and no prompt for nothing', () => {
    const told = (shownChars: number): unknown =>
      answerUsage({ method: 'prefill', first: null, last: LAST, ...CHARS, shownChars }).input;
    expect([told(0), told(40), told(400), told(4000)]).toEqual([160, 150, 60, 1]);
  });

  it('estimates what nobody counted, and says so', () => {
    const usage = { ...UNKNOWN_USAGE, output: 125, source: 'estimated' };
    for (const method of ['restart', 'prefill', 'continue'] as const)
      expect(answerUsage({ method, first: null, last: null, ...CHARS })).toEqual(usage);
  });
});
