import { asArray, asString, compact, field, isObject, type JsonObject } from '../../base/json.ts';
import type { Message, TextPart } from '../../spec/generate.ts';
import {
  writeAssistantBlocks,
  writeToolResult,
  writeUserBlocks,
  type BlockContext,
} from './blocks-encode.ts';
import type { UserPart } from './blocks-decode.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { writeCache } from './wire.ts';

/** One entry of `messages`, its blocks still apart. */
export interface Turn {
  readonly role: 'user' | 'assistant' | 'system';
  readonly blocks: readonly JsonObject[];
}

/** Whether a system message may stand among the turns, or has to be said in a user turn. */
type LaterSystem = 'native' | 'reminder';

/**
 * Writes messages as turns: neighbours of the same role become one, tool results come first in theirs, and a system message
 * keeps its place. Hoisting it to the top would ruin the cached prefix of every later turn (opencodex #4148).
 */
export function writeTurns(messages: readonly Message[], later: LaterSystem, context: BlockContext): Turn[] {
  const turns: Turn[] = [];
  for (const [i, message] of messages.entries())
    append(turns, writeTurn(message, `messages[${i}]`, later, context));
  return turns;
}

/**
 * Mends what the API refuses in a history from elsewhere: every call must be answered at the start of the very next user
 * turn, every result must have a call, and the first turn must be the user's.
 */
export function repairTurns(turns: readonly Turn[], context: BlockContext): Turn[] {
  const repaired: Turn[] = [];
  if (turns[0]?.role !== 'user') {
    context.notes.add(
      'repaired',
      'messages',
      'The conversation must start with the user, so a short turn was put first.',
    );
    repaired.push({ role: 'user', blocks: [{ type: 'text', text: FILLER }] });
  }
  let waiting: readonly Turn[] = turns;
  while (waiting.length > 0) {
    const [turn, ...rest] = waiting;
    waiting = rest;
    if (turn === undefined) break;
    const calls = turn.role === 'assistant' ? callIds(turn) : [];
    if (calls.length > 0) {
      append(repaired, turn);
      const answer = takeAnswer(rest, calls, context);
      append(repaired, answer.turn);
      waiting = answer.rest;
    } else {
      append(repaired, turn.role === 'user' ? withoutOrphans(turn, [], context) : turn);
    }
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

function writeTurn(message: Message, path: string, later: LaterSystem, context: BlockContext): Turn {
  switch (message.role) {
    case 'system':
      return writeLaterSystem(message.parts, path, later, context);
    case 'user':
      noteName(message.name, path, context);
      return (
        nativeSystem(message.parts) ?? { role: 'user', blocks: writeUserBlocks(message.parts, path, context) }
      );
    case 'assistant':
      noteName(message.name, path, context);
      return { role: 'assistant', blocks: writeAssistantBlocks(message.parts, path, context) };
    case 'tool':
      return {
        role: 'user',
        blocks: message.parts.map((part, i) => writeToolResult(part, `${path}.parts[${i}]`, context)),
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

function writeLaterSystem(
  parts: readonly TextPart[],
  path: string,
  later: LaterSystem,
  context: BlockContext,
): Turn {
  if (later === 'native') return { role: 'system', blocks: writeUserBlocks(parts, path, context) };
  context.notes.add(
    'emulated',
    path,
    'This model takes no later system message; it was said in a user turn.',
  );
  const text = parts.map((part) => part.text).join('\n\n');
  const cache = parts.at(-1)?.cache;
  const block = compact({
    type: 'text',
    text: `<system-reminder>\n${text}\n</system-reminder>`,
    cache_control: writeCache(cache),
  });
  return { role: 'user', blocks: text.trim() === '' ? [] : [block] };
}

function noteName(name: string | undefined, path: string, context: BlockContext): void {
  if (name !== undefined)
    context.notes.add('dropped', `${path}.name`, 'The Messages API has no names of speakers.');
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

interface Answer {
  readonly turn: Turn;
  readonly rest: readonly Turn[];
}

// The user turn that answers these calls: the next one, past a system message that came between, or a new one.
function takeAnswer(rest: readonly Turn[], calls: readonly string[], context: BlockContext): Answer {
  const between = rest[0]?.role === 'system' ? rest.slice(0, 1) : [];
  const next = rest[between.length];
  const found = next?.role === 'user' ? next : null;
  const own = withoutOrphans(found ?? { role: 'user', blocks: [] }, calls, context);
  const answered = new Set(own.blocks.filter(isResult).map((block) => asString(field(block, 'tool_use_id'))));
  const missing = calls.filter((id) => !answered.has(id));
  if (missing.length > 0) {
    context.notes.add('repaired', 'messages', 'A tool call without a result got one that says so.');
  }
  const blocks = resultsFirst([...own.blocks, ...missing.map(missingResult)]);
  const after = rest.slice(between.length + (found === null ? 0 : 1));
  return { turn: { role: 'user', blocks }, rest: [...between, ...after] };
}

function missingResult(id: string): JsonObject {
  return { type: 'tool_result', tool_use_id: id, content: MISSING_RESULT, is_error: true };
}

// Results of no call, and second results of one, become text: the model may read them, the API accepts them.
function withoutOrphans(turn: Turn, calls: readonly string[], context: BlockContext): Turn {
  const open = new Set(calls);
  const blocks = turn.blocks.map((block) => {
    if (!isResult(block) || open.delete(asString(field(block, 'tool_use_id')) ?? '')) return block;
    context.notes.add('repaired', 'messages', 'A tool result without its call was turned into text.');
    return { type: 'text', text: `A tool returned: ${JSON.stringify(field(block, 'content') ?? '')}` };
  });
  return { role: turn.role, blocks: resultsFirst(blocks) };
}
