import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain, plainJson } from './line-text.ts';

const nasty = fc.constantFrom(
  '\r\n',
  '\u001b[2J',
  '\u0000',
  '\u0085',
  '\u2028',
  '\u202e',
  '\u2066',
  '"',
  '\\',
  '\ud800',
);
const text = fc
  .array(fc.oneof(fc.string(), nasty, fc.string({ unit: 'binary', minLength: 100 })), { maxLength: 8 })
  .map((parts) => parts.join(''));

describe('text of others in a line', () => {
  it('has no character that could break a line or move a cursor, and an end', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(plain(value)).toMatch(/^[^\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]{0,301}$/u);
      }),
    );
  });

  it('is the same inside of JSON', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(JSON.parse(`"${plainJson(value)}"`)).toBe(plain(value));
        expect(plainJson(value)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });

  it('stays as it is where nothing is wrong with it', () => {
    for (const value of ['', 'gpt-4.1', 'Überprüfung ☂', 'a b']) {
      expect([plain(value), plainJson(value)]).toEqual([value, value]);
    }
  });
});
