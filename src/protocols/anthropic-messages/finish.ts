import type { Finish, FinishReason } from '../../spec/generate.ts';

/** The API's word for each reason. */
const STOP_REASONS = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  paused: 'pause_turn',
  'context-full': 'model_context_window_exceeded',
  'malformed-call': 'end_turn',
} as const satisfies Record<FinishReason, string>;

/** The reason behind a `stop_reason`; unknown words mean an ordinary end, with the word kept. */
export function decodeFinish(stopReason: string | undefined, stopSequence: string | undefined): Finish {
  if (stopReason === undefined) return { reason: 'stop' };
  return {
    reason: REASONS.get(stopReason) ?? 'stop',
    ...(stopSequence === undefined ? {} : { stopSequence }),
    raw: stopReason,
  };
}

/**
 * The `stop_reason` of an answer. Some providers end an answer that calls tools with an ordinary stop, which would make an
 * agent stop as well (vercel/ai #12218, LiteLLM #34692), so a call in the answer decides.
 */
export function encodeFinish(finish: Finish, callsTools: boolean): string {
  return STOP_REASONS[finish.reason === 'stop' && callsTools ? 'tool-calls' : finish.reason];
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
  ['pause_turn', 'paused'],
  ['model_context_window_exceeded', 'context-full'],
]);
