import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** xAI's own API. */
export const XAI: ProviderDefinition = {
  kind: 'xai',
  name: 'xAI',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.x.ai/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['XAI_API_KEY'],
  keyless: false,
  catalog: 'xai',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: {
    ...NO_QUIRKS,
    // total = prompt + completion + reasoning in 32 of 32 recorded answers.
    reasoningOutsideCompletion: true,
    // "Model grok-4.6 does not support parameter presencePenalty", also where it is 0 (NativeTavern #83, September 2026);
    // every model since Grok 4, and Grok 3 mini before it. logit_bias is documented as unsupported (docs.x.ai, chat).
    refusedFields: ['presence_penalty', 'frequency_penalty', 'logit_bias'],
  },
};
