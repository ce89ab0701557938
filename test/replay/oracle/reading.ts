/**
 * The oracle: what an answer says, read straight from its JSON in the plainest possible way. It shares no code with
 * src/ and knows nothing of the gateway's language, so that a mistake there cannot hide behind the same mistake here.
 */
export interface Reading {
  /** Visible text, refusals included, in the order of the answer. */
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly Call[];
  /** Null where the answer never ended. */
  readonly finish: FinishWord | null;
  /** Null where the answer counts nothing. */
  readonly usage: Counts | null;
  /** Whether the answer is, or ends in, an error. */
  readonly failed: boolean;
}

export interface Call {
  readonly name: string;
  /** The parsed arguments; where they are no JSON, the text itself. */
  readonly arguments: Value;
}

export type FinishWord =
  | 'end'
  | 'stop-string'
  | 'length'
  | 'tools'
  | 'filtered'
  | 'paused'
  | 'context-full'
  | 'malformed';

/** Tokens: two totals, and the parts of them that are told apart; null is unknown. */
export interface Counts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly inputAudio: number;
  readonly reasoning: number;
  readonly outputAudio: number;
}

export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** The value at a path of keys and positions; undefined where the path leads nowhere. */
export function at(value: Value | undefined, ...path: readonly (string | number)[]): Value | undefined {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as { readonly [key: string | number]: Value | undefined })[key];
  }
  return current;
}

/** The text at a path; empty where there is none. */
export function textAt(value: Value | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The number at a path; 0 where there is none. */
export function countAt(value: Value | undefined, ...path: readonly (string | number)[]): number {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : 0;
}

/** The items at a path; none where there is no list. */
export function listAt(value: Value | undefined, ...path: readonly (string | number)[]): readonly Value[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly Value[]) : [];
}

/** Arguments that travel as JSON text; no text at all means no arguments. */
export function parseArguments(text: string): Value {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

/** An answer that calls tools ended for them, also where its provider says just "stop". */
export function finishOf(word: FinishWord | null, calls: readonly Call[]): FinishWord | null {
  return word === 'end' && calls.length > 0 ? 'tools' : word;
}
