import { asNumber, type Json } from '../../base/json.ts';
import type { Dice } from './dice.ts';
import { patternInstance } from './pattern-instance.ts';
import type { FlatSchema } from './schema-flatten.ts';

/** A string of the schema's format, pattern and length: the hint where it fits, else a likely one for the name. */
export function stringOf(schema: FlatSchema, name: string, dice: Dice, hint: Json | undefined): string {
  const least = Math.min(asNumber(schema['minLength']) ?? 0, LENGTH_MAX);
  const most = asNumber(schema['maxLength']) ?? Infinity;
  const pattern = schema['pattern'];
  if (typeof pattern === 'string') return ofPattern(pattern, least, most, dice);
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined;
  if (format !== undefined) return format(dice);
  const wanted = typeof hint === 'string' ? hint : likely(name, dice);
  return fit(wanted, least, most);
}

/** Longest text that a schema can demand. */
const LENGTH_MAX = 20_000;

// More repetitions make longer strings; the first count that reaches the least length is taken, found by trying small
// ones and reckoning from how the length grows.
function ofPattern(pattern: string, least: number, most: number, dice: Dice): string {
  const wanted = Math.max(least, Math.min(3, most));
  let made = patternInstance(pattern, 0, dice);
  for (let repeats = 1; repeats <= REPEATS_TRIED; repeats += 1) {
    if (made.length >= wanted) return made;
    const longer = patternInstance(pattern, repeats, dice);
    if (longer.length > most) return made;
    const growth = longer.length - made.length;
    made = longer;
    if (repeats === REPEATS_TRIED && growth > 0) {
      return patternInstance(pattern, repeats + Math.ceil((wanted - made.length) / growth), dice);
    }
  }
  return made;
}

const REPEATS_TRIED = 8;

function fit(text: string, least: number, most: number): string {
  let result = text;
  while (result.length < least) result = `${result} ${text === '' ? 'text' : text}`;
  return most === Infinity ? result : Array.from(result).slice(0, Math.max(most, 0)).join('');
}

function likely(name: string, dice: Dice): string {
  for (const [pattern, values] of LIKELY) {
    if (pattern.test(name)) return dice.pick(values);
  }
  return dice.pick(WORDS);
}

const two = (value: number): string => String(value).padStart(2, '0');
const date = (dice: Dice): string => `2025-${two(1 + dice.below(12))}-${two(1 + dice.below(28))}`;
const time = (dice: Dice): string => `${two(dice.below(24))}:${two(dice.below(60))}:${two(dice.below(60))}Z`;
const hex = (dice: Dice, length: number): string =>
  Array.from({ length }, () => dice.below(16).toString(16)).join('');

/** The formats of JSON Schema's validation vocabulary that providers accept in structured output. */
const FORMATS: { readonly [format: string]: ((dice: Dice) => string) | undefined } = {
  date,
  time,
  'date-time': (dice) => `${date(dice)}T${time(dice)}`,
  duration: (dice) => `PT${1 + dice.below(59)}M`,
  email: (dice) => `${dice.pick(['alex', 'kim', 'noor', 'sam'])}@example.com`,
  hostname: (dice) => `${dice.pick(['www', 'api', 'docs'])}.example.com`,
  ipv4: (dice) => `192.0.2.${1 + dice.below(254)}`,
  ipv6: (dice) => `2001:db8::${hex(dice, 4)}`,
  uri: (dice) => `https://example.com/${dice.pick(['start', 'guide', 'news'])}`,
  url: (dice) => `https://example.com/${dice.pick(['start', 'guide', 'news'])}`,
  uuid: (dice) => `${hex(dice, 8)}-${hex(dice, 4)}-4${hex(dice, 3)}-a${hex(dice, 3)}-${hex(dice, 12)}`,
};

type Words = readonly [string, ...string[]];

const WORDS: Words = ['amber', 'harbour', 'lantern', 'meadow', 'orchard', 'river', 'summit', 'willow'];

const LIKELY: readonly (readonly [pattern: RegExp, values: Words])[] = [
  [/first_?name/i, ['Alex', 'Kim', 'Noor', 'Sam']],
  [/last_?name|surname/i, ['Morgan', 'Okafor', 'Silva', 'Tanaka']],
  [/e-?mail/i, ['alex@example.com', 'kim@example.com']],
  [/url|link|website/i, ['https://example.com/guide']],
  [/city|town|location|place/i, ['Lisbon', 'Nairobi', 'Oslo', 'Kyoto']],
  [/country/i, ['Portugal', 'Kenya', 'Norway', 'Japan']],
  [/date|day/i, ['2025-06-14', '2025-09-02']],
  [/time/i, ['09:30', '14:00']],
  [/colou?r/i, ['green', 'blue', 'red']],
  [/currency/i, ['EUR', 'USD']],
  [/language/i, ['English', 'Portuguese']],
  [/path|file/i, ['README.md', 'notes.txt']],
  [/command/i, ['ls', 'pwd']],
  [/title|subject|headline/i, ['A short overview', 'Notes on the subject']],
  [/id$/i, ['item-17', 'item-42']],
  [
    /step|explanation|reason/i,
    ['Look at what is given and take the next small step.', 'Check the result against the question.'],
  ],
  [
    /description|summary|text|content|message|answer|body|comment|note/i,
    ['A short text that says what matters.', 'The main points, in one sentence.'],
  ],
  [/name/i, ['Alex Morgan', 'Kim Okafor', 'Noor Silva', 'Sam Tanaka']],
];
