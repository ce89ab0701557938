import { field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { NativeValue, OpaqueState } from '../../spec/generate.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { argumentsToInput } from './arguments.ts';
import { callCarrier, emptyTextCarrier, signatureOf, textCarrier } from './carriers.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { encodeCallId } from './names.ts';
import { mediaNotice } from './answer-encode.ts';

/** A part of a stream that belongs to one block. */
export type BlockPart = Extract<StreamPart, { readonly index: number }>;

/**
 * Writes one block of the shared language after the other as blocks of this wire. A block is started by its first content,
 * so that empty ones leave no trace; when the kind of delta changes, a new block is opened.
 *
 * A tool call is held back until its second fragment. Providers that sign calls send them whole, so their state can still be
 * put before the call (see carriers.ts), and a whole call whose arguments are no JSON can still be mended.
 */
export class BlockWriter {
  readonly #numbers: BlockNumbers;
  #block: BlockStart = { type: 'text' };
  #open: 'text' | 'thinking' | 'tool_use' | null = null;
  #heldInput: string | null = null;
  /** Of the block that is open, or was last. */
  #index = 0;
  #callsTools = false;

  /** Writers of one stream share its numbers. */
  constructor(numbers: BlockNumbers) {
    this.#numbers = numbers;
  }

  /** Whether a tool call was written. */
  get callsTools(): boolean {
    return this.#callsTools;
  }

  /** Takes over a block that its client has already, written by a provider: there every block is begun when it is opened. */
  adopt(block: BlockStart): void {
    this.#block = block;
    this.#callsTools ||= block.type === 'tool-call';
    this.#open = WIRE_KINDS[block.type];
    this.#index = this.#numbers.take();
  }

  write(part: BlockPart): readonly JsonObject[] {
    switch (part.type) {
      case 'block-start':
        return this.#begin(part.block);
      case 'text-delta':
      case 'refusal-delta':
        return part.text === '' ? [] : this.#grow('text', { type: 'text_delta', text: part.text });
      case 'reasoning-delta':
        return this.#think(part.text);
      case 'tool-input-delta':
        return this.#input(part.text);
      case 'citation':
        return this.#cite(part.citation);
      case 'block-end':
        return this.#end(part.opaque);
    }
  }

  #begin(block: BlockStart): readonly JsonObject[] {
    this.#block = block;
    switch (block.type) {
      case 'tool-call':
        this.#callsTools = true;
        return [];
      case 'native':
        return this.#native(block.native);
      case 'media':
        return this.#grow('text', { type: 'text_delta', text: mediaNotice(block.mediaType) });
      default:
        return [];
    }
  }

  // An empty thought is one that the provider does not show; its signature is still wanted back.
  #think(text: string): readonly JsonObject[] {
    if (text !== '') return this.#grow('thinking', { type: 'thinking_delta', thinking: text });
    return this.#open === 'thinking' ? [] : this.#start('thinking');
  }

  #input(text: string): readonly JsonObject[] {
    if (text === '') return [];
    if (this.#open === 'tool_use') return [this.#delta({ type: 'input_json_delta', partial_json: text })];
    if (this.#heldInput === null) {
      this.#heldInput = text;
      return [];
    }
    const held = this.#heldInput;
    this.#heldInput = null;
    return [...this.#start('tool_use'), this.#json(held), this.#json(text)];
  }

  #cite(citation: NativeValue): readonly JsonObject[] {
    if (citation.origin !== ANTHROPIC_MESSAGES) return [];
    return this.#grow('text', { type: 'citations_delta', citation: citation.value });
  }

  #end(opaque: OpaqueState | undefined): readonly JsonObject[] {
    switch (this.#block.type) {
      case 'text':
        return this.#endText(opaque);
      case 'reasoning':
        return this.#endReasoning(opaque);
      case 'tool-call':
        return this.#endCall(this.#block.id, opaque);
      default:
        return this.#close();
    }
  }

  #endText(opaque: OpaqueState | undefined): readonly JsonObject[] {
    if (opaque === undefined) return this.#close();
    const carrier = this.#open === null ? emptyTextCarrier(opaque) : textCarrier(opaque);
    return [...this.#close(), ...this.#whole(carrier)];
  }

  // The API ends every thought with a signature, and the AI SDK sends back only thoughts for which one came, so thoughts
  // of providers that sign nothing end with an empty one.
  #endReasoning(opaque: OpaqueState | undefined): readonly JsonObject[] {
    if (opaque === undefined) {
      if (this.#open !== 'thinking') return this.#close();
      return [this.#delta({ type: 'signature_delta', signature: '' }), ...this.#close()];
    }
    const signature = signatureOf(opaque);
    if (this.#open !== 'thinking') {
      return [...this.#close(), ...this.#whole({ type: 'redacted_thinking', data: signature })];
    }
    return [this.#delta({ type: 'signature_delta', signature }), ...this.#close()];
  }

  #endCall(callId: string, opaque: OpaqueState | undefined): readonly JsonObject[] {
    const carrier = opaque === undefined ? [] : [callCarrier(callId, opaque)];
    if (this.#open === 'tool_use')
      return [...this.#close(), ...carrier.flatMap((block) => this.#whole(block))];
    const held = this.#heldInput ?? '';
    this.#heldInput = null;
    const { input, wrapped } = argumentsToInput(held);
    const text = wrapped || held === '' ? JSON.stringify(input) : held;
    const before = carrier.flatMap((block) => this.#whole(block));
    return [...before, ...this.#start('tool_use'), this.#json(text), ...this.#close()];
  }

  // The API itself streams the input of server tools; everything else comes whole.
  #native(native: NativeValue): readonly JsonObject[] {
    const { origin, value } = native;
    if (origin !== ANTHROPIC_MESSAGES || !isObject(value)) return [];
    const input = field(value, 'input');
    if (input === undefined) return this.#whole(value);
    const start = this.#startEvent({ ...value, input: {} });
    const events = [start, this.#json(JSON.stringify(input)), this.#stopEvent()];
    return events;
  }

  #grow(kind: 'text' | 'thinking', delta: JsonObject): readonly JsonObject[] {
    const opening = this.#open === kind ? [] : [...this.#close(), ...this.#start(kind)];
    return [...opening, this.#delta(delta)];
  }

  #start(kind: 'text' | 'thinking' | 'tool_use'): readonly JsonObject[] {
    this.#open = kind;
    return [this.#startEvent(this.#emptyBlock(kind))];
  }

  #emptyBlock(kind: 'text' | 'thinking' | 'tool_use'): JsonObject {
    if (kind === 'text') return { type: 'text', text: '' };
    if (kind === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
    const block = this.#block;
    const call = block.type === 'tool-call' ? block : { id: '', name: '' };
    return { type: 'tool_use', id: encodeCallId(call.id), name: call.name, input: {} };
  }

  #close(): readonly JsonObject[] {
    if (this.#open === null) return [];
    this.#open = null;
    return [this.#stopEvent()];
  }

  #whole(block: JsonObject): readonly JsonObject[] {
    return [this.#startEvent(block), this.#stopEvent()];
  }

  #json(text: string): JsonObject {
    return this.#delta({ type: 'input_json_delta', partial_json: text });
  }

  #startEvent(block: Json): JsonObject {
    this.#index = this.#numbers.take();
    return { type: 'content_block_start', index: this.#index, content_block: block };
  }

  #delta(delta: JsonObject): JsonObject {
    return { type: 'content_block_delta', index: this.#index, delta };
  }

  #stopEvent(): JsonObject {
    return { type: 'content_block_stop', index: this.#index };
  }
}

/** Numbers the blocks of one stream in the order in which they are opened. */
export class BlockNumbers {
  #next = 0;

  take(): number {
    const index = this.#next;
    this.#next += 1;
    return index;
  }
}

/** As which kind a block stands open on this wire; what comes whole is never open. */
const WIRE_KINDS = {
  text: 'text',
  refusal: 'text',
  reasoning: 'thinking',
  'tool-call': 'tool_use',
  native: null,
  media: null,
} as const satisfies { readonly [type in BlockStart['type']]: 'text' | 'thinking' | 'tool_use' | null };
