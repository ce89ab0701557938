import type { ProviderDefinition } from '../spec/provider.ts';
import { ALIBABA } from './alibaba/provider.ts';
import { ANTHROPIC } from './anthropic/provider.ts';
import { CEREBRAS } from './cerebras/provider.ts';
import { DEEPSEEK } from './deepseek/provider.ts';
import { FIREWORKS } from './fireworks/provider.ts';
import { GEMINI_API } from './gemini/provider.ts';
import { GROQ } from './groq/provider.ts';
import { HOLYSHEEP } from './holysheep/provider.ts';
import { MISTRAL } from './mistral/provider.ts';
import { MOONSHOT } from './moonshot/provider.ts';
import { OLLAMA } from './ollama/provider.ts';
import { OPENAI } from './openai/provider.ts';
import { OPENAI_COMPATIBLE } from './openai-compatible/provider.ts';
import { OPENROUTER } from './openrouter/provider.ts';
import { SIMULATED } from './simulated/provider.ts';
import { TOGETHER } from './together/provider.ts';
import { VLLM } from './vllm/provider.ts';
import { XAI } from './xai/provider.ts';
import { ZAI } from './zai/provider.ts';

/**
 * Every kind of provider. First parties come before resellers: the order is that of preset targets and of the providers
 * found in the environment.
 */
export const PROVIDERS: readonly ProviderDefinition[] = [
  OPENAI,
  ANTHROPIC,
  GEMINI_API,
  DEEPSEEK,
  MISTRAL,
  XAI,
  GROQ,
  CEREBRAS,
  TOGETHER,
  FIREWORKS,
  MOONSHOT,
  ZAI,
  ALIBABA,
  OPENROUTER,
  HOLYSHEEP,
  OPENAI_COMPATIBLE,
  OLLAMA,
  VLLM,
  SIMULATED,
];

/** The definition of a kind, null where there is no such kind. */
export function providerOf(kind: string): ProviderDefinition | null {
  return PROVIDERS.find((definition) => definition.kind === kind) ?? null;
}
