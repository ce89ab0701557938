import { asArray, asString, compact, field, isObject, type JsonObject } from '../../base/json.ts';
import type { Message, TextPart } from '../../spec/generate.ts';
import {
  encodeAssistantBlocks,
  encodeToolResult,
  encodeUserBlocks,
  type BlockContext,
} from './blocks-encode.ts';
import type { UserPart } from './blocks-decode.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { encodeCache } from './wire.ts';

/** One entry of `messages`, its blocks still apart. */
export interface Turn {
  readonly role: 'user' | 'assistant' | 'system';
  readonly blocks: readonly JsonObject[];
}

/** Whether a system message may stand among the turns, or has to be said in a user turn. */
type LaterSystem = 'native' | 'reminder';

/**
 * Writes messages as turns: neighbours of the same role become one, tool results come first in theirs, and a system message
 * keeps its place (`firstIndex` is that of the first message among all, for remarks). Hoisting it to the top would ruin the cached prefix of every later turn (opencodex #4148).
 */
export function encodeTurns(
  messages: readonly Message[],
  firstIndex: number,
  later: LaterSystem,
  context: BlockContext,
): Turn[] {
  const turns: Turn[] = [];
  for (const [i, message] of messages.entries())
    append(turns, encodeTurn(message, `messages[${firstIndex + i}]`, later, context));
  return turns;
}

/**
 * Mends what the API refuses in a history from elsewhere: every call must be answered at the start of the very next user
 * turn, every result must have a call, and the first turn must be the user's.
 */
export function repairTurns(turns: readonly Turn[], context: BlockContext): Turn[] {
  const repaired: Turn[] = [];
  if (turns[0]?.role !== 'user') {
    context.warnings.add(
      'repaired',
      'messages',
      'The conversation must start with the user, so a short turn was put first.',
    );
    repaired.push({ role: 'user', blocks: [{ type: 'text', text: FILLER }] });
  }
  for (let at = 0; at < turns.length; at += 1) {
    const turn = turns[at];
    if (turn === undefined) break;
    const calls = turn.role === 'assistant' ? callIds(turn) : [];
    append(repaired, turn.role === 'user' ? withoutOrphans(turn, [], context) : turn);
    if (calls.length > 0) at = appendAnswer(repaired, turns, at, { calls, context });
  }
  return repaired;
}

const FILLER = 'Continue.';
const MISSING_RESULT = 'No result of this call was recorded.';

function append(turns: Turn[], turn: Turn): void {
  if (turn.blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role !== turn.role) {
    turns.push(turn);
    return;
  }
  turns[turns.length - 1] = { role: turn.role, blocks: resultsFirst([...last.blocks, ...turn.blocks]) };
}

function encodeTurn(message: Message, path: string, later: LaterSystem, context: BlockContext): Turn {
  switch (message.role) {
    case 'system':
      return encodeLaterSystem(message.parts, path, later, context);
    case 'user':
      noteName(message.name, path, context);
      return (
        nativeSystem(message.parts) ?? {
          role: 'user',
          blocks: encodeUserBlocks(message.parts, path, context),
        }
      );
    case 'assistant':
      noteName(message.name, path, context);
      return { role: 'assistant', blocks: encodeAssistantBlocks(message.parts, path, context) };
    case 'tool':
      return {
        role: 'user',
        blocks: message.parts.map((part, i) => encodeToolResult(part, `${path}.parts[${i}]`, context)),
      };
  }
}

// A system message of this wire that holds more than text: see request-decode.ts.
function nativeSystem(parts: readonly UserPart[]): Turn | null {
  const [part] = parts;
  if (part?.type !== 'native' || part.origin !== ANTHROPIC_MESSAGES) return null;
  if (field(part.value, 'role') !== 'system') return null;
  return { role: 'system', blocks: asArray(field(part.value, 'content')).filter(isObject) };
}

function encodeLaterSystem(
  parts: readonly TextPart[],
  path: string,
  later: LaterSystem,
  context: BlockContext,
): Turn {
  if (later === 'native') return { role: 'system', blocks: encodeUserBlocks(parts, path, context) };
  context.warnings.add(
    'emulated',
    path,
    'This model takes no later system message; it was said in a user turn.',
  );
  const text = parts.map((part) => part.text).join('\n\n');
  const cache = parts.at(-1)?.cache;
  const block = compact({
    type: 'text',
    text: `<system-reminder>\n${text}\n</system-reminder>`,
    cache_control: encodeCache(cache),
  });
  return { role: 'user', blocks: text.trim() === '' ? [] : [block] };
}

function noteName(name: string | undefined, path: string, context: BlockContext): void {
  if (name !== undefined)
    context.warnings.add('dropped', `${path}.name`, 'The Messages API has no names of speakers.');
}

function isResult(block: JsonObject): boolean {
  return field(block, 'type') === 'tool_result';
}

function resultsFirst(blocks: readonly JsonObject[]): readonly JsonObject[] {
  const rest = blocks.filter((block) => !isResult(block));
  return rest.length === blocks.length ? blocks : [...blocks.filter(isResult), ...rest];
}

function callIds(turn: Turn): readonly string[] {
  return turn.blocks
    .filter((block) => field(block, 'type') === 'tool_use')
    .map((block) => asString(field(block, 'id')) ?? '');
}

interface Calls {
  readonly calls: readonly string[];
  readonly context: BlockContext;
}

// The user turn that answers the calls of the turn at `at`: the next one, past a system message that came between, or a new
// one. Returns where the last turn stands that was used up.
function appendAnswer(
  repaired: Turn[],
  turns: readonly Turn[],
  at: number,
  { calls, context }: Calls,
): number {
  const between = turns[at + 1]?.role === 'system' ? turns[at + 1] : undefined;
  const nextAt = between === undefined ? at + 1 : at + 2;
  const next = turns[nextAt];
  const isAnswer = next?.role === 'user';
  append(repaired, answerTo(calls, isAnswer ? next : { role: 'user', blocks: [] }, context));
  if (between !== undefined) append(repaired, between);
  return isAnswer ? nextAt : nextAt - 1;
}

function answerTo(calls: readonly string[], turn: Turn, context: BlockContext): Turn {
  const own = withoutOrphans(turn, calls, context);
  const answered = new Set(own.blocks.filter(isResult).map((block) => asString(field(block, 'tool_use_id'))));
  const missing = calls.filter((id) => !answered.has(id));
  if (missing.length > 0) {
    context.warnings.add('repaired', 'messages', 'A tool call without a result got one that says so.');
  }
  return { role: 'user', blocks: resultsFirst([...own.blocks, ...missing.map(missingResult)]) };
}

function missingResult(id: string): JsonObject {
  return { type: 'tool_result', tool_use_id: id, content: MISSING_RESULT, is_error: true };
}

// Results of no call, and second results of one, become text: the model may read them, the API accepts them.
function withoutOrphans(turn: Turn, calls: readonly string[], context: BlockContext): Turn {
  const open = new Set(calls);
  const blocks = turn.blocks.map((block) => {
    if (!isResult(block) || open.delete(asString(field(block, 'tool_use_id')) ?? '')) return block;
    context.warnings.add('repaired', 'messages', 'A tool result without its call was turned into text.');
    return { type: 'text', text: `A tool returned: ${JSON.stringify(field(block, 'content') ?? '')}` };
  });
  return { role: turn.role, blocks: resultsFirst(blocks) };
}
