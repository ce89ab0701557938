import type { Finish, FinishReason } from '../../spec/generate.ts';

/**
 * The finish behind a provider's word. An answer with tool calls that stopped in the ordinary way stopped for them, whatever
 * the word: Ollama and xAI say `stop`, and agents would end there (LiteLLM issue 34692, vercel/ai issue 12218).
 */
export function decodeFinish(word: string, hasToolCalls: boolean): Finish {
  const reason = REASONS.get(word) ?? 'stop';
  return {
    reason: reason === 'stop' && hasToolCalls ? 'tool-calls' : reason,
    ...(word === '' ? {} : { raw: word }),
  };
}

/** The word of this wire for a finish. */
export function encodeFinish(finish: Finish): string {
  return WORDS[finish.reason];
}

// Several reasons share a word because the wire has only four.
const WORDS: { readonly [reason in FinishReason]: string } = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  paused: 'stop',
  'context-full': 'length',
  'malformed-call': 'stop',
};

// `eos` is Together's, `model_length` Mistral's, `max_tokens`, `end_turn` and `safety` leak through proxies.
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'context-full'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['safety', 'content-filter'],
  ['refusal', 'content-filter'],
  ['sensitive', 'content-filter'],
]);
