import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Together AI's API. */
export const TOGETHER: ProviderDefinition = {
  kind: 'together',
  name: 'Together AI',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.together.xyz/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['TOGETHER_API_KEY'],
  keyless: false,
  catalog: 'togetherai',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  quirks: NO_QUIRKS,
};
