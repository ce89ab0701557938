import type { GenerateRequest } from '../spec/generate.ts';
import { inputTokens } from './answer/usage.ts';
import type { Refusal } from './refusal.ts';
import type { WireName } from './settings.ts';

/** How much a model takes and gives, in tokens. */
export interface TokenWindow {
  readonly context: number;
  readonly output: number;
}

/** The window of a model by its name; without bounds where the name says nothing. */
export function windowOf(model: string): TokenWindow {
  const bare = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return WINDOWS.find(([pattern]) => pattern.test(bare))?.[1] ?? UNBOUNDED;
}

/** Refuses a prompt that does not fit into the model, or a longer answer than it can give; null where all fits. */
export function windowRefusal(wire: WireName, model: string, request: GenerateRequest): Refusal | null {
  const { context, output } = windowOf(model);
  const tokens = inputTokens(request);
  if (tokens > context) return TOO_LONG[wire](tokens, context);
  const wanted = request.maxOutputTokens ?? 0;
  if (wanted > output) return TOO_MUCH[wire](wanted, output, model);
  return wire === 'messages' && tokens + wanted > context ? overflow(tokens, wanted, context) : null;
}

/** The refusal of a prompt with more tokens than the model takes, in each wire's words (recorded). */
export const TOO_LONG: { readonly [wire in WireName]: (tokens: number, most: number) => Refusal } = {
  chat: (tokens, most) => ({
    status: 400,
    message: `This model's maximum context length is ${most} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
    param: 'messages',
    code: 'context_length_exceeded',
  }),
  messages: (tokens, most) => ({
    status: 400,
    message: `prompt is too long: ${tokens} tokens > ${most} maximum`,
  }),
  'generate-content': (tokens, most) => ({
    status: 400,
    message: `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${most}).`,
  }),
};

const TOO_MUCH: {
  readonly [wire in WireName]: (wanted: number, most: number, model: string) => Refusal | null;
} = {
  chat: (wanted, most) => ({
    status: 400,
    message: `max_tokens is too large: ${wanted}. This model supports at most ${most} completion tokens, whereas you provided ${wanted}.`,
    param: 'max_tokens',
    code: 'invalid_value',
  }),
  messages: (wanted, most, model) => ({
    status: 400,
    message: `max_tokens: ${wanted} > ${most}, which is the maximum allowed number of output tokens for ${model}`,
  }),
  // Google takes any number and stops at its own limit.
  'generate-content': () => null,
};

// Agents read these numbers and ask again for less (claude-code-router #1799).
function overflow(tokens: number, wanted: number, context: number): Refusal {
  const message = `input length and \`max_tokens\` exceed context limit: ${tokens} + ${wanted} > ${context}, decrease input length or \`max_tokens\` and try again`;
  return { status: 400, message };
}

const UNBOUNDED: TokenWindow = { context: Infinity, output: Infinity };

/** From the providers' model pages, as the catalogue has them. */
const WINDOWS: readonly (readonly [model: RegExp, window: TokenWindow])[] = [
  [/^gpt-3\.5/, { context: 16_385, output: 4096 }],
  [/^gpt-4$/, { context: 8192, output: 8192 }],
  [/^gpt-4-turbo/, { context: 128_000, output: 4096 }],
  [/^gpt-4o/, { context: 128_000, output: 16_384 }],
  [/^gpt-4\.1/, { context: 1_047_576, output: 32_768 }],
  [/^gpt-5-pro/, { context: 400_000, output: 272_000 }],
  [/^gpt-5(?:\.[0-3])?(?:-|$)/, { context: 400_000, output: 128_000 }],
  [/^gpt-[5-9]/, { context: 1_050_000, output: 128_000 }],
  [/^o[134](?:-|$)/, { context: 200_000, output: 100_000 }],
  [/^claude-3-(?:haiku|opus|sonnet)/, { context: 200_000, output: 4096 }],
  [/^claude-3-5-sonnet/, { context: 200_000, output: 8192 }],
  [/^claude-opus-4(?:-[01]|-20\d{6})(?:-|$)/, { context: 200_000, output: 32_000 }],
  [/^claude-(?:opus|sonnet)-4[-.](?:[6-9]|\d\d)(?:-|$)/, { context: 1_000_000, output: 128_000 }],
  [/^claude-(?:opus|sonnet|haiku|3-7-sonnet)(?:-4|-20)/, { context: 200_000, output: 64_000 }],
  [/^claude-(?:opus|sonnet|fable)-[5-9]/, { context: 1_000_000, output: 128_000 }],
  [/^gemini-/, { context: 1_048_576, output: 65_536 }],
];
