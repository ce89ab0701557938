import { bytesToText, type Bytes } from '../../base/bytes.ts';
import { asString, field, isObject, parseJsonOr, type Json, type JsonObject } from '../../base/json.ts';
import type { Finish } from '../../spec/generate.ts';
import type { Usage } from '../../spec/usage.ts';
import type { Heard, Listener, ProviderFailure } from '../protocol.ts';
import { classifyBody, failureIn } from './error-decode.ts';
import { decodeFinish } from './finish.ts';
import { decodeUsage, mergeCounters } from './usage.ts';

/** Follows an answer of this wire that passes through. */
export class MessageListener implements Listener {
  #counters: JsonObject | null = null;
  #finish: Finish | null = null;
  #error: ProviderFailure | null = null;
  #content = false;
  /** Whether the wire's own end has come. */
  #over = false;
  /** Whether the last event came behind the end. */
  #behind = false;
  /** Whether the last event was an error behind a reason to stop: the answer was whole, and a client would throw it away. */
  #afterword = false;
  #outputChars = 0;

  get heard(): Heard {
    return {
      usage: this.#usage(),
      finish: this.#finish,
      error: this.#error,
      content: this.#content,
      // With a reason to stop everything was said; the end itself can be added for a provider that died before it.
      complete: this.#over || this.#finish !== null,
      outputChars: this.#outputChars,
    };
  }

  worthReading(events: string): boolean {
    return this.#over || NEEDLES.some((needle) => events.includes(needle));
  }

  // Proxies give the end without its name, or with numbers of their own in it.
  get ended(): boolean {
    return this.#over;
  }

  // Behind the end of an answer a client is sent nothing.
  hides(): boolean {
    return this.#behind || this.#afterword;
  }

  readEvent(name: string, data: Bytes): void {
    this.#behind = this.#over;
    this.#afterword = false;
    if (this.#behind) return;
    if (name === 'ping' || data === '[DONE]') return;
    const payload = parseJsonOr(bytesToText(data), null);
    switch (asString(field(payload, 'type')) ?? name) {
      case 'message_start':
        this.#count(field(field(payload, 'message'), 'usage'));
        return;
      case 'content_block_start':
        this.#hearBlock(field(payload, 'content_block'));
        return;
      case 'content_block_delta':
        this.#hearDelta(field(payload, 'delta'));
        return;
      case 'message_delta':
        this.#count(field(payload, 'usage'));
        this.#hearStop(field(payload, 'delta'));
        return;
      case 'message_stop':
        this.#over = true;
        return;
      case 'error':
        this.#fail(classifyBody(payload));
        return;
      default:
        // Of a kind that this wire does not have; proxies let errors of other wires slip in.
        this.#fail(failureIn(payload));
    }
  }

  #fail(failure: ProviderFailure | null): void {
    if (failure === null) return;
    if (this.#finish === null) this.#error ??= failure;
    else this.#afterword = true;
  }

  readBody(body: Bytes): void {
    const message = parseJsonOr(bytesToText(body), null);
    if (field(message, 'type') !== 'message') this.#error = failureIn(message);
    if (this.#error !== null) return;
    this.#count(field(message, 'usage'));
    this.#hearStop(message);
    const content = field(message, 'content');
    if (!Array.isArray(content)) return;
    for (const block of content) this.#hearBlock(block);
    this.#over = true;
  }

  #usage(): Usage | null {
    return this.#counters === null ? null : decodeUsage(this.#counters);
  }

  #count(usage: Json | undefined): void {
    if (isObject(usage)) this.#counters = mergeCounters(this.#counters ?? {}, usage);
  }

  #hearStop(holder: Json | undefined): void {
    const reason = asString(field(holder, 'stop_reason'));
    if (reason !== undefined) this.#finish = decodeFinish(reason, asString(field(holder, 'stop_sequence')));
  }

  // Text and thinking count by their words; any other block is content by being there.
  #hearBlock(block: Json | undefined): void {
    const type = field(block, 'type');
    if (type === 'text') this.#hear(field(block, 'text'));
    else if (type === 'thinking') this.#hear(field(block, 'thinking'));
    else this.#hear(JSON.stringify(field(block, 'input') ?? ''), 'always');
  }

  #hearDelta(delta: Json | undefined): void {
    this.#hear(field(delta, 'text'));
    this.#hear(field(delta, 'thinking'));
    this.#hear(field(delta, 'partial_json'));
  }

  #hear(words: Json | undefined, presence: 'always' | 'with-words' = 'with-words'): void {
    const length = typeof words === 'string' ? words.length : 0;
    this.#outputChars += length;
    if (length > 0 || presence === 'always') this.#content = true;
  }
}

// A ping is read so that nobody takes it for content.
const NEEDLES = ['message_delta', 'message_stop', 'message_start', '"error"', '"ping"'];
