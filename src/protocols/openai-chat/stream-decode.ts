import {
  asArray,
  asNumber,
  asString,
  field,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import type { OpaqueState } from '../../spec/generate.ts';
import type { WireEvent } from '../../spec/wire.ts';
import type { EncodeTarget, ProviderFailure, Pump } from '../protocol.ts';
import { contentPieces, imageIn, plainReasoning } from './answer-decode.ts';
import { failureIn } from './error-decode.ts';
import { decodeFinish } from './finish.ts';
import { OPENAI_CHAT } from './id.ts';
import { encodeToolName } from './names.ts';
import { toolNameDecoder } from '../tool-names.ts';
import { isSigned, mergeDetails, readDetails, readExtraContent, textOfDetails } from './state.ts';
import { ToolCalls } from './stream-calls.ts';
import { decodeUsage, usageIn } from './usage.ts';

const NOT_AN_OBJECT = {
  kind: 'upstream_garbled',
  message: 'the stream contains an event that is not a JSON object',
} as const;

type Flow = 'text' | 'reasoning' | 'refusal';

/**
 * Reads a provider's stream. One flow block (text, reasoning, refusal) is open at a time; tool calls stay open beside it
 * until the end, because their fragments may interleave. The finish is held back until the stream is over or has told its
 * usage: some providers repeat `finish_reason`, and text may still follow it. An error after it is a provider's afterword
 * (OpenRouter, recorded) and changes nothing.
 */
export class ChatStreamDecoder implements Pump<WireEvent, StreamPart> {
  readonly #target: EncodeTarget;
  readonly #nameOf: (name: string) => string;
  #out: StreamPart[] = [];
  #started = false;
  #blocks = 0;
  #flow: { readonly type: Flow; readonly index: number } | null = null;
  /** Signed state of the open, or else of the next, text block. */
  #textState: OpaqueState | undefined;
  #details: readonly JsonObject[] = [];
  #plainReasoning = false;
  #calls: ToolCalls | null = null;
  #finish: string | null = null;
  #over = false;
  /** Whether it spoke: our language has no word for sound in pieces. */
  #sound = false;

  constructor(target: EncodeTarget) {
    this.#target = target;
    this.#nameOf = toolNameDecoder(target.request, encodeToolName);
  }

  push(event: WireEvent): readonly StreamPart[] {
    if (this.#over || event.data === '') return [];
    this.#out = [];
    if (event.data.trim() === '[DONE]') {
      // Some servers give no finish_reason at all (recorded); then the terminator is the end.
      if (this.#started) this.#finish ??= '';
      this.#close();
    } else {
      this.#readChunk(parseJsonOr(event.data, undefined));
    }
    return this.#out;
  }

  end(): readonly StreamPart[] {
    this.#out = [];
    if (!this.#over) this.#close();
    return this.#out;
  }

  get holds(): boolean {
    return this.#sound || (this.#calls?.holds ?? false);
  }

  #readChunk(chunk: Json | undefined): void {
    if (!isObject(chunk)) {
      this.#fail(failureIn(chunk ?? null) ?? NOT_AN_OBJECT);
      return;
    }
    const [choice] = asArray(chunk['choices']).filter((entry) => (field(entry, 'index') ?? 0) === 0);
    if (choice !== undefined || asString(chunk['id'])) this.#start(chunk);
    const usage = decodeUsage(usageIn(chunk), this.#target.quirks.reasoningOutsideCompletion);
    if (usage !== null) this.#out.push({ type: 'usage', usage });
    const failure = failureIn(chunk);
    if (failure !== null) this.#fail(failure);
    else if (choice !== undefined) this.#readChoice(choice);
  }

  #start(chunk: JsonObject): void {
    if (this.#started) return;
    this.#started = true;
    const id = asString(chunk['id']) ?? '';
    const model = asString(chunk['model']) ?? '';
    this.#calls = new ToolCalls(id, this.#nameOf, (block) => this.#open(block));
    const createdAtS = asNumber(chunk['created']);
    this.#out.push({
      type: 'start',
      id: id === '' ? null : id,
      model: model === '' ? null : model,
      ...(createdAtS === undefined ? {} : { createdAtS }),
    });
  }

  #readChoice(choice: Json): void {
    // A stream that is answered with one whole completion has `message` in place of `delta`.
    const delta = field(choice, 'delta') ?? field(choice, 'message');
    if (isObject(delta)) this.#readDelta(delta, choice);
    const finish = asString(field(choice, 'finish_reason'));
    if (finish === 'error') {
      this.#fail({ kind: 'upstream_unavailable', message: 'the provider ended the stream with an error' });
    } else if (finish !== undefined && finish !== '') {
      this.#finish ??= finish;
    }
  }

  #readDelta(delta: JsonObject, choice: Json): void {
    this.#readReasoning(delta);
    const logprobs = field(choice, 'logprobs');
    for (const piece of contentPieces(delta['content'])) {
      const index = this.#flowTo(piece.type);
      if (piece.type === 'reasoning') this.#out.push({ type: 'reasoning-delta', index, text: piece.text });
      else
        this.#out.push({
          type: 'text-delta',
          index,
          text: piece.text,
          ...(isObject(logprobs) ? nativeLogprobs(logprobs) : {}),
        });
    }
    const refusal = asString(delta['refusal']) ?? '';
    if (refusal !== '')
      this.#out.push({ type: 'refusal-delta', index: this.#flowTo('refusal'), text: refusal });
    this.#readRest(delta);
    this.#readCalls(delta);
  }

  #readReasoning(delta: JsonObject): void {
    const details = asArray(delta['reasoning_details']);
    if (details.length > 0) this.#details = mergeDetails(this.#details, details);
    const plain = plainReasoning(delta);
    if (plain !== '') this.#plainReasoning = true;
    // Details repeat the plain text, so theirs counts only where no plain text ever came.
    const text = plain === '' && !this.#plainReasoning ? textOfDetails(details) : plain;
    if (text !== '') this.#out.push({ type: 'reasoning-delta', index: this.#flowTo('reasoning'), text });
  }

  #readRest(delta: JsonObject): void {
    for (const annotation of asArray(delta['annotations'])) {
      const citation = { origin: OPENAI_CHAT, value: annotation };
      this.#out.push({ type: 'citation', index: this.#flowTo('text'), citation });
    }
    for (const image of asArray(delta['images'])) {
      const found = imageIn(image);
      if (found === null) continue;
      this.#closeFlow();
      this.#out.push({ type: 'block-end', index: this.#open({ type: 'media', ...found }) });
    }
    this.#sound ||= isObject(delta['audio']);
    this.#textState = readExtraContent(delta) ?? this.#textState;
  }

  #readCalls(delta: JsonObject): void {
    const fragments = asArray(delta['tool_calls']);
    const legacy = delta['function_call'];
    if (fragments.length === 0 && !isObject(legacy)) return;
    const calls = this.#calls;
    if (calls === null) return;
    for (const fragment of fragments) this.#out.push(...calls.read(fragment));
    if (isObject(legacy)) this.#out.push(...calls.read({ index: 0, function: legacy }));
  }

  #open(block: BlockStart): number {
    if (block.type === 'tool-call') this.#closeFlow();
    const index = this.#blocks;
    this.#blocks += 1;
    this.#out.push({ type: 'block-start', index, block });
    return index;
  }

  #flowTo(type: Flow): number {
    if (this.#flow?.type === type) return this.#flow.index;
    this.#closeFlow();
    this.#flow = { type, index: this.#open({ type }) };
    return this.#flow.index;
  }

  #closeFlow(): void {
    const flow = this.#flow;
    if (flow === null) return;
    this.#flow = null;
    let opaque: OpaqueState | undefined;
    if (flow.type === 'reasoning') opaque = this.#takeDetails();
    if (flow.type === 'text') {
      opaque = this.#textState;
      this.#textState = undefined;
    }
    this.#out.push({ type: 'block-end', index: flow.index, ...(opaque === undefined ? {} : { opaque }) });
  }

  // State read so far; it leaves with the reasoning before it.
  #takeDetails(): OpaqueState | undefined {
    const details = this.#details;
    this.#details = [];
    if (!isSigned(details)) return undefined;
    // Our own wrapping comes back as what it wraps; a provider's own details stay as they are.
    const [only, ...more] = readDetails(details);
    return more.length === 0 ? only?.part.opaque : { origin: OPENAI_CHAT, value: JSON.stringify(details) };
  }

  #close(): void {
    this.#over = true;
    if (this.#finish === null) return;
    this.#closeFlow();
    // Encrypted state may come after the text that it led to; it makes a block of its own.
    const late = this.#takeDetails();
    if (late !== undefined) {
      const index = this.#open({ type: 'reasoning' });
      this.#out.push({ type: 'block-end', index, opaque: late });
    }
    const ends = this.#calls?.end(this.#textState) ?? [];
    if (ends.length === 0 && this.#textState !== undefined) {
      const index = this.#open({ type: 'text' });
      this.#out.push({ type: 'block-end', index, opaque: this.#textState });
    }
    this.#out.push(...ends);
    const customs = this.#calls?.customs() ?? [];
    this.#out.push(...customs);
    const hasToolCalls = ends.length + customs.length > 0;
    this.#out.push({ type: 'finish', finish: decodeFinish(this.#finish, hasToolCalls) });
  }

  #fail({ kind, message }: Pick<ProviderFailure, 'kind' | 'message'>): void {
    if (this.#finish !== null) return;
    this.#over = true;
    this.#out.push({ type: 'error', kind, message });
  }
}

function nativeLogprobs(value: Json): {
  readonly logprobs: { readonly origin: string; readonly value: Json };
} {
  return { logprobs: { origin: OPENAI_CHAT, value } };
}
