import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** DeepSeek's own API. `deepseek-chat` is its alias for the present general model. */
export const DEEPSEEK: ProviderDefinition = {
  kind: 'deepseek',
  name: 'DeepSeek',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.deepseek.com/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['DEEPSEEK_API_KEY'],
  keyless: false,
  catalog: 'deepseek',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  presets: { 'deepseek-v3.2': 'deepseek-chat' },
  quirks: {
    ...NO_QUIRKS,
    // Thinking with tools answers 400 unless reasoning_content comes back (api-docs.deepseek.com, thinking mode).
    reasoningField: 'reasoning_content',
    // response_format json_schema is refused: "This response_format type is unavailable now" (llm-exe #662, July 2026).
    jsonSchema: 'json-mode',
    // Not among the request fields of api-docs.deepseek.com/api/create-chat-completion: they would be ignored in silence.
    refusedFields: ['logit_bias', 'seed'],
  },
};
