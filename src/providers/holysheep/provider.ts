import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** HolySheep, a relay that speaks OpenAI's chat wire. No independent list has its prices: the operator sets them. */
export const HOLYSHEEP: ProviderDefinition = {
  kind: 'holysheep',
  name: 'HolySheep',
  protocol: OPENAI_CHAT,
  baseUrl: 'https://api.holysheep.ai/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: ['HOLYSHEEP_API_KEY'],
  keyless: false,
  catalog: null,
  presets: {
    'gpt-4.1': 'gpt-4.1',
    'claude-sonnet-4.5': 'claude-sonnet-4.5',
    'gemini-2.5-flash': 'gemini-2.5-flash',
    'deepseek-v3.2': 'deepseek-v3.2',
  },
  quirks: NO_QUIRKS,
};
