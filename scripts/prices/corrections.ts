import type { JsonObject } from '../../src/base/json.ts';

/** A row of the list that does not become a row of ours. */
interface Exclusion {
  /** Kinds of provider; all where missing. */
  readonly kinds?: readonly string[];
  readonly id: RegExp;
  /** Only rows that come from the list of prices alone. */
  readonly priceOnly?: true;
  readonly reason: string;
}

/** Rows that are left out. A row without text output is left out by itself. */
export const EXCLUSIONS: readonly Exclusion[] = [
  {
    id: /realtime|-live-|livetranslate|whisper|-asr-|transcribe|^lyria/,
    reason: 'Speech and live models have APIs of their own, which no wire here speaks.',
  },
  { id: /^(ft:|ada$|computer-use$)|\.ft-|:extended$/, reason: 'Patterns and retired names, not models.' },
  { kinds: ['openai'], id: /^gpt-oss/, reason: "Open weights, which OpenAI's API does not serve." },
  {
    kinds: ['gemini'],
    id: /^claude-|-maas$|^gemini-(pro|flash)-\d/,
    reason: 'Served by Vertex AI or named as resellers do, not on the Gemini API.',
  },
  {
    kinds: ['groq', 'together', 'deepseek'],
    id: /./,
    priceOnly: true,
    reason: 'The list of prices keeps retired models and, for DeepSeek, the names that resellers use.',
  },
];

/** What a person found out about one model, put over what the lists say. */
export interface Correction {
  readonly kind: string;
  readonly ids: readonly string[];
  /** Abilities are those of this other row; price and known limits stay. */
  readonly like?: string;
  /** Fields of `models.json` to set. */
  readonly set?: JsonObject;
  /** Price classes to forget. */
  readonly unprice?: readonly string[];
  readonly reason: string;
  readonly source: string;
}

export const CORRECTIONS: readonly Correction[] = [
  {
    kind: 'anthropic',
    ids: ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
    set: { contextTokensMax: 200_000 },
    reason: 'A million tokens needed a beta header and had another price; without it the window is 200,000.',
    source: '@pydantic/genai-prices 0.1.8; platform.claude.com, context windows',
  },
  {
    kind: 'anthropic',
    ids: ['claude-3-sonnet-20240229'],
    unprice: ['cacheRead', 'cacheWrite5m', 'cacheWrite1h'],
    reason:
      'This model had no prompt cache; the listed price of writing to it is a tenth of the input price.',
    source: 'platform.claude.com, prompt caching, supported models',
  },
  {
    kind: 'anthropic',
    ids: ['claude-opus-5-5'],
    like: 'claude-opus-5',
    reason: 'Newer than the list of abilities; Claude after 4.6 shares them.',
    source: 'types of @anthropic-ai/sdk 1.12.0',
  },
  {
    kind: 'anthropic',
    ids: ['claude-fable-5-1'],
    like: 'claude-fable-5',
    reason: 'Newer than the list of abilities; Claude after 4.6 shares them.',
    source: 'types of @anthropic-ai/sdk 1.12.0',
  },
  {
    kind: 'openai',
    ids: ['gpt-6-astra', 'gpt-6-luna', 'gpt-6-sol'],
    like: 'gpt-5.6',
    reason:
      'Newer than the list of abilities; every OpenAI reasoning model since o1 refuses sampling fields.',
    source: '@pydantic/genai-prices 0.1.8 for the names',
  },
  {
    kind: 'openai',
    ids: ['gpt-3.5-turbo'],
    set: { tools: true },
    reason: 'It has called functions since its version 0613; the list says that it cannot.',
    source: 'platform.openai.com, function calling',
  },
  {
    kind: 'openai',
    ids: ['o1-mini', 'o1-preview'],
    set: { sampling: 'none', reasoning: { type: 'fixed' }, tools: false, structuredOutput: false },
    reason: 'The first reasoning models had neither sampling fields nor tools nor an effort.',
    source: 'platform.openai.com, reasoning guide',
  },
  {
    kind: 'gemini',
    ids: ['gemini-3.8-flash'],
    like: 'gemini-3.7-flash',
    reason: 'Newer than the list of abilities; the Flash models of the third generation share them.',
    source: '@pydantic/genai-prices 0.1.8 for the name',
  },
  {
    kind: 'deepseek',
    ids: ['deepseek-chat', 'deepseek-reasoner'],
    set: { check: 'agrees' },
    reason:
      'Aliases of deepseek-v4-flash now, on whose price both lists agree; the second still has the old models here.',
    source: 'models.dev 2026-08-19, the rows of the three names',
  },
  {
    kind: 'moonshot',
    ids: ['kimi-k2.6'],
    set: { sampling: 'none' },
    reason: 'Kimi since K2.5 refuses any temperature but its own; the list says so for its siblings.',
    source: 'simstudioai/sim pull request 5716, July 2026',
  },
];
