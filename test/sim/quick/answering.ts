import type { ScriptProvider } from '../history/script.ts';
import type { Read } from './reading.ts';
import { referenceOf, referencesOf, type Reference } from './texts.ts';
import { writeStream, writeWhole, type RefusalType, type Saying, type Written } from './wires.ts';

/** What a quick provider has to say: an answer as a stream or whole, or a refusal. */
export type Answer =
  | { readonly type: 'stream'; readonly written: Written }
  | { readonly type: 'whole'; readonly body: string }
  | { readonly type: 'refusal'; readonly status: number; readonly refusal: RefusalType };

/** Most answers that a memory keeps: plain ones come again and again. */
const KEPT_MAX = 4_000;

/** Answers requests by their prompts; plain answers are written once and remembered. */
export class AnswerBook {
  readonly #kept = new Map<string, Answer>();

  answer(name: string, provider: ScriptProvider, read: Read): Answer {
    if (read.mode !== 'plain') return continued(name, provider, read);
    const { variant, wire, pieceChars } = provider;
    const key = `${name} ${wire} ${variant} ${pieceChars} ${read.prompt} ${read.stream} ${read.usageAsked}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const made = written(name, provider, read, referenceOf(read.prompt, variant));
    if (this.#kept.size > KEPT_MAX) this.#kept.clear();
    this.#kept.set(key, made);
    return made;
  }
}

// Goes on from the prefix: exactly where it is asked to by prefill, with some words said again where it is asked in words.
function continued(name: string, provider: ScriptProvider, read: Read): Answer {
  const { prefix, prompt, mode } = read;
  if (mode === 'prefill' && !provider.prefill) return { type: 'refusal', status: 400, refusal: 'prefill' };
  if (mode === 'prefill' && provider.wire === 'messages' && prefix.trimEnd() !== prefix)
    return { type: 'refusal', status: 400, refusal: 'space' };
  const own = referenceOf(prompt, provider.variant);
  const whole = referencesOf(prompt).find(({ text }) => text.startsWith(prefix)) ?? own;
  if (!whole.text.startsWith(prefix)) return written(name, provider, read, own);
  const from = mode === 'continue' ? repeatedFrom(prefix, (prefix.length + prompt) % 4) : prefix.length;
  const text = whole.text.slice(from);
  return written(name, provider, read, { text, tool: whole.tool });
}

/** Characters that are said again at least; fewer could as well be new. */
const REPEATED_MIN = 12;

// Models that repeat themselves begin at a word, and say more than one of them again.
function repeatedFrom(prefix: string, words: number): number {
  if (words === 0) return prefix.length;
  let from = prefix.length;
  for (let word = 0; (word < words + 2 || prefix.length - from < REPEATED_MIN) && from > 0; word += 1)
    from = prefix.lastIndexOf(' ', from - 2) + 1;
  return from;
}

// oxlint-disable-next-line max-params -- who says what to whom
function written(name: string, provider: ScriptProvider, read: Read, { text, tool }: Reference): Answer {
  const saying: Saying = {
    id: `${name}-${read.prompt}`,
    model: `${name}-${read.model}`,
    text,
    tool,
    pieceChars: provider.pieceChars,
    usageAsked: read.usageAsked,
  };
  return read.stream
    ? { type: 'stream', written: writeStream(provider.wire, saying) }
    : { type: 'whole', body: writeWhole(provider.wire, saying) };
}
