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
    // Fields outside its own schema are refused with 422 extra_forbidden (OpenHands-CLI #83, November 2025; also with
    // max_completion_tokens, eca #231). The seed is called random_seed there.
    refusedFields: [
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
