import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Z.ai's own API (GLM), the international one. */
export const ZAI: ProviderDefinition = {
  kind: 'zai',
  name: 'Z.ai',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.z.ai/api/paas/v4',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['ZAI_API_KEY', 'ZHIPU_API_KEY'],
  keyless: false,
  catalog: 'zai',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: {
    ...NO_QUIRKS,
    // Kept between tool calls by the models that think (docs.z.ai, thinking mode).
    reasoningField: 'reasoning_content',
    // Documents text and json_object only (docs.z.ai, structured output).
    jsonSchema: 'json-mode',
  },
};
