import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Fireworks AI's API; its models are named `accounts/fireworks/models/...`. */
export const FIREWORKS: ProviderDefinition = {
  kind: 'fireworks',
  name: 'Fireworks AI',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['FIREWORKS_API_KEY'],
  keyless: false,
  catalog: 'fireworks-ai',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: {
    ...NO_QUIRKS,
    // Kept between tool calls by the models that think (docs.fireworks.ai, reasoning).
    reasoningField: 'reasoning_content',
  },
};
