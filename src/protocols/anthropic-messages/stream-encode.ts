import { compact, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { Finish } from '../../spec/generate.ts';
import type { StreamPart } from '../../spec/stream.ts';
import { laterUsage, UNKNOWN_USAGE, type Usage } from '../../spec/usage.ts';
import type { WireEvent } from '../../spec/wire.ts';
import type { AnswerContext, Pump } from '../protocol.ts';
import { encodeStreamError } from './error-encode.ts';
import { encodeFinish } from './finish.ts';
import { BlockNumbers, BlockWriter, type BlockPart } from './stream-blocks-encode.ts';
import { encodeUsage } from './usage.ts';

/**
 * Writes a stream for our client. Blocks never overlap on this wire: the block that opened first is written as it comes, the
 * parts of others wait until it is closed. message_start announces an estimate of the input, message_delta tells the truth;
 * it waits for the end, because several providers report usage after the finish. A stream without a finish gets no end.
 */
export class MessageStreamEncoder implements Pump<StreamPart, WireEvent> {
  readonly #context: AnswerContext;
  readonly #numbers = new BlockNumbers();
  readonly #writer = new BlockWriter(this.#numbers);
  /** Writers of blocks that a provider left open at the client; some let blocks overlap. The others wait for all of them. */
  readonly #adopted = new Map<number, BlockWriter>();
  #adoptedCalls = false;
  /** Parts of the blocks that wait for their turn, in the order of opening. */
  readonly #waiting = new Map<number, BlockPart[]>();
  #current: number | null = null;
  #usage: Usage = UNKNOWN_USAGE;
  #finish: Finish | null = null;
  #outputChars = 0;
  #started = false;
  #failed = false;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  /** Takes over a stream of this wire that a client has a part of: blocks that were opened there are open here. */
  adopt(seen: readonly StreamPart[]): void {
    for (const part of seen) {
      if (part.type === 'start') this.#started = true;
      if (!('index' in part)) continue;
      this.#started = true;
      if ('text' in part) this.#outputChars += part.text.length;
      if (part.type === 'block-start') {
        const writer = new BlockWriter(this.#numbers);
        writer.adopt(part.block);
        this.#adopted.set(part.index, writer);
        this.#adoptedCalls ||= writer.callsTools;
      } else if (part.type === 'block-end') {
        this.#adopted.delete(part.index);
      }
    }
  }

  push(part: StreamPart): readonly WireEvent[] {
    if (this.#failed) return [];
    switch (part.type) {
      case 'start':
        return this.#start(part.id);
      case 'usage':
        this.#usage = laterUsage(this.#usage, part.usage);
        return [];
      case 'finish':
        this.#finish = part.finish;
        return [];
      case 'error':
        this.#failed = true;
        return encodeStreamError(new GatewayError(part.kind, part.message), this.#context.requestId);
      default:
        if ('text' in part) this.#outputChars += part.text.length;
        return [...this.#start(null), ...this.#route(part)];
    }
  }

  end(): readonly WireEvent[] {
    if (this.#failed || this.#finish === null) return [];
    const events = [...this.#start(null), ...this.#flush()];
    events.push(
      event({
        type: 'message_delta',
        delta: {
          stop_reason: encodeFinish(this.#finish, this.#adoptedCalls || this.#writer.callsTools),
          stop_sequence: this.#finish.stopSequence ?? null,
        },
        usage: this.#counters(),
      }),
      event({ type: 'message_stop' }),
    );
    return events;
  }

  #start(id: string | null): readonly WireEvent[] {
    if (this.#started) return [];
    this.#started = true;
    const message = {
      id: id ?? `msg_${this.#context.requestId}`,
      type: 'message',
      role: 'assistant',
      model: this.#context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: this.#counters(),
    };
    return [event({ type: 'message_start', message })];
  }

  #counters(): JsonObject {
    const { inputTokensEstimate } = this.#context;
    return encodeUsage(this.#usage, { inputTokensEstimate, outputChars: this.#outputChars });
  }

  #route(part: BlockPart): readonly WireEvent[] {
    const adopted = this.#adopted.get(part.index);
    if (adopted !== undefined) return this.#writeAdopted(adopted, part);
    if (this.#adopted.size === 0) this.#current ??= part.index;
    if (part.index === this.#current) return this.#write([part]);
    const waiting = this.#waiting.get(part.index);
    if (waiting === undefined) this.#waiting.set(part.index, [part]);
    else waiting.push(part);
    return [];
  }

  #writeAdopted(writer: BlockWriter, part: BlockPart): readonly WireEvent[] {
    const events = writer.write(part).map(event);
    if (part.type !== 'block-end') return events;
    this.#adopted.delete(part.index);
    const next = this.#adopted.size === 0 ? this.#nextWaiting() : null;
    return next === null ? events : [...events, ...this.#write(next)];
  }

  // Writes parts of the current block; when it closes, the next ones have their turn as far as they have come.
  #write(parts: readonly BlockPart[]): readonly WireEvent[] {
    const events: JsonObject[] = [];
    let batch: readonly BlockPart[] | null = parts;
    while (batch !== null) {
      for (const part of batch) events.push(...this.#writer.write(part));
      batch = batch.at(-1)?.type === 'block-end' ? this.#nextWaiting() : null;
    }
    return events.map(event);
  }

  #nextWaiting(): readonly BlockPart[] | null {
    this.#current = null;
    for (const [index, parts] of this.#waiting) {
      this.#waiting.delete(index);
      this.#current = index;
      return parts;
    }
    return null;
  }

  // Closes what a provider left open before its finish.
  #flush(): readonly WireEvent[] {
    const events: WireEvent[] = [];
    for (const [index, writer] of this.#adopted)
      events.push(...this.#writeAdopted(writer, { type: 'block-end', index }));
    while (this.#current !== null) events.push(...this.#write([{ type: 'block-end', index: this.#current }]));
    return events;
  }
}

/** The named event of a payload. */
export function event(payload: JsonObject): WireEvent {
  const { type } = payload;
  return { name: typeof type === 'string' ? type : '', data: JSON.stringify(compact(payload)) };
}
