import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Anybody else who speaks OpenAI's chat wire. The operator gives the address, and the prices where cost matters. */
export const OPENAI_COMPATIBLE: ProviderDefinition = {
  kind: 'openai-compatible',
  name: 'OpenAI-compatible',
  protocol: OPENAI_CHAT,
  baseUrl: null,
  auth: { type: 'bearer' },
  headers: [],
  environment: [],
  keyless: false,
  catalog: null,
  quirks: NO_QUIRKS,
};
