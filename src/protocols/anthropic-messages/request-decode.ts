import {
  asNumber,
  asString,
  compact,
  field,
  isArray,
  isObject,
  setOwn,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { Extras, GenerateRequest, Message, TextPart } from '../../spec/generate.ts';
import { GatewayError } from '../../spec/error.ts';
import type { RequestPath } from '../protocol.ts';
import { nativePart, decodeAssistantParts, decodeSystemParts, decodeUserTurn } from './blocks-decode.ts';
import { given } from '../../base/given.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { decodeOutputFormat } from './output-format.ts';
import { decodeReasoning, reasoningExtras } from './reasoning-decode.ts';
import { decodeToolChoice, decodeTools, toolExtras } from './tools-decode.ts';
import { BILLING_EXTRA, BILLING_PREFIX, blameClient, KNOWN_REQUEST_FIELDS, requireString } from './wire.ts';

/** Makes the request of a body of `POST /v1/messages`, in either API version. */
export function decodeRequest(body: Json, path: RequestPath): GenerateRequest {
  if (!isObject(body)) throw blameClient('body', 'Input should be an object');
  const maxOutputTokens = numberField(body, 'max_tokens');
  if (maxOutputTokens === undefined) throw blameClient('max_tokens', 'Field required');
  if (!Number.isInteger(maxOutputTokens) || maxOutputTokens < 0) {
    throw blameClient('max_tokens', 'Input should be a whole number of at least 0');
  }
  return { ...decodeConversation(body, path), maxOutputTokens };
}

/** Makes the request of a body's fields but for the output limit, which counting does without. */
export function decodeConversation(body: JsonObject, path: RequestPath): GenerateRequest {
  refuseThread(body);
  const system = decodeSystem(body);
  return {
    model: path.model ?? requireString(body, 'model', 'body', (_, message) => blameClient('model', message)),
    stream: path.stream ?? field(body, 'stream') === true,
    messages: [...system.messages, ...decodeMessages(field(body, 'messages'))],
    tools: decodeTools(field(body, 'tools')),
    ...decodeToolChoice(field(body, 'tool_choice')),
    ...given({
      temperature: numberField(body, 'temperature'),
      topP: numberField(body, 'top_p'),
      topK: numberField(body, 'top_k'),
      stop: decodeStop(field(body, 'stop_sequences')),
      reasoning: decodeReasoning(body),
      output: decodeOutputFormat(body),
      userId: asString(field(field(body, 'metadata'), 'user_id')),
      serviceTier: asString(field(body, 'service_tier')),
      extras: decodeExtras(body, system.billing),
    }),
  };
}

/**
 * A conversation that the provider's server holds can neither be moved to another provider nor be read here. The SDK's
 * tool runner starts one by itself and goes on with whole conversations where it reads this code (SDK 1.12, ThreadState).
 */
function refuseThread(body: JsonObject): void {
  const thread = field(body, 'thread');
  if (thread === undefined || thread === null) return;
  throw new GatewayError(
    'invalid_request',
    'This gateway holds no conversations; send all messages with every request.',
    { field: 'thread', code: 'thread_unsupported_request' },
  );
}

function numberField(body: JsonObject, name: string): number | undefined {
  const value = field(body, name);
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  if (number === undefined) throw blameClient(name, 'Input should be a valid number');
  return number;
}

function decodeStop(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isArray(value)) throw blameClient('stop_sequences', 'Input should be a list');
  return value.map((text, i) => {
    if (typeof text === 'string') return text;
    throw blameClient(`stop_sequences[${i}]`, 'Input should be a valid string');
  });
}

// Claude Code's billing block goes into the extras, so that it returns to this wire and to no other.
function decodeSystem(body: JsonObject): { messages: readonly Message[]; billing: readonly string[] } {
  const system = field(body, 'system');
  if (system === undefined || system === null) return { messages: [], billing: [] };
  const parts = decodeSystemParts(system, 'system');
  const isBilling = (part: TextPart): boolean => part.text.startsWith(BILLING_PREFIX);
  const rest = parts.filter((part) => !isBilling(part));
  return {
    messages: rest.length === 0 ? [] : [{ role: 'system', parts: rest }],
    billing: parts.filter(isBilling).map((part) => part.text),
  };
}

function decodeMessages(messages: Json | undefined): readonly Message[] {
  if (messages === undefined) throw blameClient('messages', 'Field required');
  if (!isArray(messages)) throw blameClient('messages', 'Input should be a list');
  if (messages.length === 0) throw blameClient('messages', 'at least one message is required');
  const result: Message[] = [];
  for (const [i, message] of messages.entries()) decodeMessage(message, `messages[${i}]`, result);
  return result;
}

function decodeMessage(message: Json, path: string, result: Message[]): void {
  const content = field(message, 'content');
  const at = `${path}.content`;
  switch (field(message, 'role')) {
    case 'user': {
      const turn = decodeUserTurn(content, at);
      if (turn.results.length > 0) result.push({ role: 'tool', parts: turn.results });
      if (turn.parts.length > 0 || turn.results.length === 0)
        result.push({ role: 'user', parts: turn.parts });
      return;
    }
    case 'assistant':
      result.push({ role: 'assistant', parts: decodeAssistantParts(content, at, blameClient) });
      return;
    case 'system':
      result.push(decodeSystemMessage(message, at));
      return;
    default:
      throw blameClient(`${path}.role`, 'Input should be "user", "assistant" or "system"');
  }
}

// A system message may hold blocks that add tools (`tool_addition`); it then travels whole, as a block of this wire.
function decodeSystemMessage(message: Json, path: string): Message {
  const content = field(message, 'content');
  const hasNatives = isArray(content) && content.some((block) => field(block, 'type') !== 'text');
  if (hasNatives) return { role: 'user', parts: [nativePart(message)] };
  return { role: 'system', parts: decodeSystemParts(content, path) };
}

// Fields of the wire without a word in the shared language, and what single fields say beyond theirs.
function decodeExtras(body: JsonObject, billing: readonly string[]): Extras | undefined {
  const fields: { [key: string]: Json } = {};
  for (const key of Object.keys(body)) {
    const value = body[key];
    if (!KNOWN_REQUEST_FIELDS.has(key) && key !== 'output_format' && value !== undefined) {
      setOwn(fields, key, value);
    }
  }
  const { thinking, effort } = reasoningExtras(body);
  const { effort: _effort, format: _format, ...config } = asObject(field(body, 'output_config'));
  const outputConfig = compact({ ...config, effort });
  const tools = toolExtras(field(body, 'tools'));
  if (Object.keys(outputConfig).length > 0) fields['output_config'] = outputConfig;
  if (thinking !== undefined) fields['thinking'] = thinking;
  if (tools !== undefined) fields['tools'] = tools;
  if (billing.length > 0) fields[BILLING_EXTRA] = billing;
  return Object.keys(fields).length === 0 ? undefined : { origin: ANTHROPIC_MESSAGES, fields };
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
