import { asString, isArray, isObject, parseJsonOr, type JsonObject } from '../../base/json.ts';
import type { StreamPart } from '../../spec/stream.ts';
import type { Usage } from '../../spec/usage.ts';
import type { WireEvent } from '../../spec/wire.ts';
import type { EncodeTarget, Pump } from '../protocol.ts';
import { decodeModelPart, type PartReading } from './answer-parts.ts';
import { BlockWriter } from './block-writer.ts';
import { answerNameOf, encodeToolName, mintedCallId } from './names.ts';
import { citationsOf, readAnswer, type Answer } from './candidate.ts';
import { errorInside } from './error-decode.ts';
import { blockedFinish, decodeFinish } from './finish.ts';
import { GEMINI } from './id.ts';
import { readSignature } from './signature.ts';
import { toolNameDecoder } from '../tool-names.ts';
import { decodeUsage, withSearches } from './usage.ts';
import { camelKeys } from './wire.ts';

/**
 * Google's events as stream parts. There is no terminator: the finish is told at the end of the stream, and only where a
 * finish reason (or the block of the prompt) was seen, because some models write a finish reason on more than one event.
 */
export class StreamDecoder implements Pump<WireEvent, StreamPart> {
  readonly #blocks = new BlockWriter();
  readonly #reading: PartReading;
  #started = false;
  #failed = false;
  #calls = 0;
  #answerName = '';
  #finishReason: string | null = null;
  #blockReason: string | null = null;
  #usage: Usage | null = null;

  constructor(target: EncodeTarget) {
    this.#reading = {
      mintId: () => mintedCallId(this.#answerName, this.#calls),
      toolName: toolNameDecoder(target.request, encodeToolName),
    };
  }

  push(event: WireEvent): readonly StreamPart[] {
    const parsed = parseJsonOr(event.data, null);
    // An error may come in an array of one.
    const json = isArray(parsed) ? (parsed[0] ?? null) : parsed;
    // Anything but an object is noise of a proxy; a stream of noise has no finish, which is judged at its end.
    return this.#failed || !isObject(json) ? [] : this.#read(json, event.data);
  }

  end(): readonly StreamPart[] {
    const raw = this.#finishReason ?? this.#blockReason;
    if (this.#failed || raw === null) return [];
    this.#blocks.close();
    const calls = this.#calls > 0 ? 'calls' : 'no-calls';
    const finish = this.#finishReason === null ? blockedFinish(raw) : decodeFinish(raw, calls);
    return [...this.#blocks.take(), { type: 'finish', finish }];
  }

  get holds(): boolean {
    return this.#blocks.partialArguments !== null;
  }

  #read(body: JsonObject, text: string): readonly StreamPart[] {
    const failure = errorInside(body);
    if (failure !== null) {
      this.#failed = true;
      return [{ type: 'error', kind: failure.kind, message: failure.message }];
    }
    const answer = readAnswer(body);
    const start: StreamPart[] = this.#started ? [] : [{ type: 'start', id: answer.id, model: answer.model }];
    if (!this.#started) this.#answerName = answer.id ?? answerNameOf(text);
    this.#started = true;
    for (const part of answer.parts) this.#readPart(part, answer);
    const citation = citationsOf(answer.candidate);
    if (citation !== null) this.#blocks.cite(citation);
    this.#finishReason = answer.finishReason ?? this.#finishReason;
    this.#blockReason = answer.blockReason ?? this.#blockReason;
    return [...start, ...this.#blocks.take(), ...this.#readUsage(body, answer)];
  }

  #readPart(json: JsonObject, answer: Answer): void {
    const named = camelKeys(json);
    if (isObject(named['functionCall']) && this.#readPartialCall(named, camelKeys(named['functionCall'])))
      return;
    const part = decodeModelPart(named, this.#reading);
    if (part === null) return;
    if (part.type === 'tool-call') this.#calls += 1;
    const logprobs = answer.candidate?.['logprobsResult'];
    this.#blocks.write(part, logprobs === undefined ? undefined : { origin: GEMINI, value: logprobs });
  }

  // Vertex streams arguments in pieces when asked to; a piece without a name belongs to the call that is open.
  #readPartialCall(part: JsonObject, call: JsonObject): boolean {
    const goesOn = call['willContinue'] === true;
    const name = asString(call['name']) ?? '';
    const inPieces = goesOn || call['partialArgs'] !== undefined;
    if (name !== '' && !inPieces) return false;
    if (name !== '') this.#startPartialCall(part, call, name);
    this.#blocks.partialArguments?.add(call['partialArgs']);
    if (!goesOn) this.#blocks.close();
    return true;
  }

  #startPartialCall(part: JsonObject, call: JsonObject, name: string): void {
    const signature = asString(part['thoughtSignature']);
    const opaque = signature === undefined ? undefined : readSignature(signature);
    const id = asString(call['id']) ?? this.#reading.mintId();
    this.#blocks.startPartialCall(id, this.#reading.toolName(name), opaque);
    this.#calls += 1;
  }

  #readUsage(body: JsonObject, answer: Answer): readonly StreamPart[] {
    const usage = decodeUsage(body['usageMetadata']);
    const grounding = answer.candidate?.['groundingMetadata'];
    if (usage === null && (grounding === undefined || this.#usage === null)) return [];
    const counted = usage ?? this.#usage;
    if (counted === null) return [];
    this.#usage = withSearches(counted, grounding);
    return [{ type: 'usage', usage: this.#usage }];
  }
}
