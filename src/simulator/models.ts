import type { WireName } from './settings.ts';

/** What a model's name says about how its provider treats requests. */
export interface Traits {
  /**
   * `never`: no reasoning. `asked`: only when the request asks for it. `hidden`: always, counted but not shown.
   * `shown`: always, in the answer.
   */
  readonly reasoning: 'never' | 'asked' | 'hidden' | 'shown';
  /** `free`: any sampling field. `one-of`: temperature or top_p but not both. `none`: neither. */
  readonly sampling: 'free' | 'one-of' | 'none';
  /** Whether the limit of the answer must be called `max_completion_tokens` on the chat wire. */
  readonly newLimitField: boolean;
  /** Whether function calls must come back with the signature they were made with (Gemini 3). */
  readonly signsCalls: boolean;
  /** Whether reasoning must come back with the tool calls it led to (DeepSeek's thinking mode). */
  readonly echoesReasoning: boolean;
  /** Whether a trailing assistant message is continued. */
  readonly prefill: boolean;
  /** Whether a token budget for thinking is understood (else only adaptive thinking). */
  readonly thinkingBudget: boolean;
}

/** The traits of a model by its name; names that say nothing get the most permissive ones. */
export function traitsOf(model: string): Traits {
  const bare = bareName(model);
  const special = FAMILIES.find(([pattern]) => pattern.test(bare))?.[1];
  return { ...PLAIN, ...special, ...claudeTraits(bare) };
}

/** Whether a provider on this wire serves a model of this name. */
export function isKnownModel(wire: WireName, model: string, extra: readonly string[]): boolean {
  const bare = bareName(model);
  if (extra.includes(model) || bare.startsWith('sim-')) return true;
  return KNOWN[wire].some((pattern) => pattern.test(bare) || pattern.test(model));
}

/** Well-known model names, for the list of models. */
export const LISTED: { readonly [wire in WireName]: readonly string[] } = {
  chat: [
    'gpt-4.1',
    'gpt-4.1-mini',
    'gpt-4o',
    'gpt-4o-mini',
    'gpt-5',
    'gpt-5-mini',
    'o4-mini',
    'deepseek-chat',
    'text-embedding-3-small',
  ],
  messages: ['claude-sonnet-4-5', 'claude-opus-4-6', 'claude-haiku-4-5', 'claude-opus-4-8'],
  'generate-content': [
    'gemini-2.5-flash',
    'gemini-2.5-pro',
    'gemini-3-pro-preview',
    'gemini-3-flash-preview',
  ],
};

// Resellers put the maker in front: `openai/gpt-4.1`.
function bareName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).toLowerCase();
}

const PLAIN: Traits = {
  reasoning: 'asked',
  sampling: 'free',
  newLimitField: false,
  signsCalls: false,
  echoesReasoning: false,
  prefill: true,
  thinkingBudget: true,
};

const FAMILIES: readonly (readonly [name: RegExp, traits: Partial<Traits>])[] = [
  [/^gpt-5(?:\.\d+)?-chat/, { reasoning: 'never' }],
  [/^(?:o\d|gpt-[5-9])/, { reasoning: 'hidden', sampling: 'none', newLimitField: true }],
  [/^(?:gpt-|chatgpt-)/, { reasoning: 'never' }],
  [/^deepseek-(?:reasoner|r\d)/, { reasoning: 'shown', echoesReasoning: true }],
  [/^deepseek-v4/, { reasoning: 'asked', echoesReasoning: true }],
  [/^gemini-[3-9]/, { reasoning: 'hidden', signsCalls: true }],
  [/^gemini-2\.5-pro/, { reasoning: 'hidden' }],
];

const CLAUDE = /^claude-(?:(?:opus|sonnet|haiku|fable)-(\d+)(?:[-.](\d{1,2}))?(?!\d)|(\d+)[-.](\d+))/;

// Claude 4.1 to 4.6 take temperature or top_p; later models take neither, no prefill and no thinking budget.
function claudeTraits(model: string): Partial<Traits> {
  const match = CLAUDE.exec(model);
  if (match === null) return {};
  const version = Number(match[1] ?? match[3]) * 100 + Number(match[2] ?? match[4] ?? 0);
  if (version > 406) return { sampling: 'none', prefill: false, thinkingBudget: false };
  return { sampling: version >= 401 ? 'one-of' : 'free', prefill: version < 406 };
}

const DATED = '(?:-preview)?(?:-\\d{4}-\\d{2}-\\d{2}|-\\d{8}|-\\d{4})?';
const GPT_WORDS =
  'mini|nano|pro|sol|luna|terra|astra|chat|chat-latest|codex|codex-mini|codex-max|codex-spark';
const KNOWN_CLAUDE = new RegExp(
  `^claude-(?:(?:opus|sonnet|haiku|fable)-\\d+(?:[-.]\\d{1,2})?|\\d+(?:[-.]\\d+)?-(?:opus|sonnet|haiku))(?:-latest)?${DATED}$`,
);
const KNOWN_GEMINI =
  /^(?:gemini-\d+(?:\.\d+)?-(?:flash|pro)(?:-lite|-preview|-exp|-latest|-image|-vision|-customtools)*(?:-\d{2,3}(?:-\d{2,4})?)?|gemini-[a-z]+-[\w.-]+|gemini-pro|gemma-\d[\w.-]*)$/;

const KNOWN: { readonly [wire in WireName]: readonly RegExp[] } = {
  chat: [
    new RegExp(`^gpt-3\\.5(?:-turbo)?(?:-16k|-instruct)?${DATED}$`),
    new RegExp(
      `^gpt-4(?:-turbo|-32k|-vision|o|o-mini|o-audio|o-search|o-mini-search|\\.1|\\.1-mini|\\.1-nano|\\.5)?${DATED}$`,
    ),
    new RegExp(`^gpt-[5-9](?:\\.\\d+)?(?:-(?:${GPT_WORDS}))?${DATED}$`),
    new RegExp(
      `^(?:chatgpt-4o-latest|gpt-chat-latest|codex-mini|o[134](?:-mini|-pro)?(?:-deep-research)?)${DATED}$`,
    ),
    /^gpt-oss-\d+b(?::\w+)?$/,
    /^text-embedding-(?:3-small|3-large|ada-002)$/,
    /^deepseek-(?:chat|reasoner|coder|r\d|v\d)[\w.:-]*$/,
    // Marketplaces (`vendor/model`) and open models go by too many names to list.
    /^[\w.-]+\/[\w.:-]+$/,
    /^(?:llama|meta-llama|mistral|ministral|mixtral|open-mi|codestral|devstral|magistral|pixtral|voxtral|qwen|qwq|qvq|grok|kimi|moonshot|glm|command|sonar|minimax|gemma|phi|nova|ernie|hunyuan|step|mimo|seed|nemotron|granite|olmo|jamba|yi|hermes|zai|labs|text-embedding|bge|e5)[\w.:@-]*$/,
    KNOWN_CLAUDE,
    KNOWN_GEMINI,
  ],
  messages: [KNOWN_CLAUDE],
  'generate-content': [KNOWN_GEMINI],
};
