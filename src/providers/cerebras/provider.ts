import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Cerebras' API. */
export const CEREBRAS: ProviderDefinition = {
  kind: 'cerebras',
  name: 'Cerebras',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.cerebras.ai/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['CEREBRAS_API_KEY'],
  keyless: false,
  catalog: 'cerebras',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: {
    ...NO_QUIRKS,
    // The documented field (inference-docs.cerebras.ai, chat completions).
    maxTokensField: 'max_completion_tokens',
    // Answered with 400 (inference-docs.cerebras.ai/resources/openai).
    refusedFields: ['frequency_penalty', 'presence_penalty', 'logit_bias', 'service_tier'],
  },
};
