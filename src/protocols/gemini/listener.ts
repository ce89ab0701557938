import { bytesToText, type Bytes } from '../../base/bytes.ts';
import { isArray, isObject, parseJsonOr, type Json, type JsonObject } from '../../base/json.ts';
import type { Finish } from '../../spec/generate.ts';
import { laterUsage, type Usage } from '../../spec/usage.ts';
import type { Heard, Listener, ProviderFailure } from '../protocol.ts';
import { readAnswer } from './candidate.ts';
import { errorInside } from './error-decode.ts';
import { blockedFinish, decodeFinish } from './finish.ts';
import { decodeUsage, withSearches } from './usage.ts';
import { camelKeys } from './wire.ts';

/** Follows an answer of Gemini that passes through. */
export class GeminiListener implements Listener {
  #usage: Usage | null = null;
  #finishReason: string | null = null;
  #blockReason: string | null = null;
  #error: ProviderFailure | null = null;
  /** Whether the last event was an error behind a reason to stop: the answer was whole, and a client would throw it away. */
  #afterword = false;
  #calls = 0;
  #content = false;
  #outputChars = 0;

  // Text goes by unread; a call changes the finish, and the last events bring finish, usage and failures.
  worthReading(events: string): boolean {
    return NEEDLES.some((needle) => events.includes(needle));
  }

  hides(): boolean {
    return this.#afterword;
  }

  readEvent(_name: string, data: Bytes): void {
    this.#afterword = false;
    this.#readItems(parseJsonOr(bytesToText(data), null));
  }

  readBody(body: Bytes): void {
    this.#readItems(parseJsonOr(bytesToText(body), null));
  }

  // A stream without alt=sse is an array of what would be its events, and an error may come in an array of one.
  #readItems(json: Json): void {
    for (const item of isArray(json) ? json : [json]) if (isObject(item)) this.#read(item);
  }

  get heard(): Heard {
    const finish = this.#finish();
    return {
      usage: this.#usage,
      finish,
      error: this.#error,
      content: this.#content,
      complete: finish !== null && this.#error === null,
      outputChars: this.#outputChars,
    };
  }

  #read(body: JsonObject): void {
    const failure = errorInside(body);
    if (failure !== null && this.#finish() !== null) {
      this.#afterword = true;
      return;
    }
    this.#error ??= failure;
    const answer = readAnswer(body);
    for (const json of answer.parts) this.#readPart(camelKeys(json));
    const usage = decodeUsage(body['usageMetadata']);
    if (usage !== null) this.#usage = laterUsage(this.#usage ?? usage, usage);
    const grounding = answer.candidate?.['groundingMetadata'];
    if (this.#usage !== null) this.#usage = withSearches(this.#usage, grounding);
    this.#finishReason = answer.finishReason ?? this.#finishReason;
    this.#blockReason = answer.blockReason ?? this.#blockReason;
  }

  #readPart(part: JsonObject): void {
    const text = part['text'];
    if (typeof text === 'string') {
      this.#outputChars += text.length;
      this.#content ||= text !== '';
      return;
    }
    if (part['functionCall'] !== undefined) this.#calls += 1;
    this.#outputChars += part['functionCall'] === undefined ? 0 : JSON.stringify(part['functionCall']).length;
    this.#content ||= Object.keys(part).length > 0;
  }

  #finish(): Finish | null {
    if (this.#finishReason !== null)
      return decodeFinish(this.#finishReason, this.#calls > 0 ? 'calls' : 'no-calls');
    return this.#blockReason === null ? null : blockedFinish(this.#blockReason);
  }
}

const NEEDLES = ['"functionCall"', '"finishReason"', '"promptFeedback"', '"error"'];
