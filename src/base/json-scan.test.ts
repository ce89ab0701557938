import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToText, textToBytes } from './bytes.ts';
import { scanTopLevel, scalarField, spliceFields, type TopLevel } from './json-scan.ts';

function top(text: string): TopLevel {
  const scanned = scanTopLevel(textToBytes(text));
  if (scanned.type === 'bad') throw new Error(scanned.reason);
  return scanned.top;
}

// Escaped names are refused, so names are made of what needs no escape.
const fieldName = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ_0-é ')) });
const jsonObject = fc.dictionary(fieldName, fc.jsonValue());

describe('scanning the top level of a JSON object', () => {
  it('finds every field with the value that a parser finds', () => {
    fc.assert(
      fc.property(jsonObject, fc.constantFrom(undefined, 1, '\t'), (object, space) => {
        const scanned = top(JSON.stringify(object, null, space));
        expect([...scanned.spans.keys()].map((key) => bytesToText(textToBytes(key)))).toHaveLength(
          Object.keys(object).length,
        );
        for (const [name, value] of Object.entries(object)) {
          if (typeof value !== 'string') continue;
          const raw = scanned.source.slice(
            scanned.spans.get(textToBytes(name))?.start,
            scanned.spans.get(textToBytes(name))?.end,
          );
          expect(JSON.parse(bytesToText(raw as never))).toEqual(value);
        }
      }),
    );
  });

  it('replaces, adds and removes fields as an object would', () => {
    const edits = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'model', 'stream'),
      fc.option(fc.jsonValue(), { nil: undefined }),
    );
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'model', 'x'), fc.jsonValue());
    fc.assert(
      fc.property(object, edits, fc.constantFrom(undefined, 2), (before, changes, space) => {
        const texts: { [name: string]: string | null } = {};
        const expected: { [name: string]: unknown } = { ...before };
        for (const [name, value] of Object.entries(changes)) {
          texts[name] = value === undefined ? null : JSON.stringify(value);
          if (value === undefined) delete expected[name];
          else expected[name] = value;
        }
        const spliced = bytesToText(spliceFields(top(JSON.stringify(before, null, space)), texts));
        expect(JSON.parse(spliced)).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
    );
  });

  it('keeps every byte outside the replaced value', () => {
    const text = '{ "a" : [1,  2],\n "model":"old" , "é": "ü" }';
    expect(bytesToText(spliceFields(top(text), { model: '"new"' }))).toBe(
      '{ "a" : [1,  2],\n "model":"new" , "é": "ü" }',
    );
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['[]', 'not a JSON object'],
    ['"text"', 'not a JSON object'],
    ['{"a":1', 'cut off'],
    ['{"a":"1', 'cut off'],
    ['{"a":[1,2', 'cut off'],
    ['{"a":{"b":1}', 'cut off'],
    ['{"a"', 'cut off'],
    ['{', 'cut off'],
    ['{"a":}', 'expected a value'],
    ['{"a" 1}', 'expected ":"'],
    ['{"a":1 "b":2}', 'expected "," or "}"'],
    ['{a:1}', 'expected a field name'],
    ['{"a":[1}}', 'closed by another kind'],
    ['{"a":1} x', 'after the end'],
    ['{"model":"a","model":"b"}', 'stands twice'],
    ['{"mod\\u0065l":"a"}', 'escapes'],
    [`{"a":${'['.repeat(300)}${']'.repeat(300)}}`, 'nested deeper'],
  ])('refuses %s', (text, reason) => {
    expect(scanTopLevel(textToBytes(text))).toEqual({ type: 'bad', reason: expect.stringContaining(reason) });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('{}[]":,\\ax1 \n\u00ff')) }), (text) => {
        const scanned = scanTopLevel(textToBytes(text));
        if (scanned.type === 'ok')
          for (const name of scanned.top.spans.keys()) scalarField(scanned.top, name);
      }),
    );
  });

  it('skips a byte order mark', () => {
    expect(scalarField(top('\ufeff{"model":"m"}'), 'model')).toBe('m');
  });
});
