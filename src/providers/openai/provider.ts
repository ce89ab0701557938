import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** OpenAI's own API. */
export const OPENAI: ProviderDefinition = {
  kind: 'openai',
  name: 'OpenAI',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.openai.com/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['OPENAI_API_KEY'],
  keyless: false,
  catalog: 'openai',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  presets: { 'gpt-4.1': 'gpt-4.1' },
  quirks: {
    ...NO_QUIRKS,
    // Reasoning models know no system role: https://platform.openai.com/docs/guides/text (developer messages).
    systemRole: 'developer',
    // Reasoning models refuse max_tokens; all models take the newer field (API reference, chat/create).
    maxTokensField: 'max_completion_tokens',
  },
};
