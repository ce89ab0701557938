import { bytesToText, type Bytes } from '../../base/bytes.ts';
import {
  asNumber,
  asString,
  field,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import { rawField, scalarField, type TopLevel } from '../../base/json-scan.ts';
import type { Finish } from '../../spec/generate.ts';
import type { Capabilities, ReasoningCapability } from '../../spec/model.ts';
import type { Usage } from '../../spec/usage.ts';
import type { EncodeTarget, Heard, Listener, Passthrough, ProviderFailure } from '../protocol.ts';
import { classifyBody } from './error-decode.ts';
import { decodeFinish } from './finish.ts';
import { decodeUsage, mergeCounters } from './usage.ts';

/** Bytes of this wire go through to a target of this wire; signatures, betas, key order and unknown fields survive so. */
export const passthrough: Passthrough = {
  forwards: [
    // Any other version would be a 400 of the provider; it then gets the common one.
    { name: 'anthropic-version', accepts: /^(?:2023-06-01|2026-10-21)$/ },
    { name: 'anthropic-beta', accepts: /^[\w.,: -]{1,2000}$/ },
  ],
  edits,
  listener: () => new MessageListener(),
};

function edits(
  body: TopLevel,
  _stream: boolean,
  target: EncodeTarget,
): { [field: string]: string | null } | null {
  if (!canPass(body, target)) return null;
  const result: { [field: string]: string | null } = {};
  if (scalarField(body, 'model') !== target.model) result['model'] = JSON.stringify(target.model);
  const { outputTokensMax } = target.capabilities;
  const asked = asNumber(scalarField(body, 'max_tokens'));
  if (outputTokensMax !== null && asked !== undefined && asked > outputTokensMax) {
    result['max_tokens'] = String(outputTokensMax);
  }
  return result;
}

// What the target would refuse has to be decoded and written anew, so that it is adapted and the loss is told.
function canPass(body: TopLevel, { capabilities, quirks }: EncodeTarget): boolean {
  if (quirks.refusedFields.some((name) => body.spans.has(name))) return false;
  if (FOREIGN_STATE.test(body.source)) return false;
  // The decoder refuses it in the words that the SDK goes on from.
  if (body.spans.has('thread')) return false;
  if (capabilities.midConversationSystem === false && SYSTEM_ROLE.test(rawField(body, 'messages') ?? ''))
    return false;
  if (!capabilities.structuredOutput && OUTPUT_FORMAT.test(rawField(body, 'output_config') ?? ''))
    return false;
  return takesSampling(body, capabilities) && takesThinking(body, capabilities.reasoning);
}

// Signed state and ids of other wires that this client carries (see carriers.ts, names.ts, ../opaque.ts).
const FOREIGN_STATE = /"gw(?:1|1call|1text|1tail)\.|"gwid_/;
const SYSTEM_ROLE = /"role"\s*:\s*"system"/;
const OUTPUT_FORMAT = /"format"\s*:\s*\{/;

function takesSampling(body: TopLevel, { sampling }: Capabilities): boolean {
  const temperature = scalarField(body, 'temperature') ?? 1;
  if (sampling === 'none') return temperature === 1 && !body.spans.has('top_p') && !body.spans.has('top_k');
  return sampling === 'free' || !body.spans.has('temperature') || !body.spans.has('top_p');
}

// Models after Opus 4.6 take adaptive thinking only, those before a budget only.
function takesThinking(body: TopLevel, reasoning: ReasoningCapability): boolean {
  const thinking = scalarField(body, 'thinking');
  const type = field(thinking, 'type');
  const hasEffort = /"effort"\s*:\s*"/.test(rawField(body, 'output_config') ?? '');
  switch (reasoning.type) {
    case 'none':
      return !hasEffort && (type === undefined || type === 'disabled');
    case 'budget':
      return !hasEffort && type !== 'adaptive' && type !== 'between_tools';
    case 'adaptive':
      return type !== 'enabled';
    case 'fixed':
    case 'effort':
      return true;
  }
}

/** Follows an answer of this wire that passes through. */
class MessageListener implements Listener {
  worthReading(events: string): boolean {
    return NEEDLES.some((needle) => events.includes(needle));
  }

  #counters: JsonObject | null = null;
  #finish: Finish | null = null;
  #error: ProviderFailure | null = null;
  #content = false;
  #complete = false;
  #outputChars = 0;

  get heard(): Heard {
    return {
      usage: this.#usage(),
      finish: this.#finish,
      error: this.#error,
      content: this.#content,
      complete: this.#complete,
      outputChars: this.#outputChars,
    };
  }

  readEvent(name: string, data: Bytes): void {
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
        this.#complete = true;
        return;
      case 'error':
        this.#error = classifyBody(payload);
        return;
      default:
    }
  }

  readBody(body: Bytes): void {
    const message = parseJsonOr(bytesToText(body), null);
    if (field(message, 'type') === 'error') {
      this.#error = classifyBody(message);
      return;
    }
    this.#count(field(message, 'usage'));
    this.#hearStop(message);
    const content = field(message, 'content');
    if (!Array.isArray(content)) return;
    for (const block of content) this.#hearBlock(block);
    this.#complete = true;
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
