import { describe, expect, it } from 'vitest';
import { checkFault } from './check-fault.ts';
import type { Fault } from './fault.ts';
import { FAULT_NAMES } from './names.ts';

// As a program in JavaScript would hand it in.
function given(text: string): Fault {
  return JSON.parse(text);
}

describe('what is handed in as a fault', () => {
  it.each<readonly [string, string, RegExp]>([
    [
      'an unknown type',
      '{"kind":{"type":"explode"}}',
      /"kind.type" must be one of down, .*, not "explode"\.$/,
    ],
    ['a type misspelt', '{"kind":{"type":"hang-midstream"}}', /did you mean "hang-mid-stream"/],
    [
      'what every object has',
      '{"kind":{"type":"toString"}}',
      /"kind.type" must be one of .*, not "toString"/,
    ],
    ['a kind without a type', '{"kind":{}}', /"kind.type" must be one of .*, not undefined/],
    ['no kind', '{"type":"down"}', /"kind.type" must be one of .*, not undefined/],
    ['a text', '"down"', /"kind.type" must be one of .*, not undefined/],
    [
      'a share above 1',
      '{"kind":{"type":"down"},"share":30}',
      /"share" must be a number from 0 to 1, not 30/,
    ],
    ['a share below 0', '{"kind":{"type":"down"},"share":-0.1}', /"share" must be .*, not -0.1/],
    ['a share that is a text', '{"kind":{"type":"down"},"share":"0.5"}', /"share" must be .*, not "0.5"/],
    ['a missing number', '{"kind":{"type":"cut-mid-stream"}}', /"kind.afterEvents" must be a number from 0/],
    ['a negative wait', '{"kind":{"type":"dribble","byteMs":-1}}', /"kind.byteMs" must be .*, not -1/],
    ['an unknown error', '{"kind":{"type":"status","error":"503"}}', /"kind.error" must be one of bad-key, /],
  ])('is refused where it is %s', (_name, text, message) => {
    expect(() => checkFault(given(text))).toThrow(message);
  });

  it('is taken where it is one', () => {
    checkFault(null);
    for (const make of Object.values(FAULT_NAMES)) {
      for (const kind of [make?.(null), make?.(7)]) {
        if (kind === undefined) throw new Error('each name makes a fault');
        for (const share of [0, 0.5, 1]) expect(() => checkFault({ kind, share })).not.toThrow();
      }
    }
  });
});
