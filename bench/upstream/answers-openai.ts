import { ANSWER_PIECES, ANSWER_TEXT } from './answer-text.ts';
import type { Answers } from './answers.ts';

const COMMON = { created: 1_763_700_000, model: 'gpt-4.1-2025-04-14', service_tier: 'default' };
const USAGE = {
  prompt_tokens: 412,
  completion_tokens: 208,
  total_tokens: 620,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};

/** OpenAI's chat completions: 1.6 KB of JSON, and a stream of chunks of about 330 bytes. */
export const OPENAI_ANSWERS: Answers = {
  headers: [
    ['openai-organization', 'bench'],
    ['openai-processing-ms', '412'],
    ['openai-version', '2020-10-01'],
    ['x-ratelimit-remaining-requests', '9999'],
    ['x-request-id', 'req_3f1b7a9c5d2e4f60'],
  ],
  json: JSON.stringify({
    id: 'chatcmpl-BwQ2vK8mT1xZ0aJ4nR7cL5dE',
    object: 'chat.completion',
    ...COMMON,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: ANSWER_TEXT, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: USAGE,
    system_fingerprint: 'fp_51e1070cf2',
  }),
  before: [chunk({ delta: { role: 'assistant', content: '', refusal: null } })],
  chunks: ANSWER_PIECES.map((content) => chunk({ delta: { content } })),
  after: [
    chunk({ delta: {}, finish_reason: 'stop' }),
    event({ ...envelope(), choices: [], usage: USAGE, obfuscation: '' }),
    'data: [DONE]\n\n',
  ],
};

function chunk(choice: { readonly delta: object; readonly finish_reason?: string }): string {
  const choices = [{ index: 0, logprobs: null, finish_reason: null, ...choice }];
  return event({ ...envelope(), choices, usage: null, obfuscation: 'kQ7vXe2PzLm4' });
}

function envelope(): object {
  return {
    id: 'chatcmpl-BwQ2vK8mT1xZ0aJ4nR7cL5dE',
    object: 'chat.completion.chunk',
    ...COMMON,
    system_fingerprint: 'fp_51e1070cf2',
  };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
