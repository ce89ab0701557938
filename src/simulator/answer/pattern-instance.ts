import type { Dice } from './dice.ts';

/**
 * A text that matches a regular expression: literals, classes, groups, alternatives and quantifiers, with anchors and
 * look-arounds passed over. Open quantifiers repeat as often as asked beyond their least count.
 */
export function patternInstance(pattern: string, repeats: number, dice: Dice): string {
  return new PatternReader(pattern, repeats, dice).alternatives();
}

/** Quantifiers within quantifiers multiply; after this many repetitions in all, nothing is repeated any more. */
const REPEATS_MAX = 20_000;

class PatternReader {
  readonly #pattern: string;
  readonly #repeats: number;
  readonly #dice: Dice;
  #at = 0;
  #repeated = 0;

  constructor(pattern: string, repeats: number, dice: Dice) {
    this.#pattern = pattern;
    this.#repeats = repeats;
    this.#dice = dice;
  }

  // Every alternative is read, the first is taken.
  alternatives(): string {
    const first = this.#sequence();
    while (this.#take('|')) this.#sequence();
    return first;
  }

  #sequence(): string {
    let made = '';
    while (this.#at < this.#pattern.length && !this.#sees('|') && !this.#sees(')')) {
      const start = this.#at;
      const once = this.#atom();
      const end = this.#at;
      const count = this.#quantifier();
      if (count > 0) made += once;
      for (let i = 1; i < count; i += 1) made += this.#again(start, end);
    }
    return made;
  }

  // Reads the same atom once more, so that its choices may fall otherwise.
  #again(start: number, end: number): string {
    this.#repeated += 1;
    if (this.#repeated > REPEATS_MAX) return '';
    const after = this.#at;
    this.#at = start;
    const made = this.#atom();
    this.#at = after;
    return end > start ? made : '';
  }

  #atom(): string {
    const char = this.#pattern[this.#at] ?? '';
    this.#at += 1;
    if (char === '^' || char === '$') return '';
    if (char === '.') return 'x';
    if (char === '(') return this.#group();
    if (char === '[') return this.#class();
    if (char === '\\') return this.#escape();
    return char;
  }

  #group(): string {
    const look = /^\?(?:[=!]|<[=!])/.exec(this.#pattern.slice(this.#at));
    const head = look ?? /^\?(?::|<[^>]*>)/.exec(this.#pattern.slice(this.#at));
    this.#at += head?.[0].length ?? 0;
    const made = this.alternatives();
    this.#take(')');
    return look === null ? made : '';
  }

  #escape(): string {
    const char = this.#pattern[this.#at] ?? '';
    this.#at += 1;
    if (char === 'b' || char === 'B') return '';
    if (char === 'u') return this.#codePoint(4);
    if (char === 'x') return this.#codePoint(2);
    const set = SETS[char];
    return set === undefined ? (CONTROLS[char] ?? char) : this.#pick(set);
  }

  #codePoint(digits: number): string {
    const code = Number.parseInt(this.#pattern.slice(this.#at, this.#at + digits), 16);
    this.#at += digits;
    return String.fromCharCode(Number.isNaN(code) ? 0x78 : code);
  }

  #class(): string {
    const negated = this.#take('^');
    let chars = '';
    while (this.#at < this.#pattern.length && !this.#sees(']')) chars += this.#classItem();
    this.#take(']');
    if (!negated) return this.#pick(chars);
    return this.#pick(
      Array.from(PRINTABLE)
        .filter((char) => !chars.includes(char))
        .join(''),
    );
  }

  // A character, a set such as \d, or a range.
  #classItem(): string {
    let low = this.#pattern[this.#at] ?? '';
    this.#at += 1;
    if (low === '\\') {
      const set = SETS[this.#pattern[this.#at] ?? ''];
      if (set !== undefined) {
        this.#at += 1;
        return set;
      }
      low = this.#escape();
    }
    if (!this.#sees('-') || this.#pattern[this.#at + 1] === ']') return low;
    this.#at += 1;
    const next = this.#pattern[this.#at] ?? '';
    this.#at += 1;
    return range(low, next === '\\' ? this.#escape() : next);
  }

  #quantifier(): number {
    const match = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(this.#pattern.slice(this.#at));
    if (match === null) return 1;
    this.#at += match[0].length;
    this.#take('?');
    if (match[0] === '?') return Math.min(1, this.#repeats);
    const least = match[0] === '*' ? 0 : Number(match[1] ?? 1);
    const open = match[0] === '*' || match[0] === '+' || (match[2] === ',' && match[3] === '');
    const most = open ? Infinity : match[2] === ',' ? Number(match[3]) : least;
    return Math.min(least + this.#repeats, most, REPEATS_MAX);
  }

  #pick(chars: string): string {
    return chars === '' ? '' : (chars[this.#dice.below(chars.length)] ?? '');
  }

  #sees(char: string): boolean {
    return this.#pattern[this.#at] === char;
  }

  #take(char: string): boolean {
    if (!this.#sees(char)) return false;
    this.#at += 1;
    return true;
  }
}

function range(low: string, high: string): string {
  let chars = '';
  const last = Math.min(high.charCodeAt(0), low.charCodeAt(0) + 127);
  for (let code = low.charCodeAt(0); code <= last; code += 1) chars += String.fromCharCode(code);
  return chars;
}

const LETTERS = range('a', 'z');
const PRINTABLE = range(' ', '~');

const SETS: { readonly [letter: string]: string | undefined } = {
  d: range('0', '9'),
  w: LETTERS,
  s: ' ',
  D: LETTERS,
  W: ' -',
  S: LETTERS,
};

const CONTROLS: { readonly [letter: string]: string | undefined } = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  v: '\v',
};
