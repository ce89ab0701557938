import { asNumber, asString, field, parseJsonOr, type Json } from '../../../base/json.ts';
import type { WireEvent } from '../../../spec/wire.ts';

/** What an event stream looks like when it is over. */
type StreamEnd = 'complete' | 'error' | 'broken-off';

/**
 * Checks that events follow the order that clients rely on: message_start, then blocks one after the other with rising
 * indexes and deltas of their own kind, then message_delta, then message_stop; pings anywhere; an error ends it anywhere.
 * Throws where they do not, and tells how the stream ended.
 */
export function checkOrder(events: readonly WireEvent[]): StreamEnd {
  const state: State = { phase: 'before', open: null, next: 0 };
  for (const [i, event] of events.entries()) {
    const payload = parseJsonOr(event.data, null);
    const type = asString(field(payload, 'type')) ?? 'no type';
    check(event.name === type, i, `the event is named "${event.name}" and is of type "${type}"`);
    check(state.phase !== 'after' && state.phase !== 'failed', i, `${event.name} after the end`);
    step(state, event.name, payload, i);
  }
  if (state.phase === 'failed') return 'error';
  return state.phase === 'after' ? 'complete' : 'broken-off';
}

const DELTAS: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
  mcp_tool_use: ['input_json_delta'],
  compaction: ['compaction_delta'],
};

interface State {
  phase: 'before' | 'content' | 'stopped' | 'after' | 'failed';
  open: { readonly type: string; deltas: number } | null;
  next: number;
}

function step(state: State, name: string, payload: Json, at: number): void {
  switch (name) {
    case 'ping':
      return;
    case 'error':
      state.phase = 'failed';
      return;
    case 'message_start':
      check(state.phase === 'before', at, 'a second message_start');
      state.phase = 'content';
      return;
    case 'message_delta':
      check(state.phase === 'content' || state.phase === 'stopped', at, 'message_delta out of its place');
      check(state.open === null, at, 'message_delta while a block is open');
      state.phase = 'stopped';
      return;
    case 'message_stop':
      check(state.phase === 'stopped', at, 'message_stop without message_delta');
      state.phase = 'after';
      return;
    default:
      check(state.phase === 'content', at, `${name} out of its place`);
      stepBlock(state, name, payload, at);
  }
}

function stepBlock(state: State, name: string, payload: Json, at: number): void {
  check(
    asNumber(field(payload, 'index')) === state.next,
    at,
    `${name} of a block that is not number ${state.next}`,
  );
  if (name === 'content_block_start') {
    check(state.open === null, at, 'a block starts inside of another');
    state.open = { type: asString(field(field(payload, 'content_block'), 'type')) ?? '', deltas: 0 };
    return;
  }
  const { open } = state;
  if (open === null) throw new Error(`event ${at}: ${name} without an open block`);
  if (name === 'content_block_delta') {
    const type = asString(field(field(payload, 'delta'), 'type')) ?? '';
    check(DELTAS[open.type]?.includes(type) === true, at, `${type} inside of a ${open.type} block`);
    open.deltas += 1;
    return;
  }
  check(name === 'content_block_stop', at, `the unknown event ${name}`);
  check(open.type !== 'text' || open.deltas > 0, at, 'an empty text block');
  state.open = null;
  state.next += 1;
}

function check(condition: boolean, at: number, what: string): void {
  if (!condition) throw new Error(`event ${at}: ${what}`);
}
