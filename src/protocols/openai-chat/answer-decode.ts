import {
  asArray,
  asString,
  compact,
  field,
  fieldAt,
  isArray,
  isObject,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { AssistantPart, Extras, GenerateResult, TextPart } from '../../spec/generate.ts';
import { UNKNOWN_USAGE } from '../../spec/usage.ts';
import type { EncodeTarget } from '../protocol.ts';
import { failureIn, toGatewayError } from './error-decode.ts';
import { decodeFinish } from './finish.ts';
import { OPENAI_CHAT } from './id.ts';
import { dataUri } from './media.ts';
import { thinkingText } from './messages-decode.ts';
import { encodeToolName, mintCallId } from './names.ts';
import { toolNameDecoder } from '../tool-names.ts';
import { isSigned, readDetails, readExtraContent, textOfDetails } from './state.ts';
import { decodeUsage, usageIn } from './usage.ts';

/** A provider's whole answer, read leniently; throws the error that it carries, or `upstream_garbled` where it is none. */
export function decodeResult(body: Json, target: EncodeTarget): GenerateResult {
  const [choice] = asArray(field(body, 'choices'));
  const failure = failureIn(body);
  if (failure !== null && !isObject(field(choice, 'message'))) throw toGatewayError(failure);
  // Azure leaves the message out where its filter took it.
  const filtered = field(choice, 'finish_reason') === 'content_filter' ? {} : undefined;
  const message = field(choice, 'message') ?? filtered;
  if (!isObject(message)) {
    throw new GatewayError('upstream_garbled', 'The provider answered without a message in choices[0].');
  }
  const id = filledText(field(body, 'id'));
  const parts = decodeAnswer(message, id ?? '', toolNameDecoder(target.request, encodeToolName));
  const hasToolCalls = parts.some((part) => part.type === 'tool-call');
  const extras = extrasOf(body, choice);
  return {
    id: id ?? null,
    model: filledText(field(body, 'model')) ?? null,
    parts,
    finish: decodeFinish(asString(field(choice, 'finish_reason')) ?? '', hasToolCalls),
    usage: decodeUsage(usageIn(body), target.quirks.reasoningOutsideCompletion) ?? UNKNOWN_USAGE,
    ...(extras === null ? {} : { extras }),
  };
}

/** The visible text of a delta or message, as pieces in their order: content may be a list of thoughts and texts (Mistral). */
export function contentPieces(
  content: Json | undefined,
): readonly { readonly type: 'text' | 'reasoning'; readonly text: string }[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return asArray(content).flatMap((part) => {
    const thought = field(part, 'type') === 'thinking';
    const text = thought ? thinkingText(part) : (asString(field(part, 'text')) ?? '');
    return text === '' ? [] : [{ type: thought ? ('reasoning' as const) : ('text' as const), text }];
  });
}

/** The plain reasoning of a delta or message; providers that fill both fields repeat themselves. */
export function plainReasoning(holder: Json): string {
  return filledText(field(holder, 'reasoning_content')) ?? filledText(field(holder, 'reasoning')) ?? '';
}

/** The arguments of a function call as text, whatever the provider made of them. */
export function argumentsText(call: Json | undefined): string {
  const given = field(call, 'arguments');
  if (typeof given === 'string') return given;
  return isObject(given) || isArray(given) ? JSON.stringify(given) : '';
}

/** The data of a generated image; null where it is an address or nothing. */
export function imageIn(image: Json): { readonly mediaType: string; readonly data: string } | null {
  return dataUri(asString(fieldAt(image, 'image_url', 'url')) ?? '');
}

type NameDecoder = (name: string) => string;

function decodeAnswer(message: JsonObject, answerId: string, nameOf: NameDecoder): readonly AssistantPart[] {
  const parts: AssistantPart[] = [...reasoningOf(message)];
  for (const piece of contentPieces(message['content'])) parts.push(piece);
  const refusal = filledText(message['refusal']);
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal });
  const said = parts.findIndex((part) => part.type === 'text');
  if (said >= 0) parts[said] = withCitations(parts[said], message);
  for (const image of asArray(message['images'])) {
    const found = imageIn(image);
    if (found === null) continue;
    parts.push({ type: 'media', mediaType: found.mediaType, source: { type: 'base64', data: found.data } });
  }
  parts.push(...callsOf(message, answerId, nameOf));
  return withState(parts, message);
}

function reasoningOf(message: JsonObject): readonly AssistantPart[] {
  const plain = plainReasoning(message);
  const details = asArray(message['reasoning_details']);
  const placed = readDetails(details).map(({ part }) => part);
  if (isSigned(details)) {
    const [first, ...more] = placed;
    if (first !== undefined && first.text === null && plain !== '' && more.length === 0) {
      return [{ ...first, text: plain }];
    }
    return placed;
  }
  const text = plain === '' ? textOfDetails(details) : plain;
  return text === '' ? [] : [{ type: 'reasoning', text }];
}

function withCitations(part: AssistantPart | undefined, message: JsonObject): AssistantPart {
  const annotations = asArray(message['annotations']);
  const text: TextPart = part?.type === 'text' ? part : { type: 'text', text: '' };
  return annotations.length === 0
    ? text
    : { ...text, citations: { origin: OPENAI_CHAT, value: annotations } };
}

function callsOf(message: JsonObject, answerId: string, nameOf: NameDecoder): readonly AssistantPart[] {
  const calls = asArray(message['tool_calls']).map((call, index): AssistantPart => {
    const definition = field(call, 'function');
    const name = filledText(field(definition, 'name'));
    if (name === undefined) return { type: 'native', origin: OPENAI_CHAT, value: call };
    const id = filledText(field(call, 'id')) ?? mintCallId(answerId, index, name);
    const opaque = readExtraContent(call);
    return {
      type: 'tool-call',
      id,
      name: nameOf(name),
      arguments: argumentsText(definition),
      ...(opaque === undefined ? {} : { opaque }),
    };
  });
  const legacy = message['function_call'];
  const name = filledText(field(legacy, 'name'));
  if (name === undefined) return calls;
  const id = mintCallId(answerId, calls.length, name);
  return [...calls, { type: 'tool-call', id, name: nameOf(name), arguments: argumentsText(legacy) }];
}

// State of the whole message belongs to its text, or to its first call where nothing was said (Google's endpoint).
function withState(parts: readonly AssistantPart[], message: JsonObject): readonly AssistantPart[] {
  const opaque = readExtraContent(message);
  if (opaque === undefined) return parts;
  const text = parts.findIndex((part) => part.type === 'text');
  const at = text >= 0 ? text : parts.findIndex((part) => part.type === 'tool-call');
  if (at < 0) return [...parts, { type: 'text', text: '', opaque }];
  return parts.map((part, index) => {
    const isPlace = index === at && (part.type === 'text' || part.type === 'tool-call');
    return isPlace && part.opaque === undefined ? { ...part, opaque } : part;
  });
}

const COMMON = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error']);

function extrasOf(body: Json, choice: Json | undefined): Extras | null {
  if (!isObject(body)) return null;
  const others = Object.entries(body).filter(([name, value]) => !COMMON.has(name) && value !== null);
  const logprobs = field(choice, 'logprobs') ?? undefined;
  const fields = compact({ ...Object.fromEntries(others), logprobs });
  return Object.keys(fields).length === 0 ? null : { origin: OPENAI_CHAT, fields };
}

function filledText(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
