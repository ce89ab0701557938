import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/**
 * The built-in provider that answers without a network and fails on demand. It has no presets: a drill that somebody adds
 * beside real providers must never answer in their place unasked.
 */
export const SIMULATED: ProviderDefinition = {
  kind: 'simulated',
  name: 'Simulated',
  protocol: OPENAI_CHAT,
  baseUrl: 'simulated://simulated/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: [],
  keyless: true,
  catalog: null,
  quirks: { ...NO_QUIRKS, reasoningField: 'reasoning_content' },
};
