import { bytesToText, type Bytes } from '../../base/bytes.ts';
import {
  asArray,
  asString,
  endOfString,
  field,
  fieldAt,
  isObject,
  parseJsonOr,
  parseUnwalked,
  type Json,
} from '../../base/json.ts';
import type { Finish } from '../../spec/generate.ts';
import { laterUsage, type Usage } from '../../spec/usage.ts';
import type { EncodeTarget, Heard, Listener, ProviderFailure } from '../protocol.ts';
import { contentPieces, plainReasoning } from './answer-decode.ts';
import { failureIn } from './error-decode.ts';
import { decodeFinish } from './finish.ts';
import { decodeUsage, usageIn } from './usage.ts';

/** What the client asked for, as far as the listener must know. */
export interface ListenerOptions {
  /** Whether the client wants to see the usage chunk. */
  readonly usageWanted: boolean;
  /** How many answers the client asked for (`n`); missing: one. */
  readonly answers?: number;
}

/** Follows a chat answer that passes through, reading only what the ledger and failover need. */
export class ChatListener implements Listener {
  readonly #target: EncodeTarget;
  readonly #usageWanted: boolean;
  /** Which of several answers have come to their ends; null where there is one. */
  readonly #ended: Set<Json> | null;
  readonly #answers: number;
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  #error: ProviderFailure | null = null;
  #hasToolCalls = false;
  #content = false;
  #done = false;
  #outputChars = 0;

  constructor(target: EncodeTarget, options: ListenerOptions) {
    this.#target = target;
    this.#usageWanted = options.usageWanted;
    this.#answers = options.answers ?? 1;
    this.#ended = this.#answers > 1 ? new Set() : null;
  }

  get heard(): Heard {
    return {
      usage: this.#usage,
      finish: this.#finish,
      error: this.#error,
      content: this.#content,
      complete: this.#done || this.#isOver(),
      outputChars: this.#outputChars,
    };
  }

  get ended(): boolean {
    return this.#done;
  }

  worthReading(events: string): boolean {
    return WORTH_READING.test(events);
  }

  readEvent(_name: string, data: Bytes): void {
    if (this.#content && !this.worthReading(data)) {
      this.#outputChars += unreadChars(data);
    } else if (data.trim() === '[DONE]') {
      this.#end();
    } else {
      this.#read(parseJsonOr(bytesToText(data), null));
    }
  }

  hides(_name: string, data: Bytes): boolean {
    if (this.#isOver() && data.includes('"error"') && isAfterword(data)) return true;
    if (this.#usageWanted || !data.includes('"usage"') || !/"choices":\s*\[\]/.test(data)) return false;
    const chunk = parseJsonOr(bytesToText(data), null);
    return isObject(field(chunk, 'usage')) && asArray(field(chunk, 'choices')).length === 0;
  }

  readBody(body: Bytes): void {
    // Parsed as bytes: what is read here are counts and words in ASCII, and lengths that only estimates use.
    const parsed = parseUnwalked(body);
    if (parsed.type === 'bad') {
      this.#error = garbled(`the answer is not JSON: ${parsed.reason}`);
      return;
    }
    this.#read(parsed.value);
    // A failure has words for people, so they are read again as text.
    if (this.#error !== null) this.#error = failureIn(parseJsonOr(bytesToText(body), null)) ?? this.#error;
    const message = field(asArray(field(parsed.value, 'choices'))[0], 'message');
    if (this.#error === null && this.#finish === null && !isObject(message))
      this.#error = garbled('the answer has no message in choices[0]');
    if (this.#error === null) this.#end();
  }

  // Some servers give no finish_reason at all (recorded); then the end of the answer is the finish.
  #end(): void {
    this.#done = true;
    if (this.#content) this.#finish ??= decodeFinish('', this.#hasToolCalls);
  }

  #read(json: Json): void {
    const usage = decodeUsage(usageIn(json), this.#target.quirks.reasoningOutsideCompletion);
    if (usage !== null) this.#usage = this.#usage === null ? usage : laterUsage(this.#usage, usage);
    const failure = failureIn(json);
    // An error after the finish is an afterword of the provider (OpenRouter, recorded).
    if (failure !== null && !this.#isOver()) this.#error = failure;
    for (const choice of asArray(field(json, 'choices'))) this.#readChoice(choice);
  }

  #readChoice(choice: Json): void {
    const said = field(choice, 'delta') ?? field(choice, 'message') ?? null;
    this.#readSaid(said);
    const word = asString(field(choice, 'finish_reason')) ?? '';
    if (word === 'error')
      this.#error ??= { ...garbled('the stream ended with an error'), kind: 'upstream_unavailable' };
    else if (word !== '') {
      this.#finish ??= decodeFinish(word, this.#hasToolCalls);
      this.#ended?.add(field(choice, 'index') ?? 0);
    }
  }

  // Of several answers the first that ends is not the end.
  #isOver(): boolean {
    return this.#finish !== null && (this.#ended === null || this.#ended.size >= this.#answers);
  }

  #readSaid(said: Json): void {
    const chars = visibleChars(said);
    if (asArray(field(said, 'tool_calls')).length > 0 || asString(fieldAt(said, 'function_call', 'name'))) {
      this.#hasToolCalls = true;
      this.#content = true;
    }
    if (chars > 0) {
      this.#content = true;
      this.#outputChars += chars;
    }
    if (asArray(field(said, 'images')).length > 0 || isObject(field(said, 'audio'))) this.#content = true;
  }
}

// The answer was whole before it: a client that saw the error would throw a good answer away.
function isAfterword(data: Bytes): boolean {
  return failureIn(parseJsonOr(bytesToText(data), null)) !== null;
}

// Runs for every piece of every stream, so it is one pass. Inside a text the quotes would be escaped; `null` is not worth it.
const WORTH_READING = /"(?:(?:finish_reason|error|usage)": ?["{]|error"[,}])|\[DONE\]/;

const TEXT_FIELDS = [
  '"content":',
  '"arguments":',
  '"reasoning_content":',
  '"reasoning":',
  '"refusal":',
  '"text":',
];

// Length of the texts of an event that is not parsed, found by the names of their fields.
function unreadChars(data: Bytes): number {
  let chars = 0;
  for (const name of TEXT_FIELDS) {
    const at = data.indexOf(name);
    if (at < 0) continue;
    const end = at + name.length;
    const quote = data.charCodeAt(end) === SPACE ? end + 1 : end;
    if (data.charCodeAt(quote) === QUOTE) chars += endOfString(data, quote) - quote - 1;
  }
  return chars;
}

const SPACE = 0x20;
const QUOTE = 0x22;

function visibleChars(said: Json): number {
  let chars = plainReasoning(said).length + (asString(field(said, 'refusal')) ?? '').length;
  for (const piece of contentPieces(field(said, 'content'))) chars += piece.text.length;
  for (const call of asArray(field(said, 'tool_calls'))) {
    chars += (asString(field(field(call, 'function'), 'arguments')) ?? '').length;
  }
  return chars;
}

function garbled(message: string): ProviderFailure {
  return { kind: 'upstream_garbled', message, code: null, retryAfterMs: null };
}
