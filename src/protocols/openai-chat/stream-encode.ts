import { compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { unreachable } from '../../base/assert.ts';
import type { Finish, NativeValue, OpaqueState } from '../../spec/generate.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { laterUsage, type Usage } from '../../spec/usage.ts';
import type { WireEvent } from '../../spec/wire.ts';
import type { AnswerContext, Pump } from '../protocol.ts';
import { encodeImage } from './answer-encode.ts';
import { errorObject } from './error-encode.ts';
import { encodeFinish } from './finish.ts';
import { OPENAI_CHAT } from './id.ts';
import { extraContent, reasoningDetails } from './state.ts';
import { encodeUsage } from './usage.ts';

/**
 * Writes an answer as this wire's chunks: the role first, then deltas, one chunk with the finish, usage where the client
 * asked for it, `[DONE]`. Usage may come after the finish part, so the last two wait for the end of the input.
 */
export class ChatStreamEncoder implements Pump<StreamPart, WireEvent> {
  readonly #context: AnswerContext;
  #head = '';
  readonly #blocks = new Map<number, Block>();
  #calls = 0;
  #usage: Usage | null = null;
  #finished = false;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  push(part: StreamPart): readonly WireEvent[] {
    switch (part.type) {
      case 'start':
        return this.#start(part.id);
      case 'usage':
        this.#usage = this.#usage === null ? part.usage : laterUsage(this.#usage, part.usage);
        return [];
      case 'finish':
        return this.#finish(part.finish);
      case 'error':
        return [{ name: '', data: JSON.stringify(errorObject(part.kind, part.message)) }];
      default:
        return this.#block(part);
    }
  }

  #block(part: BlockPart): readonly WireEvent[] {
    switch (part.type) {
      case 'block-start':
        return this.#open(part.index, part.block);
      case 'text-delta':
        return this.#chunk(`{"content":${JSON.stringify(part.text)}}`, ownValue(part.logprobs));
      case 'reasoning-delta':
        this.#remember(part.index, part.text);
        return this.#chunk(`{"reasoning_content":${JSON.stringify(part.text)}}`);
      case 'refusal-delta':
        return this.#chunk(`{"refusal":${JSON.stringify(part.text)}}`);
      case 'tool-input-delta':
        return this.#toolInput(part.index, part.text);
      case 'citation':
        return this.#citation(part.citation);
      case 'block-end':
        return this.#close(part.index, part.opaque);
      default:
        return unreachable(part);
    }
  }

  end(): readonly WireEvent[] {
    if (!this.#finished) return [];
    const done = { name: '', data: '[DONE]' };
    const usage = this.#usage === null ? null : encodeUsage(this.#usage);
    if (this.#context.request.streamUsage !== true || usage === null) return [done];
    return [{ name: '', data: `${this.#head}[],"usage":${JSON.stringify(usage)}}` }, done];
  }

  #start(id: string | null): readonly WireEvent[] {
    const { requestId, createdAtS, model } = this.#context;
    const head = {
      id: id ?? `chatcmpl-${requestId}`,
      object: 'chat.completion.chunk',
      created: createdAtS,
      model,
    };
    this.#head = `${JSON.stringify(head).slice(0, -1)},"choices":`;
    return [this.#event('{"role":"assistant","content":""}', null, null)];
  }

  #open(index: number, block: BlockStart): readonly WireEvent[] {
    switch (block.type) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        this.#blocks.set(index, { type: block.type, text: null });
        return [];
      case 'tool-call': {
        const { id, name, opaque } = block;
        const call = {
          index: this.#nextCall(index, opaque),
          id,
          type: 'function',
          function: { name, arguments: '' },
          extra_content: opaque === undefined ? undefined : extraContent(opaque),
        };
        return this.#delta({ tool_calls: [compact(call)] });
      }
      case 'media':
        return this.#delta({ images: [encodeImage(block.mediaType, block.data)] });
      case 'native':
        return this.#native(index, block.native);
      default:
        return unreachable(block);
    }
  }

  // A call of a custom tool; blocks of other wires have no place here.
  #native(index: number, native: NativeValue): readonly WireEvent[] {
    const { value } = native;
    if (native.origin !== OPENAI_CHAT || !isObject(value)) return [];
    return this.#delta({ tool_calls: [{ index: this.#nextCall(index), ...value }] });
  }

  #nextCall(index: number, opaque?: OpaqueState): number {
    const place = this.#calls;
    this.#calls += 1;
    this.#blocks.set(index, { type: 'tool-call', place, empty: true, signed: opaque !== undefined });
    return place;
  }

  #toolInput(index: number, text: string): readonly WireEvent[] {
    const block = this.#blocks.get(index);
    if (block?.type !== 'tool-call' || text === '') return [];
    block.empty = false;
    return this.#chunk(
      `{"tool_calls":[{"index":${block.place},"function":{"arguments":${JSON.stringify(text)}}}]}`,
    );
  }

  #citation(citation: NativeValue): readonly WireEvent[] {
    return citation.origin === OPENAI_CHAT ? this.#delta({ annotations: [citation.value] }) : [];
  }

  #close(index: number, opaque: OpaqueState | undefined): readonly WireEvent[] {
    const block = this.#blocks.get(index);
    if (block === undefined) return [];
    this.#blocks.delete(index);
    if (block.type === 'tool-call') return this.#closeCall(block, opaque);
    if (opaque === undefined) return [];
    if (block.type === 'text') return this.#delta({ extra_content: extraContent(opaque) });
    if (block.type === 'refusal') return [];
    const part = { type: 'reasoning', text: block.text, opaque } as const;
    return this.#delta({ reasoning_details: reasoningDetails([{ part, index }]) });
  }

  // Clients parse the arguments, and nothing is not JSON. A fragment without `function` is refused by the AI SDK, which
  // also hears of a signature only in the first fragment of a call, where Google sends it.
  #closeCall({ place, empty, signed }: CallBlock, opaque: OpaqueState | undefined): readonly WireEvent[] {
    const late = signed ? undefined : opaque;
    if (!empty && late === undefined) return [];
    const call = compact({
      index: place,
      function: { arguments: empty ? '{}' : '' },
      extra_content: late === undefined ? undefined : extraContent(late),
    });
    return this.#delta({ tool_calls: [call] });
  }

  // Signed reasoning is sent back whole by clients, so its text is kept until the signature comes.
  #remember(index: number, text: string): void {
    const block = this.#blocks.get(index);
    if (block?.type === 'reasoning') block.text = (block.text ?? '') + text;
  }

  #finish(finish: Finish): readonly WireEvent[] {
    if (this.#finished) return [];
    const started = this.#head === '' ? this.#start(null) : [];
    this.#finished = true;
    return [...started, this.#event('{}', null, encodeFinish(finish))];
  }

  #delta(delta: JsonObject): readonly WireEvent[] {
    return this.#chunk(JSON.stringify(delta));
  }

  #chunk(delta: string, logprobs: Json = null): readonly WireEvent[] {
    const started = this.#head === '' ? this.#start(null) : [];
    return [...started, this.#event(delta, logprobs, null)];
  }

  #event(delta: string, logprobs: Json, finish: string | null): WireEvent {
    const told = logprobs === null ? 'null' : JSON.stringify(logprobs);
    const reason = finish === null ? 'null' : `"${finish}"`;
    const choice = `{"index":0,"delta":${delta},"logprobs":${told},"finish_reason":${reason}}`;
    return { name: '', data: `${this.#head}[${choice}]}` };
  }
}

type BlockPart = Exclude<StreamPart, { type: 'start' | 'usage' | 'finish' | 'error' }>;

interface FlowBlock {
  readonly type: 'text' | 'reasoning' | 'refusal';
  text: string | null;
}

interface CallBlock {
  readonly type: 'tool-call';
  readonly place: number;
  /** Whether its signature went out with its first fragment. */
  readonly signed: boolean;
  empty: boolean;
}

type Block = FlowBlock | CallBlock;

function ownValue(native: NativeValue | undefined): Json {
  return native?.origin === OPENAI_CHAT ? native.value : null;
}
