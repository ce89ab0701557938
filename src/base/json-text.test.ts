import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonNumber, jsonText } from './json-text.ts';

describe('JSON written by hand', () => {
  it('is that of the language for every text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('\ud800', '"', '\\', '\n'),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(jsonText(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('is that of the language for every number', () => {
    const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(value, (number) => {
        expect(jsonNumber(number)).toBe(JSON.stringify(number));
      }),
    );
  });
});
