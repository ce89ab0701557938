import { aiSdkAnthropic, aiSdkCompatible, aiSdkOpenai } from './ai-sdk.ts';
import { anthropicSdk, anthropicSdk0 } from './anthropic.ts';
import type { Client } from './client.ts';
import { langchain } from './langchain.ts';
import { openaiSdk } from './openai.ts';

/** Every client library that the scenarios run with, unchanged. */
export const CLIENTS: readonly Client[] = [
  openaiSdk,
  anthropicSdk,
  anthropicSdk0,
  aiSdkOpenai,
  aiSdkCompatible,
  aiSdkAnthropic,
  langchain,
];
