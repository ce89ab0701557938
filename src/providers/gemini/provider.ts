import { GEMINI } from '../../protocols/gemini/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Google's Gemini API (AI Studio keys), not Vertex AI. */
export const GEMINI_API: ProviderDefinition = {
  kind: 'gemini',
  name: 'Google Gemini',
  protocol: GEMINI,
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  auth: { type: 'header', name: 'x-goog-api-key' },
  headers: [],
  environment: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  keyless: false,
  catalog: 'google',
  models: async () => (await import('./models.json', { with: { type: 'json' } })).default,
  presets: { 'gemini-2.5-flash': 'gemini-2.5-flash' },
  quirks: NO_QUIRKS,
};
