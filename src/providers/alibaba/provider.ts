import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Alibaba Cloud Model Studio (Qwen), the international address. */
export const ALIBABA: ProviderDefinition = {
  kind: 'alibaba',
  name: 'Alibaba Cloud',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['DASHSCOPE_API_KEY'],
  keyless: false,
  catalog: 'alibaba',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: {
    ...NO_QUIRKS,
    // Documents json_object for all of its models and json_schema for some only (Model Studio, structured output).
    jsonSchema: 'json-mode',
  },
};
