/** Sizes that a provider told when it refused a prompt for its length, where it told them. */
export interface Overflow {
  readonly tokens?: number;
  readonly tokensMax?: number;
}

/**
 * Whether a message says that the prompt does not fit into the model, and the sizes it tells; null where it says something
 * else. Every provider has its own words, so this is the one place that knows them; codes are looked at before wording.
 */
export function contextOverflow(message: string): Overflow | null {
  if (THROTTLING.test(message) || !OVERFLOW.test(message)) return null;
  return { ...sizeIn(message, TOKENS, 'tokens'), ...sizeIn(message, LIMITS, 'tokensMax') };
}

// Bedrock throttles with "Too many tokens, please wait before trying again", which is no overflow.
const THROTTLING = /please wait before|tokens per (?:minute|day)|rate limit/i;

const OVERFLOW = new RegExp(
  [
    'maximum context length', // OpenAI, DeepSeek, OpenRouter, vLLM, Mistral
    'exceeds the context window', // OpenAI Responses
    'context[_ ]length[_ ]exceeded',
    'prompt is too long', // Anthropic
    "exceed(?:s|ed)? (?:the )?(?:available |model's )?context (?:limit|size|window|length)", // Anthropic, llama.cpp
    'input token count.{0,40}exceeds', // Gemini
    'input tokens exceeded|number of input tokens exceeds', // Bedrock
    'too many tokens: size limit exceeded', // Cohere
    'too_many_(?:prompt_)?tokens', // Perplexity, Cohere
    'exceeds? (?:the )?maximum (?:number of )?(?:input |prompt )?(?:tokens|length)',
    'too large for model with \\d+ maximum context', // Mistral
    'reduce the length of the (?:messages|prompt|input)',
    'exceed_context_size',
    'input length.{0,30}exceed', // Alibaba: Range of input length
    'range of input length should be',
    'prompt length.{0,40}exceeds',
  ].join('|'),
  'i',
);

const TOKENS: readonly RegExp[] = [
  /prompt is too long: (\d+) tokens/i,
  /messages resulted in (\d+) tokens/i,
  /you requested (?:about )?(\d+) tokens/i,
  /input token count \(?(\d+)\)?/i,
  /exceed context limit: (\d+) \+/i,
  /prompt contains (?:at least )?(\d+)/i,
  /request \((\d+) tokens\) exceeds/i,
];

const LIMITS: readonly RegExp[] = [
  /> (\d+)(?: maximum|\s*$|,|\.)/i,
  /maximum context length (?:is|of) (\d+)/i,
  /maximum number of tokens allowed \(?(\d+)\)?/i,
  /model with (\d+) maximum context/i,
  /limit for this model is (\d+)/i,
  /context size \((\d+) tokens\)/i,
];

function sizeIn<Name extends string>(
  message: string,
  patterns: readonly RegExp[],
  name: Name,
): { readonly [key in Name]?: number } {
  const result: { [key in Name]?: number } = {};
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    if (found === undefined) continue;
    result[name] = Number(found);
    break;
  }
  return result;
}
