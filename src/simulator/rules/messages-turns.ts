import { asString, field, isArray, type Json, type JsonObject } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { objectsAt, type Placed } from './reading.ts';
import type { Rule } from './rule.ts';

/** Rules about the order of turns of the Messages wire, tool use above all. */
export const MESSAGES_TURN_RULES: readonly Rule[] = [
  {
    name: "there is a message, and the first is the user's",
    check: ({ body }) => {
      if (!isArray(field(body, 'messages'))) return bad('messages: Field required');
      const [first] = objectsAt(body, 'messages');
      if (first === undefined) return bad('messages: at least one message is required');
      return first.value['role'] === 'user' ? null : bad('messages: first message must use the "user" role');
    },
  },
  {
    name: 'roles are known, and system messages stand alone on models that take them',
    check: ({ body, traits }) => roleFault(body, !traits.prefill && traits.sampling === 'none'),
  },
  {
    name: 'the newest models do not continue an assistant message',
    check: ({ body, traits }) => {
      const last = objectsAt(body, 'messages').at(-1);
      if (traits.prefill || last?.value['role'] !== 'assistant') return null;
      return bad(
        'This model does not support assistant message prefill. The conversation must end with a user message.',
      );
    },
  },
  { name: 'ids of tool uses are unique and well-formed', check: ({ body }) => idFault(body) },
  { name: 'results follow their tool uses at once and stand first', check: ({ body }) => pairingFault(body) },
];

function roleFault(body: Json, takesSystem: boolean): Refusal | null {
  let before: Json | undefined;
  for (const { index, value } of objectsAt(body, 'messages')) {
    const role = value['role'];
    if (role === 'system' && !takesSystem) return bad("role 'system' is not supported on this model");
    if (role === 'system' && before === 'system') {
      return bad(`messages.${index}: consecutive messages with role 'system' are not allowed`);
    }
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      return bad(`messages.${index}.role: Input should be 'user' or 'assistant'`);
    }
    before = role;
  }
  return null;
}

function idFault(body: Json): Refusal | null {
  const seen = new Set<string>();
  for (const { index, value } of objectsAt(body, 'messages')) {
    for (const block of objectsAt(value, 'content')) {
      if (block.value['type'] !== 'tool_use') continue;
      const id = asString(block.value['id']) ?? '';
      const place = `messages.${index}.content.${block.index}.tool_use.id`;
      if (!/^[a-zA-Z0-9_-]+$/.test(id))
        return bad(`${place}: String should match pattern '^[a-zA-Z0-9_-]+$'`);
      if (seen.has(id))
        return bad(`messages.${index}.content.${block.index}: \`tool_use\` ids must be unique`);
      seen.add(id);
    }
  }
  return null;
}

function pairingFault(body: Json): Refusal | null {
  const turns = mergedTurns(body);
  for (const [position, turn] of turns.entries()) {
    const next = turns[position + 1];
    const uses = turn.role === 'assistant' ? idsOf(turn.blocks, 'tool_use', 'id') : [];
    const answered =
      next === undefined ? [] : idsOf(leadingResults(next.blocks), 'tool_result', 'tool_use_id');
    const open = uses.filter((id) => !answered.includes(id));
    // A trailing tool use without an answer is a prefill that no model takes either.
    if (open.length > 0) {
      return bad(
        `messages.${turn.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
    const before = turns[position - 1];
    const known = before === undefined ? [] : idsOf(before.blocks, 'tool_use', 'id');
    const stray = turn.blocks.find(
      ({ value }) => value['type'] === 'tool_result' && !known.includes(asString(value['tool_use_id']) ?? ''),
    );
    if (stray !== undefined) {
      const id = asString(stray.value['tool_use_id']) ?? '';
      return bad(
        `messages.${turn.index}.content.${stray.index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
  }
  return null;
}

interface Turn {
  readonly index: number;
  readonly role: Json | undefined;
  readonly blocks: readonly Placed[];
}

// Neighbours of one role count as one turn, as the API documentation says; system messages do not part turns.
function mergedTurns(body: Json): readonly Turn[] {
  const turns: Turn[] = [];
  for (const { index, value } of objectsAt(body, 'messages')) {
    if (value['role'] === 'system') continue;
    const blocks = blocksOf(value);
    const last = turns.at(-1);
    if (last?.role === value['role'] && last !== undefined) {
      turns[turns.length - 1] = { ...last, blocks: [...last.blocks, ...blocks] };
    } else {
      turns.push({ index, role: value['role'], blocks });
    }
  }
  return turns;
}

function blocksOf(message: JsonObject): readonly Placed[] {
  return objectsAt(message, 'content');
}

function leadingResults(blocks: readonly Placed[]): readonly Placed[] {
  const end = blocks.findIndex(({ value }) => value['type'] !== 'tool_result');
  return end < 0 ? blocks : blocks.slice(0, end);
}

function idsOf(blocks: readonly Placed[], type: string, key: string): readonly string[] {
  return blocks.filter(({ value }) => value['type'] === type).map(({ value }) => asString(value[key]) ?? '');
}

function bad(message: string): Refusal {
  return { status: 400, message };
}
