import {
  asNumber,
  asString,
  field,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { Finish } from '../../spec/generate.ts';
import type { StreamPart } from '../../spec/stream.ts';
import type { WireEvent } from '../../spec/wire.ts';
import type { EncodeTarget, Pump } from '../protocol.ts';
import { classifyBody, failureIn } from './error-decode.ts';
import { decodeFinish } from './finish.ts';
import { unwrapFinish } from './output-format.ts';
import { StreamBlocks } from './stream-blocks-decode.ts';
import { decodeUsage, mergeCounters } from './usage.ts';

/**
 * Reads a provider's stream. Grammar of the wire: message_start, then per block start, deltas, stop, then message_delta with
 * the stop reason and the final counters, then message_stop; pings anywhere. The finish waits for message_stop, or for the
 * end of the bytes where a provider forgets it; without a stop reason and without message_stop there is no finish.
 */
export class MessageStreamDecoder implements Pump<WireEvent, StreamPart> {
  readonly #blocks: StreamBlocks;
  #counters: JsonObject = {};
  #finish: Finish | null = null;
  #started = false;
  #over = false;

  constructor(target: EncodeTarget) {
    this.#blocks = new StreamBlocks(target.request);
  }

  push(event: WireEvent): readonly StreamPart[] {
    if (this.#over || event.data === '' || event.data === '[DONE]') return [];
    const data = parseJsonOr(event.data, null);
    if (!isObject(data)) {
      const { kind, message } = failureIn(data) ?? NOT_AN_OBJECT;
      return this.#fail(kind, message);
    }
    const parts: StreamPart[] = [];
    this.#read(data, asString(field(data, 'type')) ?? event.name, parts);
    return parts;
  }

  end(): readonly StreamPart[] {
    if (this.#over || this.#finish === null) return [];
    const parts: StreamPart[] = [];
    this.#stop(parts);
    return parts;
  }

  get holds(): boolean {
    return this.#blocks.holds;
  }

  #read(data: JsonObject, type: string, parts: StreamPart[]): void {
    switch (type) {
      case 'message_start':
        this.#start(field(data, 'message'), parts);
        return;
      case 'content_block_start':
        this.#start(undefined, parts);
        this.#blocks.start(indexOf(data), field(data, 'content_block'), parts);
        return;
      case 'content_block_delta':
        this.#start(undefined, parts);
        this.#blocks.delta(indexOf(data), field(data, 'delta'), parts);
        return;
      case 'content_block_stop':
        this.#blocks.stop(indexOf(data), parts);
        return;
      case 'message_delta':
        this.#start(undefined, parts);
        this.#delta(data, parts);
        return;
      case 'message_stop':
        this.#start(undefined, parts);
        this.#stop(parts);
        return;
      case 'error': {
        const failure = classifyBody(data);
        parts.push(...this.#fail(failure.kind, failure.message));
        return;
      }
      default: {
        // Pings, and events that are newer than this code, mean nothing; errors of other wires are errors here too.
        const failure = failureIn(data);
        if (failure !== null) parts.push(...this.#fail(failure.kind, failure.message));
      }
    }
  }

  #start(message: Json | undefined, parts: StreamPart[]): void {
    if (this.#started) return;
    this.#started = true;
    const id = asString(field(message, 'id')) ?? null;
    parts.push({ type: 'start', id, model: asString(field(message, 'model')) ?? null });
    this.#count(field(message, 'usage'), parts);
  }

  #delta(data: JsonObject, parts: StreamPart[]): void {
    this.#count(field(data, 'usage'), parts);
    const delta = field(data, 'delta');
    const reason = asString(field(delta, 'stop_reason'));
    if (reason !== undefined) this.#finish = decodeFinish(reason, asString(field(delta, 'stop_sequence')));
  }

  #count(usage: Json | undefined, parts: StreamPart[]): void {
    if (!isObject(usage)) return;
    this.#counters = mergeCounters(this.#counters, usage);
    parts.push({ type: 'usage', usage: decodeUsage(this.#counters) });
  }

  #stop(parts: StreamPart[]): void {
    this.#over = true;
    this.#blocks.stopAll(parts);
    const finish = this.#finish ?? { reason: 'stop' };
    parts.push({ type: 'finish', finish: unwrapFinish(finish, this.#blocks.seen) });
  }

  #fail(kind: Extract<StreamPart, { type: 'error' }>['kind'], message: string): readonly StreamPart[] {
    this.#over = true;
    return [{ type: 'error', kind, message }];
  }
}

const NOT_AN_OBJECT = {
  kind: 'upstream_garbled',
  message: 'an event of its stream is not a JSON object',
} as const;

function indexOf(data: JsonObject): number {
  return asNumber(field(data, 'index')) ?? 0;
}
