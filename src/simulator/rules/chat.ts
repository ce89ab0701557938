import { CHAT_MESSAGE_RULES } from './chat-messages.ts';
import { CHAT_PARAMETER_RULES } from './chat-parameters.ts';
import { CHAT_TOOL_RULES } from './chat-tools.ts';
import type { Rule } from './rule.ts';

/** What OpenAI's chat wire refuses, and the providers that speak it. */
export const CHAT_RULES: readonly Rule[] = [
  ...CHAT_PARAMETER_RULES,
  ...CHAT_MESSAGE_RULES,
  ...CHAT_TOOL_RULES,
];
