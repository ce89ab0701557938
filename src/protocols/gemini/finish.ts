import type { Finish, FinishReason } from '../../spec/generate.ts';

/**
 * The canonical reason for Google's word. Google has no word for tool calls: they are derived from the parts, else
 * agents stop. A word that is not known is `stop` with the word kept.
 */
export function decodeFinish(raw: string, calls: 'calls' | 'no-calls'): Finish {
  const reason = Object.hasOwn(REASONS, raw) ? (REASONS[raw] ?? 'stop') : 'stop';
  return { reason: reason === 'stop' && calls === 'calls' ? 'tool-calls' : reason, raw };
}

/** The finish of a prompt that was blocked: there are no candidates, only `promptFeedback.blockReason`. */
export function blockedFinish(blockReason: string): Finish {
  return { reason: 'content-filter', raw: blockReason };
}

/** Google's word for a finish: the one it came with where that means the same, else the table's. */
export function encodeFinish(finish: Finish): string {
  const { raw, reason } = finish;
  const known = raw !== undefined && Object.hasOwn(REASONS, raw);
  const calls = reason === 'tool-calls' ? 'calls' : 'no-calls';
  return known && decodeFinish(raw, calls).reason === reason ? raw : WORDS[reason];
}

const WORDS: { readonly [reason in FinishReason]: string } = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  paused: 'STOP',
  'context-full': 'MAX_TOKENS',
  'malformed-call': 'MALFORMED_FUNCTION_CALL',
};

// Candidate.finishReason of the discovery document; MODEL_ARMOR is Vertex's (recorded).
const REASONS: { readonly [word: string]: FinishReason } = {
  STOP: 'stop',
  LANGUAGE: 'stop',
  OTHER: 'stop',
  NO_IMAGE: 'stop',
  ESCALATION: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  IMAGE_OTHER: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'malformed-call',
  UNEXPECTED_TOOL_CALL: 'malformed-call',
  TOO_MANY_TOOL_CALLS: 'malformed-call',
  MISSING_THOUGHT_SIGNATURE: 'malformed-call',
  MALFORMED_RESPONSE: 'malformed-call',
};
