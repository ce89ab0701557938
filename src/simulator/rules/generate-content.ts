import { GENERATE_CONTENT_SETTING_RULES } from './generate-content-settings.ts';
import { GENERATE_CONTENT_TURN_RULES } from './generate-content-turns.ts';
import { unknownField } from './generate-content-unknown.ts';
import type { Rule } from './rule.ts';

/** What Google's generateContent wire refuses. */
export const GENERATE_CONTENT_RULES: readonly Rule[] = [
  { name: 'no field is unknown, at any depth', check: ({ body }) => unknownField(body) },
  ...GENERATE_CONTENT_SETTING_RULES,
  ...GENERATE_CONTENT_TURN_RULES,
];
