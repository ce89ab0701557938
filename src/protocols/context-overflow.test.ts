import { describe, expect, it } from 'vitest';
import { contextOverflow } from './context-overflow.ts';

describe('contextOverflow', () => {
  it.each([
    ['prompt is too long: 213462 tokens > 200000 maximum', { tokens: 213_462, tokensMax: 200_000 }],
    [
      'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length',
      { tokens: 190_000, tokensMax: 200_000 },
    ],
    [
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 140021 tokens.",
      { tokens: 140_021, tokensMax: 128_000 },
    ],
    [
      "This model's maximum context length is 1048565 tokens. However, you requested 1250025 tokens (1250025 in the messages, 0 in the completion).",
      { tokens: 1_250_025, tokensMax: 1_048_565 },
    ],
    [
      'The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).',
      { tokens: 1_250_074, tokensMax: 1_048_576 },
    ],
    [
      'Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      { tokens: 65_673, tokensMax: 32_768 },
    ],
    ['the request exceeds the available context size. try increasing the context size', {}],
    ['Your input exceeds the context window of this model. Please adjust your input and try again.', {}],
    [
      'too many tokens: size limit exceeded by 25836 tokens. The limit for this model is 288000 tokens.',
      { tokensMax: 288_000 },
    ],
    [
      'The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length.',
      {},
    ],
  ])('reads %j', (message, sizes) => {
    expect(contextOverflow(message)).toEqual(sizes);
  });

  it.each([
    'Too many tokens, please wait before trying again.',
    'Rate limit reached on tokens per minute (TPM): Limit 30000, Used 29500, Requested 2000.',
    "Unsupported parameter: 'max_tokens' is not supported with this model.",
    'max_tokens is too large: 100000. This model supports at most 16384 completion tokens.',
  ])('does not take %j for an overflow', (message) => {
    expect(contextOverflow(message)).toBeNull();
  });
});
