import { ANTHROPIC_MESSAGES } from '../../protocols/anthropic-messages/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Anthropic's own API. The wire's version header belongs to the wire and is not repeated here. */
export const ANTHROPIC: ProviderDefinition = {
  kind: 'anthropic',
  name: 'Anthropic',
  protocol: ANTHROPIC_MESSAGES,
  baseUrl: 'https://api.anthropic.com/v1',
  auth: { type: 'header', name: 'x-api-key' },
  headers: [],
  environment: ['ANTHROPIC_API_KEY'],
  keyless: false,
  catalog: 'anthropic',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  presets: { 'claude-sonnet-4.5': 'claude-sonnet-4-5' },
  quirks: NO_QUIRKS,
};
