import {
  asString,
  field,
  isObject,
  parseJsonOr,
  setOwn,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { GenerateRequest, OpaqueState } from '../../spec/generate.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { isOrdinaryCall } from './blocks-decode.ts';
import { decodeCarrier, stateOf } from './carriers.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { decodeCallId, encodeToolName } from './names.ts';
import { toolNameDecoder, type ToolNameDecoder } from '../tool-names.ts';
import { ANSWER_TOOL } from './output-format.ts';

/**
 * The blocks of a stream as they come: which of the wire's indexes is open, as what. Wrong providers put a delta into a
 * block of another kind (LiteLLM #33224); it then opens a block of its own kind. Native blocks are told when they are whole.
 */
export class StreamBlocks {
  readonly #nameOf: ToolNameDecoder;
  readonly #open = new Map<number, OpenBlock>();
  readonly #callStates = new Map<string, OpaqueState>();
  #next = 0;
  #answer = false;
  #calls = false;

  constructor(request: GenerateRequest | undefined) {
    this.#nameOf = toolNameDecoder(request, encodeToolName);
  }

  /** Whether the answer tool and other tools were called. */
  get seen(): { readonly answer: boolean; readonly calls: boolean } {
    return { answer: this.#answer, calls: this.#calls };
  }

  /** Whether a block is open that is told only when it is whole. */
  get holds(): boolean {
    for (const { type } of this.#open.values()) if (type === 'native') return true;
    return false;
  }

  start(wireIndex: number, block: Json | undefined, parts: StreamPart[]): void {
    this.stop(wireIndex, parts);
    if (!isObject(block)) return;
    const carrier = decodeCarrier(block);
    if (carrier?.type === 'call-state') this.#callStates.set(carrier.callId, carrier.state);
    else if (carrier !== null) this.#emptyText(carrier.state, parts);
    else this.#open.set(wireIndex, this.#opened(block, parts));
  }

  delta(wireIndex: number, delta: Json | undefined, parts: StreamPart[]): void {
    switch (field(delta, 'type')) {
      case 'text_delta':
        this.#text(wireIndex, asString(field(delta, 'text')) ?? '', parts);
        return;
      case 'thinking_delta':
        this.#thinking(wireIndex, asString(field(delta, 'thinking')) ?? '', parts);
        return;
      case 'signature_delta':
        this.#signature(wireIndex, asString(field(delta, 'signature')) ?? '', parts);
        return;
      case 'input_json_delta':
        this.#input(wireIndex, asString(field(delta, 'partial_json')) ?? '', parts);
        return;
      case 'citations_delta':
        this.#citation(wireIndex, field(delta, 'citation'), parts);
        return;
      default:
        this.#otherDelta(wireIndex, delta);
    }
  }

  stop(wireIndex: number, parts: StreamPart[]): void {
    const block = this.#open.get(wireIndex);
    if (block === undefined) return;
    this.#open.delete(wireIndex);
    if (block.type === 'native') this.#native(block, parts);
    else parts.push(...lastDelta(block), this.#ended(block));
  }

  stopAll(parts: StreamPart[]): void {
    for (const wireIndex of this.#open.keys()) this.stop(wireIndex, parts);
  }

  #opened(block: JsonObject, parts: StreamPart[]): OpenBlock {
    switch (field(block, 'type')) {
      case 'text':
        return this.#openText(asString(field(block, 'text')) ?? '', parts);
      case 'thinking':
        return this.#openThinking(block, parts);
      case 'redacted_thinking':
        return {
          type: 'reasoning',
          index: this.#begin({ type: 'reasoning' }, parts),
          signature: asString(field(block, 'data')) ?? '',
        };
      case 'tool_use':
        if (!isOrdinaryCall(block)) return { type: 'native', value: block, input: '' };
        return this.#openCall(block, parts);
      default:
        return { type: 'native', value: block, input: '' };
    }
  }

  #openText(text: string, parts: StreamPart[]): OpenBlock {
    const index = this.#begin({ type: 'text' }, parts);
    if (text !== '') parts.push({ type: 'text-delta', index, text });
    return { type: 'text', index };
  }

  // The delta is there even when it is empty: it tells a thought that is not shown from one that is redacted.
  #openThinking(block: JsonObject, parts: StreamPart[]): OpenBlock {
    const index = this.#begin({ type: 'reasoning' }, parts);
    parts.push({ type: 'reasoning-delta', index, text: asString(field(block, 'thinking')) ?? '' });
    return { type: 'reasoning', index, signature: asString(field(block, 'signature')) ?? '' };
  }

  #openCall(block: JsonObject, parts: StreamPart[]): OpenBlock {
    const wireName = asString(field(block, 'name')) ?? '';
    const given = field(block, 'input');
    const whole = isObject(given) && Object.keys(given).length > 0 ? JSON.stringify(given) : '';
    if (wireName === ANSWER_TOOL) {
      this.#answer = true;
      return { type: 'answer', index: this.#begin({ type: 'text' }, parts), whole, written: false };
    }
    this.#calls = true;
    const id = decodeCallId(asString(field(block, 'id')) ?? '');
    const name = this.#nameOf(wireName);
    return {
      type: 'tool-call',
      index: this.#begin({ type: 'tool-call', id, name }, parts),
      id,
      whole,
      written: false,
    };
  }

  #begin(block: BlockStart, parts: StreamPart[]): number {
    const index = this.#next;
    this.#next += 1;
    parts.push({ type: 'block-start', index, block });
    return index;
  }

  #text(wireIndex: number, text: string, parts: StreamPart[]): void {
    let block = this.#open.get(wireIndex);
    if (block?.type !== 'text') {
      this.stop(wireIndex, parts);
      block = this.#openText('', parts);
      this.#open.set(wireIndex, block);
    }
    if (block.type === 'text' && text !== '') parts.push({ type: 'text-delta', index: block.index, text });
  }

  #thinking(wireIndex: number, text: string, parts: StreamPart[]): void {
    const block = this.#open.get(wireIndex);
    if (block?.type === 'reasoning') {
      if (text !== '') parts.push({ type: 'reasoning-delta', index: block.index, text });
      return;
    }
    this.stop(wireIndex, parts);
    this.#open.set(wireIndex, this.#openThinking({ thinking: text }, parts));
  }

  #signature(wireIndex: number, signature: string, parts: StreamPart[]): void {
    const block = this.#open.get(wireIndex);
    if (block?.type === 'reasoning') {
      block.signature += signature;
      return;
    }
    this.stop(wireIndex, parts);
    this.#open.set(wireIndex, this.#openThinking({ signature }, parts));
  }

  #input(wireIndex: number, text: string, parts: StreamPart[]): void {
    const block = this.#open.get(wireIndex);
    if (block?.type === 'native') block.input += text;
    if (text === '' || (block?.type !== 'tool-call' && block?.type !== 'answer')) return;
    block.written = true;
    parts.push({
      type: block.type === 'answer' ? 'text-delta' : 'tool-input-delta',
      index: block.index,
      text,
    });
  }

  #citation(wireIndex: number, citation: Json | undefined, parts: StreamPart[]): void {
    this.#text(wireIndex, '', parts);
    const block = this.#open.get(wireIndex);
    if (block?.type !== 'text' || citation === undefined) return;
    parts.push({
      type: 'citation',
      index: block.index,
      citation: { origin: ANTHROPIC_MESSAGES, value: citation },
    });
  }

  // Deltas of native blocks (`compaction_delta`) replace the fields that they name.
  #otherDelta(wireIndex: number, delta: Json | undefined): void {
    const block = this.#open.get(wireIndex);
    if (block?.type !== 'native' || !isObject(delta)) return;
    const value: { [key: string]: Json } = {};
    for (const source of [block.value, delta]) {
      for (const key of Object.keys(source)) {
        const given = source[key];
        if (given !== undefined && (source === block.value || key !== 'type')) setOwn(value, key, given);
      }
    }
    block.value = value;
  }

  #native(block: Extract<OpenBlock, { type: 'native' }>, parts: StreamPart[]): void {
    const input = block.input === '' ? undefined : parseJsonOr(block.input, undefined);
    const value = input === undefined ? block.value : { ...block.value, input };
    const index = this.#begin({ type: 'native', native: { origin: ANTHROPIC_MESSAGES, value } }, parts);
    parts.push({ type: 'block-end', index });
  }

  #emptyText(opaque: OpaqueState, parts: StreamPart[]): void {
    const index = this.#begin({ type: 'text' }, parts);
    parts.push({ type: 'block-end', index, opaque });
  }

  #ended(block: Exclude<OpenBlock, { type: 'native' }>): StreamPart {
    const opaque =
      block.type === 'reasoning'
        ? stateOf(block.signature)
        : block.type === 'tool-call'
          ? this.#callStates.get(block.id)
          : undefined;
    return { type: 'block-end', index: block.index, ...(opaque === undefined ? {} : { opaque }) };
  }
}

type OpenBlock =
  | { readonly type: 'text'; readonly index: number }
  | { readonly type: 'reasoning'; readonly index: number; signature: string }
  | {
      readonly type: 'tool-call';
      readonly index: number;
      readonly id: string;
      readonly whole: string;
      written: boolean;
    }
  | { readonly type: 'answer'; readonly index: number; readonly whole: string; written: boolean }
  | { readonly type: 'native'; value: JsonObject; input: string };

// Some servers put the whole input into the start of the block, and an empty input is never spelled out in deltas.
function lastDelta(block: Exclude<OpenBlock, { type: 'native' }>): readonly StreamPart[] {
  if ((block.type !== 'tool-call' && block.type !== 'answer') || block.written) return [];
  const text = block.whole === '' ? '{}' : block.whole;
  return [{ type: block.type === 'answer' ? 'text-delta' : 'tool-input-delta', index: block.index, text }];
}
