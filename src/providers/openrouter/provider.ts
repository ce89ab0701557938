import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** OpenRouter, a reseller of most models. Prices are those of its default routing; `:nitro` and the like may differ. */
export const OPENROUTER: ProviderDefinition = {
  kind: 'openrouter',
  name: 'OpenRouter',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://openrouter.ai/api/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['OPENROUTER_API_KEY'],
  keyless: false,
  catalog: 'openrouter',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  presets: {
    'gpt-4.1': 'openai/gpt-4.1',
    'claude-sonnet-4.5': 'anthropic/claude-sonnet-4.5',
    'gemini-2.5-flash': 'google/gemini-2.5-flash',
    'deepseek-v3.2': 'deepseek/deepseek-v3.2',
  },
  quirks: {
    ...NO_QUIRKS,
    // Passed on to the model that wrote it (openrouter.ai/docs, reasoning tokens).
    reasoningField: 'reasoning',
    // Passed on to Anthropic and Gemini (openrouter.ai/docs, prompt caching).
    cacheControl: true,
  },
};
