import { asArray, asString, field, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type {
  AssistantPart,
  MediaPart,
  NativePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../spec/generate.ts';
import { inputToArguments } from './arguments.ts';
import { applyCarriers, decodeCarrier, stateOf, type Carrier } from './carriers.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { decodeMedia } from './media.ts';
import { decodeCallId } from './names.ts';
import { blameClient, decodeCache, requireString, type Complain } from './wire.ts';

export type UserPart = TextPart | MediaPart | NativePart;

/** A user turn of this wire: tool results, which the shared language keeps apart, and the rest. */
interface UserTurn {
  readonly results: readonly ToolResultPart[];
  readonly parts: readonly UserPart[];
}

/** Reads the content of a user message. */
export function decodeUserTurn(content: Json | undefined, path: string): UserTurn {
  if (typeof content === 'string') return { results: [], parts: [{ type: 'text', text: content }] };
  const results: ToolResultPart[] = [];
  const parts: UserPart[] = [];
  eachBlock(content, path, blameClient, (block, at) => {
    if (field(block, 'type') === 'tool_result') results.push(decodeToolResult(block, at));
    else parts.push(decodeUserBlock(block, at));
  });
  return { results, parts };
}

/** Reads the content of an assistant turn, in a request or in an answer. */
export function decodeAssistantParts(
  content: Json | undefined,
  path: string,
  complain: Complain,
): readonly AssistantPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts: (AssistantPart | Carrier)[] = [];
  eachBlock(content, path, complain, (block, at) => {
    parts.push(decodeCarrier(block) ?? decodeAssistantBlock(block, at, complain));
  });
  return applyCarriers(parts);
}

/** Reads `system`, or the content of a system message: text and nothing else. */
export function decodeSystemParts(content: Json | undefined, path: string): readonly TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts: TextPart[] = [];
  eachBlock(content, path, blameClient, (block, at) => {
    if (field(block, 'type') !== 'text')
      throw blameClient(`${at}.type`, 'a system prompt holds text blocks only');
    parts.push(decodeText(block, at, blameClient));
  });
  return parts;
}

/** A block that only this wire understands. */
export function nativePart(value: Json): NativePart {
  return { type: 'native', origin: ANTHROPIC_MESSAGES, value };
}

function eachBlock(
  content: Json | undefined,
  path: string,
  complain: Complain,
  read: (block: JsonObject, path: string) => void,
): void {
  if (content === undefined) throw complain(path, 'Field required');
  if (!isArray(content)) throw complain(path, 'Input should be a string or a list of content blocks');
  for (const [i, block] of content.entries()) {
    const at = `${path}[${i}]`;
    if (!isObject(block)) throw complain(at, 'Input should be an object');
    requireString(block, 'type', at, complain);
    read(block, at);
  }
}

function decodeUserBlock(block: JsonObject, path: string): UserPart {
  switch (field(block, 'type')) {
    case 'text':
      return decodeText(block, path, blameClient);
    case 'image':
    case 'document':
      if (!isObject(field(block, 'source'))) throw blameClient(`${path}.source`, 'Field required');
      return decodeMedia(block) ?? nativePart(block);
    default:
      return nativePart(block);
  }
}

function decodeAssistantBlock(block: JsonObject, path: string, complain: Complain): AssistantPart {
  switch (field(block, 'type')) {
    case 'text':
      return decodeText(block, path, complain);
    case 'thinking':
      return reasoning(requireString(block, 'thinking', path, complain), asString(field(block, 'signature')));
    case 'redacted_thinking':
      return reasoning(null, requireString(block, 'data', path, complain));
    case 'tool_use':
      return isOrdinaryCall(block) ? decodeToolCall(block, path, complain) : nativePart(block);
    default:
      return nativePart(block);
  }
}

/**
 * Whether a `tool_use` block is a plain call of a client's function. One that code of the provider made (`caller`), or that
 * belongs to a toolset, has fields that must come back and that only this wire knows.
 */
export function isOrdinaryCall(block: JsonObject): boolean {
  const caller = field(field(block, 'caller'), 'type');
  return (caller === undefined || caller === 'direct') && typeof field(block, 'toolset_name') !== 'string';
}

function decodeText(block: JsonObject, path: string, complain: Complain): TextPart {
  const citations = field(block, 'citations');
  return {
    type: 'text',
    text: requireString(block, 'text', path, complain),
    ...decodeCache(block),
    ...(asArray(citations).length === 0
      ? {}
      : { citations: { origin: ANTHROPIC_MESSAGES, value: citations ?? null } }),
  };
}

function reasoning(text: string | null, signature: string | undefined): ReasoningPart {
  const opaque = stateOf(signature);
  return { type: 'reasoning', text, ...(opaque === undefined ? {} : { opaque }) };
}

function decodeToolCall(block: JsonObject, path: string, complain: Complain): ToolCallPart {
  return {
    type: 'tool-call',
    id: decodeCallId(requireString(block, 'id', path, complain)),
    name: requireString(block, 'name', path, complain),
    arguments: inputToArguments(field(block, 'input')),
    ...decodeCache(block),
  };
}

function decodeToolResult(block: JsonObject, path: string): ToolResultPart {
  const content = field(block, 'content');
  return {
    type: 'tool-result',
    callId: decodeCallId(requireString(block, 'tool_use_id', path, blameClient)),
    parts: content === undefined || content === null ? [] : decodeUserTurn(content, `${path}.content`).parts,
    isError: field(block, 'is_error') === true,
    ...decodeCache(block),
  };
}
