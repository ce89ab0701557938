/** The value of the arithmetic expression in a question (`What is 12 * (3 + 4)?`), written out; null where there is none. */
export function arithmeticAnswer(question: string): string | null {
  const symbols = WORDS.reduce((text, [word, symbol]) => text.replace(word, symbol), question);
  const match = EXPRESSION.exec(symbols);
  const source = match?.[0].trim();
  if (source === undefined || !/\d\s*[-+*/^%]/.test(source)) return null;
  const value = new Expression(source).value();
  if (value === null) return null;
  return `${source.replace(/\s*([-+*/^%])\s*/g, ' $1 ').trim()} = ${shown(value)}`;
}

const WORDS: readonly (readonly [word: RegExp, symbol: string])[] = [
  [/(?<=\d)\s+plus\s+(?=[\d(])/gi, ' + '],
  [/(?<=\d)\s+minus\s+(?=[\d(])/gi, ' - '],
  [/(?<=\d)\s+(?:times|multiplied by)\s+(?=[\d(])/gi, ' * '],
  [/(?<=\d)\s+(?:divided by|over)\s+(?=[\d(])/gi, ' / '],
  [/(?<=[\d)])\s*[x×]\s*(?=[\d(])/g, ' * '],
  [/÷/g, '/'],
  [/(?<=\d),(?=\d{3}\b)/g, ''],
];

const EXPRESSION = /\(*\d+(?:\.\d+)?\)*(?:\s*[-+*/^%]\s*\(*-?\d+(?:\.\d+)?\)*)+/;

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(10)));
}

// Recursive descent: sum, product, power, unary minus, number or parenthesis. Null where the text is no expression.
class Expression {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source.replace(/\s+/g, '');
  }

  value(): number | null {
    const value = this.#sum();
    return this.#at === this.#source.length && Number.isFinite(value) ? value : null;
  }

  #sum(): number {
    let value = this.#product();
    for (;;) {
      if (this.#take('+')) value += this.#product();
      else if (this.#take('-')) value -= this.#product();
      else return value;
    }
  }

  #product(): number {
    let value = this.#power();
    for (;;) {
      if (this.#take('*')) value *= this.#power();
      else if (this.#take('/')) value /= this.#power();
      else if (this.#take('%')) value %= this.#power();
      else return value;
    }
  }

  #power(): number {
    const base = this.#unary();
    return this.#take('^') ? base ** this.#power() : base;
  }

  #unary(): number {
    if (this.#take('-')) return -this.#unary();
    if (!this.#take('(')) return this.#number();
    const value = this.#sum();
    return this.#take(')') ? value : Number.NaN;
  }

  #number(): number {
    const match = /^\d+(?:\.\d+)?/.exec(this.#source.slice(this.#at));
    this.#at += match?.[0].length ?? 0;
    return Number(match?.[0] ?? Number.NaN);
  }

  #take(symbol: string): boolean {
    if (this.#source[this.#at] !== symbol) return false;
    this.#at += 1;
    return true;
  }
}
