import { MESSAGES_CONTENT_RULES } from './messages-content.ts';
import { MESSAGES_PARAMETER_RULES } from './messages-parameters.ts';
import { MESSAGES_THINKING_RULES } from './messages-thinking.ts';
import { MESSAGES_TURN_RULES } from './messages-turns.ts';
import type { Rule } from './rule.ts';

/** What Anthropic's Messages wire refuses. */
export const MESSAGES_RULES: readonly Rule[] = [
  ...MESSAGES_PARAMETER_RULES,
  ...MESSAGES_TURN_RULES,
  ...MESSAGES_CONTENT_RULES,
  ...MESSAGES_THINKING_RULES,
];
