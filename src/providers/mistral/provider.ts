import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Mistral's own API. */
export const MISTRAL: ProviderDefinition = {
  kind: 'mistral',
  name: 'Mistral',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.mistral.ai/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['MISTRAL_API_KEY'],
  keyless: false,
  catalog: 'mistral',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: {
    ...NO_QUIRKS,
    // Usage comes with the last chunk by itself.
    streamUsage: 'unasked',
    // Other ids are refused with 422 (docs.mistral.ai, function calling).
    toolCallIds: 'nine-alphanumeric',
    // Unknown fields are refused with 422 extra_forbidden (editor-code-assistant/eca #231, OpenHands-CLI #83). The seed is
    // called random_seed there.
    refusedFields: [
      'max_completion_tokens',
      'stream_options',
      'seed',
      'logprobs',
      'top_logprobs',
      'logit_bias',
      'user',
      'store',
      'metadata',
      'service_tier',
      'safety_identifier',
      'verbosity',
    ],
  },
};
