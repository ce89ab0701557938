import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import { NO_QUIRKS, type ProviderDefinition } from '../../spec/provider.ts';

/** vLLM's server on this machine; a key is sent where one is configured (its option --api-key). */
export const VLLM: ProviderDefinition = {
  kind: 'vllm',
  name: 'vLLM',
  protocol: OPENAI_CHAT,
  baseUrl: 'http://127.0.0.1:8000/v1',
  auth: { type: 'bearer' },
  headers: [],
  environment: [],
  keyless: true,
  catalog: null,
  quirks: NO_QUIRKS,
};
