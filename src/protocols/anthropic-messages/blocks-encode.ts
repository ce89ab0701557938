import { compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { AssistantPart, TextPart, ToolCallPart, ToolResultPart } from '../../spec/generate.ts';
import { argumentsToInput } from './arguments.ts';
import type { UserPart } from './blocks-decode.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { encodeMedia } from './media.ts';
import { encodeCallId, encodeToolName } from './names.ts';
import type { Warnings } from '../warnings.ts';
import { encodeCache } from './wire.ts';

/** What writing a turn towards a provider needs to know. */
export interface BlockContext {
  readonly warnings: Warnings;
  /** Whether visible reasoning without a signature of this wire goes back to the provider, as some imitators demand. */
  readonly unsignedReasoning: 'send' | 'drop';
}

/** The blocks of a user turn. Texts without anything in them are left out: the API refuses them. */
export function encodeUserBlocks(
  parts: readonly UserPart[],
  path: string,
  context: BlockContext,
): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const [i, part] of parts.entries()) {
    const block = encodeUserBlock(part, `${path}.parts[${i}]`, context.warnings);
    if (block !== null) blocks.push(block);
  }
  return blocks;
}

/** The blocks of an assistant turn. State that another wire signed is left out: it would be taken for forged thinking. */
export function encodeAssistantBlocks(
  parts: readonly AssistantPart[],
  path: string,
  context: BlockContext,
): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const [i, part] of parts.entries()) {
    const block = encodeAssistantBlock(part, `${path}.parts[${i}]`, context);
    if (block !== null) blocks.push(block);
  }
  return blocks;
}

/** The `tool_result` block of a result. */
export function encodeToolResult(part: ToolResultPart, path: string, context: BlockContext): JsonObject {
  const blocks = encodeUserBlocks(part.parts, path, context);
  return compact({
    type: 'tool_result',
    tool_use_id: encodeCallId(part.callId),
    content: blocks.length === 0 ? undefined : plainContent(blocks),
    is_error: part.isError ? true : undefined,
    cache_control: encodeCache(part.cache),
  });
}

/** The shortest form of a content: the bare string where there is one text and nothing is said about it. */
export function plainContent(blocks: readonly JsonObject[]): Json {
  const [first] = blocks;
  if (blocks.length !== 1 || first === undefined || first['type'] !== 'text') return blocks;
  return Object.keys(first).length === 2 ? (first['text'] ?? '') : blocks;
}

/** The block of a text. */
export function encodeText(part: TextPart): JsonObject {
  return compact({
    type: 'text',
    text: part.text,
    citations: part.citations?.origin === ANTHROPIC_MESSAGES ? part.citations.value : undefined,
    cache_control: encodeCache(part.cache),
  });
}

/** The `tool_use` block of a call. */
export function encodeToolCall(part: ToolCallPart): {
  readonly block: JsonObject;
  readonly wrapped: boolean;
} {
  const { input, wrapped } = argumentsToInput(part.arguments);
  const block = compact({
    type: 'tool_use',
    id: encodeCallId(part.id),
    name: encodeToolName(part.name),
    input,
    cache_control: encodeCache(part.cache),
  });
  return { block, wrapped };
}

function encodeUserBlock(part: UserPart, path: string, warnings: Warnings): JsonObject | null {
  switch (part.type) {
    case 'text':
      return encodeUserText(part, path, warnings);
    case 'media':
      return encodeMedia(part, path, warnings);
    case 'native':
      return encodeNative(part.origin, part.value, path, warnings);
  }
}

function encodeAssistantBlock(part: AssistantPart, path: string, context: BlockContext): JsonObject | null {
  const { warnings } = context;
  switch (part.type) {
    case 'text':
      if (part.opaque !== undefined) warnings.add('dropped', 'messages', FOREIGN_STATE);
      return part.text === '' ? null : encodeText(part);
    case 'refusal':
      return part.text === '' ? null : { type: 'text', text: part.text };
    case 'reasoning':
      return encodeReasoning(part, context);
    case 'tool-call':
      return encodeHistoricCall(part, path, warnings);
    case 'media':
      warnings.add('dropped', path, 'The Messages API takes no media in assistant turns.');
      return null;
    case 'native':
      return encodeNative(part.origin, part.value, path, warnings);
  }
}

// "text content blocks must contain non-whitespace text"; in assistant turns white space was accepted (recorded).
function encodeUserText(part: TextPart, path: string, warnings: Warnings): JsonObject | null {
  if (part.text.trim() !== '') return encodeText(part);
  if (part.text !== '')
    warnings.add('dropped', path, 'The Messages API refuses text that is only white space.');
  return null;
}

function encodeReasoning(
  part: Extract<AssistantPart, { type: 'reasoning' }>,
  context: BlockContext,
): JsonObject | null {
  if (part.opaque?.origin === ANTHROPIC_MESSAGES) {
    return part.text === null
      ? { type: 'redacted_thinking', data: part.opaque.value }
      : { type: 'thinking', thinking: part.text, signature: part.opaque.value };
  }
  if (context.unsignedReasoning === 'send' && part.text !== null && part.text !== '') {
    return { type: 'thinking', thinking: part.text, signature: '' };
  }
  context.warnings.add('dropped', 'messages', FOREIGN_REASONING);
  return null;
}

function encodeHistoricCall(part: ToolCallPart, path: string, warnings: Warnings): JsonObject {
  if (part.opaque !== undefined) warnings.add('dropped', 'messages', FOREIGN_STATE);
  const { block, wrapped } = encodeToolCall(part);
  if (wrapped)
    warnings.add(
      'repaired',
      `${path}.arguments`,
      'The arguments were no JSON object and were wrapped in one.',
    );
  return block;
}

function encodeNative(origin: string, value: Json, path: string, warnings: Warnings): JsonObject | null {
  if (origin === ANTHROPIC_MESSAGES && isObject(value)) return value;
  warnings.add('dropped', path, 'The block is of another wire and has no form in the Messages API.');
  return null;
}

const FOREIGN_REASONING =
  'Earlier reasoning was left out, because it was not signed by a provider of this wire.';
const FOREIGN_STATE = 'Signed state of another wire was left out, because it means nothing to this provider.';
