import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Groq's API. */
export const GROQ: ProviderDefinition = {
  kind: 'groq',
  name: 'Groq',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.groq.com/openai/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['GROQ_API_KEY'],
  keyless: false,
  catalog: 'groq',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: {
    ...NO_QUIRKS,
    // max_tokens is deprecated there; reasoning is a field of assistant messages (console.groq.com/docs/api-reference).
    maxTokensField: 'max_completion_tokens',
    reasoningField: 'reasoning',
    // Answered with 400 (console.groq.com/docs/openai, "currently unsupported OpenAI features"). An `n` of 1 is taken.
    refusedFields: ['logprobs', 'top_logprobs', 'logit_bias'],
  },
};
