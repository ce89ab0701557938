import { ANSWER_PIECES, ANSWER_TEXT } from './answer-text.ts';
import type { Answers } from './answers.ts';

const MESSAGE = {
  id: 'msg_01Xq7vBn3KcT5mZpLd9RwYhE',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5-20250929',
};
const USAGE = {
  input_tokens: 412,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  output_tokens: 208,
  service_tier: 'standard',
};

/** Anthropic's messages: JSON, and a stream of named events. */
export const ANTHROPIC_ANSWERS: Answers = {
  headers: [
    ['anthropic-organization-id', 'bench'],
    ['anthropic-ratelimit-requests-limit', '4000'],
    ['anthropic-ratelimit-requests-remaining', '3999'],
    ['anthropic-ratelimit-tokens-remaining', '400000'],
    ['request-id', 'req_011CVKq7vBn3KcT5mZpLd9Rw'],
  ],
  json: JSON.stringify({
    ...MESSAGE,
    content: [{ type: 'text', text: ANSWER_TEXT }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: USAGE,
  }),
  before: [
    event('message_start', {
      message: {
        ...MESSAGE,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...USAGE, output_tokens: 1 },
      },
    }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ],
  chunks: ANSWER_PIECES.map((text) =>
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  ),
  after: [
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 208 },
    }),
    event('message_stop', {}),
  ],
};

function event(type: string, rest: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}
