import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** Ollama on this machine. */
export const OLLAMA: ProviderDefinition = {
  kind: 'ollama',
  name: 'Ollama',
  protocol: OPENAI_CHAT,
  baseUrl: 'http://127.0.0.1:11434/v1',
  auth: { type: 'none' },
  headers: [],
  environment: [],
  keyless: true,
  catalog: null,
  quirks: {
    ...NO_QUIRKS,
    // Not among the supported request fields of docs.ollama.com/api/openai-compatibility: they would be ignored in silence.
    refusedFields: ['logit_bias'],
  },
};
