import { at, textAt, type Value } from '../oracle/reading.ts';
import type { StreamEvent } from '../oracle/sse.ts';

/** Which deltas may stand in which block. */
const DELTAS: { readonly [block: string]: readonly string[] } = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
  mcp_tool_use: ['input_json_delta'],
  compaction: ['compaction_delta'],
};

/**
 * Violations of the order of Anthropic's streams: message_start; per block start, deltas of its kind, stop, never two
 * open, index one up; message_delta; message_stop; pings anywhere; an error ends the stream at any place.
 */
export function messagesOrder(events: readonly StreamEvent[]): readonly string[] {
  const state: State = { violations: [], phase: 'before', open: null, blocks: 0 };
  for (const { name, data } of events) {
    const event = JSON.parse(data) as Value;
    const type = textAt(event, 'type');
    if (name !== type) state.violations.push(`the event ${type} is named "${name}"`);
    if (type !== 'ping') step(state, type, event);
  }
  if (state.phase !== 'over' && state.phase !== 'failed') state.violations.push('no message_stop');
  return state.violations;
}

interface State {
  readonly violations: string[];
  phase: 'before' | 'blocks' | 'delta' | 'over' | 'failed';
  open: { readonly type: string; deltas: number; signed: boolean } | null;
  blocks: number;
}

function step(state: State, type: string, event: Value): void {
  const { violations } = state;
  if (state.phase === 'over' || state.phase === 'failed') violations.push(`${type} after the end`);
  if (type !== 'error' && (state.phase === 'before') !== (type === 'message_start')) {
    violations.push(`${type} in the phase ${state.phase}`);
  }
  const act = STEPS[type];
  if (act === undefined) violations.push(`an event of the unknown type ${type}`);
  else act(state, event);
}

const STEPS: { readonly [type: string]: (state: State, event: Value) => void } = {
  message_start: (state) => {
    state.phase = 'blocks';
  },
  content_block_start: startBlock,
  content_block_delta: stepDelta,
  content_block_stop: stopBlock,
  message_delta: (state) => {
    if (state.phase !== 'blocks') state.violations.push('a second message_delta');
    if (state.open !== null) state.violations.push('message_delta while a block is open');
    state.phase = 'delta';
  },
  message_stop: (state) => {
    if (state.phase !== 'delta') state.violations.push('message_stop without message_delta');
    state.phase = 'over';
  },
  error: (state) => {
    state.phase = 'failed';
  },
};

function startBlock(state: State, event: Value): void {
  if (state.phase === 'delta') state.violations.push('a block after message_delta');
  if (state.open !== null) state.violations.push('two blocks are open at once');
  if (at(event, 'index') !== state.blocks) state.violations.push('the index of a block is not the next');
  state.blocks += 1;
  state.open = { type: textAt(event, 'content_block', 'type'), deltas: 0, signed: false };
}

function stepDelta(state: State, event: Value): void {
  const { open, violations } = state;
  if (open === null) {
    violations.push('a delta outside of a block');
    return;
  }
  const type = textAt(event, 'delta', 'type');
  if (at(event, 'index') !== state.blocks - 1) violations.push('a delta names another block');
  if (!(DELTAS[open.type] ?? []).includes(type)) violations.push(`${type} in a block of type ${open.type}`);
  if (open.signed) violations.push('a delta follows the signature');
  open.deltas += 1;
  open.signed = type === 'signature_delta';
}

function stopBlock(state: State, event: Value): void {
  if (state.open === null) state.violations.push('content_block_stop without a block');
  if (at(event, 'index') !== state.blocks - 1)
    state.violations.push('content_block_stop names another block');
  if (state.open?.type === 'text' && state.open.deltas === 0) state.violations.push('an empty text block');
  state.open = null;
}
