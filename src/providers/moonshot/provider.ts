import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Moonshot AI's own API (Kimi), the international one. */
export const MOONSHOT: ProviderDefinition = {
  kind: 'moonshot',
  name: 'Moonshot AI',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.moonshot.ai/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['MOONSHOT_API_KEY'],
  keyless: false,
  catalog: 'moonshotai',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: {
    ...NO_QUIRKS,
    // Thinking models want reasoning_content back during tool use (platform.moonshot.ai/docs, kimi-k2-thinking).
    reasoningField: 'reasoning_content',
    // max_tokens is deprecated there (platform.moonshot.ai/docs/api/chat).
    maxTokensField: 'max_completion_tokens',
  },
};
