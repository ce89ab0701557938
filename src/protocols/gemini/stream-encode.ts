import { compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { AssistantPart, Finish, NativeValue, OpaqueState } from '../../spec/generate.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { laterUsage, UNKNOWN_USAGE, type Usage } from '../../spec/usage.ts';
import type { WireEvent } from '../../spec/wire.ts';
import type { AnswerContext, Pump } from '../protocol.ts';
import { encodeModelPart } from './answer-parts.ts';
import { CLIENT_WRITING } from './client-writing.ts';
import { encodeStreamError } from './error-encode.ts';
import { encodeFinish } from './finish.ts';
import { GEMINI } from './id.ts';
import { writeSignature } from './signature.ts';
import { encodeUsage } from './usage.ts';
import { merged } from './wire.ts';

/**
 * Stream parts as Google's events. Text and thoughts go out as they come; a tool call is held until it is whole, because
 * this wire has whole calls only. Signed state of a text follows it on an empty part, as Google sends it. The last event
 * carries the finish reason and the usage; there is no terminator.
 */
export class StreamEncoder implements Pump<StreamPart, WireEvent> {
  readonly #context: AnswerContext;
  readonly #blocks = new Map<number, OpenBlock>();
  #id: string | null = null;
  #usage: Usage = UNKNOWN_USAGE;
  #sources: JsonObject = {};

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  push(part: StreamPart): readonly WireEvent[] {
    switch (part.type) {
      case 'start':
        this.#id = part.id;
        return [];
      case 'usage':
        this.#usage = laterUsage(this.#usage, part.usage);
        return [];
      case 'finish':
        return [this.#finish(part.finish)];
      case 'error':
        return encodeStreamError(new GatewayError(part.kind, part.message), this.#context.requestId);
      default:
        return this.#block(part);
    }
  }

  end(): readonly WireEvent[] {
    return [];
  }

  #block(part: BlockPart): readonly WireEvent[] {
    switch (part.type) {
      case 'block-start':
        return this.#open(part.index, part.block);
      case 'text-delta':
        return this.#content({ type: 'text', text: part.text }, logprobsOf(part.logprobs));
      case 'reasoning-delta':
        return this.#content({ type: 'reasoning', text: part.text });
      case 'refusal-delta':
        return this.#content({ type: 'refusal', text: part.text });
      case 'tool-input-delta':
        this.#blocks.get(part.index)?.input.push(part.text);
        return [];
      case 'citation':
        this.#cite(part.citation);
        return [];
      case 'block-end':
        return this.#close(part.index, part.opaque);
    }
  }

  #cite(citation: NativeValue): void {
    if (citation.origin !== GEMINI || !isObject(citation.value)) return;
    this.#sources = merged(this.#sources, citation.value);
  }

  #open(index: number, block: BlockStart): readonly WireEvent[] {
    if (block.type === 'native') return this.#content({ type: 'native', ...block.native });
    this.#blocks.set(index, { block, input: [] });
    return [];
  }

  #close(index: number, opaque: OpaqueState | undefined): readonly WireEvent[] {
    const open = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (open === undefined) return [];
    const state = opaque === undefined ? {} : { opaque };
    const { block } = open;
    if (block.type === 'media') return this.#content(mediaOf(block, opaque));
    if (block.type === 'tool-call') {
      const call = { id: block.id, name: block.name, arguments: open.input.join('') };
      return this.#content({ type: 'tool-call', ...call, ...state });
    }
    if (opaque === undefined) return [];
    if (block.type === 'reasoning') return this.#content({ type: 'reasoning', text: '', opaque });
    return block.type === 'text' ? this.#content({ type: 'text', text: '', opaque }) : [];
  }

  #content(part: AssistantPart, beside: JsonObject = {}): readonly WireEvent[] {
    const encoded = encodeModelPart(part, CLIENT_WRITING);
    if (encoded === null) return [];
    return [this.#event({ content: { parts: [encoded], role: 'model' }, ...beside, index: 0 })];
  }

  #finish(finish: Finish): WireEvent {
    const candidate = {
      content: { parts: [{ text: '' }], role: 'model' },
      finishReason: encodeFinish(finish),
      index: 0,
      ...this.#sources,
    };
    return this.#event(candidate, encodeUsage(this.#usage));
  }

  #event(candidate: JsonObject, usageMetadata?: Json): WireEvent {
    return eventOf(
      compact({
        candidates: [candidate],
        usageMetadata,
        modelVersion: this.#context.model,
        responseId: this.#id ?? this.#context.requestId,
      }),
    );
  }
}

function mediaOf(
  block: Extract<BlockStart, { type: 'media' }>,
  opaque: OpaqueState | undefined,
): AssistantPart {
  const source = { type: 'base64' as const, data: block.data };
  const media = { type: 'media' as const, mediaType: block.mediaType, source };
  if (opaque === undefined) return media;
  return { ...media, extra: { origin: GEMINI, value: { thoughtSignature: writeSignature(opaque) } } };
}

type BlockPart = Exclude<StreamPart, { type: 'start' | 'usage' | 'finish' | 'error' }>;

interface OpenBlock {
  readonly block: BlockStart;
  readonly input: string[];
}

function logprobsOf(logprobs: NativeValue | undefined): JsonObject {
  return logprobs?.origin === GEMINI ? { logprobsResult: logprobs.value } : {};
}

function eventOf(body: JsonObject): WireEvent {
  return { name: '', data: JSON.stringify(body) };
}
